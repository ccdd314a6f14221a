// Many writes in one call. The server commits writes that arrive together as a group, but each stands on its own.

import { callsMax } from 'digital-objects'
import { HeadlesslyError } from '../base/headlessly-error.ts'

/** Concurrent writes: as many as one message holds. The next ones start as answers arrive. */
const concurrentMax = callsMax
export const manyMax = 10_000

/**
 * Runs in the order of `items`. The first refusal stops all items that were not started, and is thrown once the pending
 * ones have ended; its message contains the number of writes done.
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
  await Promise.all(Array.from({ length: Math.min(concurrentMax, items.length) }, work))
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
