// Many writes under one call. The server groups those that arrive together into one commit; each stands by itself.

import { callsMax } from 'digital-objects'
import { HeadlesslyError } from '../base/headlessly-error.ts'

/** As many as one message holds; the next begin as answers come. */
const atOnceMax = callsMax
export const manyMax = 10_000

/**
 * In the order of `items`. The first that is refused stops those that were not begun, and is what is thrown when those
 * under way have ended; its message tells how many were written.
 */
export async function writeMany<Item, Result>(
  items: readonly Item[],
  options: { readonly what: string; readonly write: (item: Item, at: number) => Promise<Result> },
): Promise<Result[]> {
  const { what, write } = options
  if (items.length > manyMax) throw tooMany(what, items.length)
  const results: Result[] = []
  const failures: { readonly at: number; readonly error: unknown }[] = []
  let [next, written] = [0, 0]
  const work = async (): Promise<void> => {
    while (next < items.length && failures.length === 0) {
      const at = next++
      try {
        results[at] = await write(items[at] as Item, at)
        written++
      } catch (error) {
        failures.push({ at, error })
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnceMax, items.length) }, work))
  const [failure] = failures
  if (failure === undefined) return results
  if (!(failure.error instanceof HeadlesslyError)) throw failure.error
  const { code, field, errors, status, requestId, detail, message } = failure.error
  throw new HeadlesslyError({
    code,
    errors,
    ...(field === undefined ? {} : { field }),
    ...(status === undefined ? {} : { status }),
    ...(requestId === undefined ? {} : { requestId }),
    detail: { ...detail, index: failure.at, written },
    message: `${what}: number ${failure.at} of ${items.length} was not written, ${written} others were: ${message}`,
    cause: failure.error,
  })
}

export function tooMany(what: string, count: number): HeadlesslyError {
  const message = `${what} takes at most ${manyMax} at a time, got ${count}`
  return new HeadlesslyError({ code: 'invalid_limit', field: 'limit', message })
}
