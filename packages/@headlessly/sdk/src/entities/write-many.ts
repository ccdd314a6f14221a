// Many writes in one call, in full messages of which a few are under way. The server commits writes that arrive together
// as a group, but each stands on its own.

import { bodyCharactersMax, callsMax } from 'digital-objects'
import { type CallSite, errorAt } from '../base/call-site.ts'
import { Deferred } from '../base/deferred.ts'
import { HeadlesslyError } from '../base/headlessly-error.ts'
import type { PlannedCall } from '../calls/planned-call.ts'
import type { Rows } from './entity-methods.ts'

export const manyMax = 10_000

/** Messages under way: the server has one while the next one and the last answer travel. */
const messagesMax = 3
/** Writes of a slow source wait this long for others that share their message. */
const gatherMs = 10

export interface WriteManyOptions<Item> {
  /** The method, for error messages. */
  readonly what: string
  readonly site: CallSite
  /** Plans the write of an item. `at` counts from 0. */
  readonly plan: (item: Item, at: number) => PlannedCall
}

/**
 * Returns the results in the order of `items`, and takes no more items than can be sent soon. The first refusal stops all
 * items that were not sent, and is thrown once the writes under way have ended: `detail` has its index, the number of
 * writes done, and all refused ones. An error of `items` itself is thrown as it is.
 */
export async function writeMany<Item>(items: Rows<Item>, options: WriteManyOptions<Item>): Promise<unknown[]> {
  const { what, site, plan } = options
  if (!isIterable(items)) throw errorAt(noList(what, items), site)
  const count = Array.isArray(items) ? items.length : undefined
  if (count !== undefined && count > manyMax) throw tooMany(what, `got ${count}`)
  const writes = new Writes()
  const source = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]()
  let at = 0
  let isDone = false
  try {
    while (!writes.isRefused) {
      const step = source.next()
      // A list is read without waiting, so that its writes share a tick on every platform.
      const { done, value } = 'then' in step ? await step : step
      isDone = done === true
      if (isDone || at === manyMax) break
      const room = writes.add({ at, planned: plan(value as Item, at) })
      at++
      if (room !== undefined) await room
    }
  } finally {
    await writes.end()
    if (!isDone) await source.return?.()
  }
  if (writes.isRefused) throw errorAt(writes.refusal({ what, count }), site)
  if (!isDone) throw errorAt(tooMany(what, `got more, of which ${writes.results.length} were written`), site)
  return writes.results
}

export function tooMany(what: string, got: string): HeadlesslyError {
  const message = `${what} takes at most ${manyMax} at a time, ${got}`
  return new HeadlesslyError({ code: 'invalid_limit', field: 'limit', message })
}

function isIterable(items: unknown): boolean {
  return typeof items === 'object' && items !== null && (Symbol.iterator in items || Symbol.asyncIterator in items)
}

function noList(what: string, items: unknown): HeadlesslyError {
  const message = `${what} expects a list of rows, or an iterable of them, got ${items === null ? 'null' : typeof items}`
  return new HeadlesslyError({ code: 'invalid_body', field: 'body', message })
}

interface PlannedWrite {
  readonly at: number
  readonly planned: PlannedCall
}

interface Failure {
  readonly at: number
  readonly error: unknown
}

/** Gathers writes into messages. */
class Writes {
  readonly results: unknown[] = []
  readonly #failures: Failure[] = []
  #written = 0
  #gathered: PlannedWrite[] = []
  #characters = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  #underWay = 0
  /** Resolves when the next message has ended. */
  #messageEnd = new Deferred<void>()

  get isRefused(): boolean {
    return this.#failures.length > 0
  }

  /** If no further message may be sent now, returns a promise to wait for before the next call. */
  add(write: PlannedWrite): Promise<void> | undefined {
    const { call } = write.planned
    const size = call.kind === 'write' ? call.body.length : 0
    if (this.#characters + size > bodyCharactersMax) this.#send()
    this.#gathered.push(write)
    this.#characters += size
    if (this.#gathered.length === callsMax) this.#send()
    else this.#timer ??= setTimeout(() => this.#send(), gatherMs)
    return this.#underWay < messagesMax ? undefined : this.#messageEnd.promise
  }

  /** Resolves when all writes have ended. After a refusal, those gathered meanwhile are not sent. */
  async end(): Promise<void> {
    if (this.isRefused) this.#gathered = []
    this.#send()
    while (this.#underWay > 0) await this.#messageEnd.promise
  }

  #send(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const message = this.#gathered
    this.#gathered = []
    this.#characters = 0
    if (message.length > 0 && !this.isRefused) void this.#sendMessage(message)
  }

  async #sendMessage(message: readonly PlannedWrite[]): Promise<void> {
    this.#underWay++
    await Promise.all(message.map((write) => this.#write(write)))
    this.#underWay--
    const ended = this.#messageEnd
    this.#messageEnd = new Deferred()
    ended.resolve()
  }

  async #write({ at, planned }: PlannedWrite): Promise<void> {
    try {
      this.results[at] = (await planned.answer()).body
      this.#written++
    } catch (error) {
      this.#failures.push({ at, error })
    }
  }

  /** Returns the refusal of the first refused item. An error that is no refusal, such as an abort, stays as it is. */
  refusal({ what, count }: { readonly what: string; readonly count: number | undefined }): unknown {
    const failures = this.#failures.toSorted((one, other) => one.at - other.at)
    const [{ at, error } = { at: 0, error: undefined }] = failures
    if (!(error instanceof HeadlesslyError)) return error
    const { code, field, errors, status, requestId, detail } = error
    const of = count === undefined ? '' : ` of ${count}`
    return new HeadlesslyError({
      code,
      errors,
      ...(field === undefined ? {} : { field }),
      ...(status === undefined ? {} : { status }),
      ...(requestId === undefined ? {} : { requestId }),
      detail: { ...detail, index: at, written: this.#written, refused: failures.map(toRefused) },
      message: `${what}: number ${at}${of} was not written, ${this.#written} others were: ${error.message}`,
      cause: error,
    })
  }
}

/** At most the writes under way are refused together. */
function toRefused({ at, error }: Failure): {
  readonly index: number
  readonly code: string
  readonly message: string
} {
  const code = error instanceof HeadlesslyError ? error.code : 'aborted'
  return { index: at, code, message: error instanceof Error ? error.message : String(error) }
}
