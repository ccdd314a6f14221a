// An object store that fails as real ones do, on purpose: an instrument for tests of what stands on top of it.

import type { ByteRange, ObjectStore } from './object-store.ts'

/** Each rate is the chance of a call, from 0 to 1; what is left out does not happen. */
export interface Faults {
  /** Throws and has done nothing. */
  readonly failRate?: number
  /** Throws and has done it, which the caller cannot know; of the keys of a `delete` only the first half is gone. */
  readonly halfRate?: number
  /** Takes `lateMs` longer, some of it before and some after doing it: later calls overtake it. */
  readonly lateRate?: number
  readonly lateMs?: number
}

/** A failure that was made, told apart from those of the store below. */
export class StoreFault extends Error {
  override readonly name = 'StoreFault'
}

export class FaultyObjectStore implements ObjectStore {
  /** While it is true every call throws, those as well that are late at that moment. */
  isDown = false
  readonly #store: ObjectStore
  #faults: Required<Faults>
  readonly #random: () => number
  readonly #sleep: (ms: number) => Promise<void>

  /** The same seed and the same order of calls give the same faults. */
  constructor(
    store: ObjectStore,
    options: Faults & { readonly seed: number; readonly sleep?: (ms: number) => Promise<void> },
  ) {
    const { failRate = 0, halfRate = 0, lateRate = 0, lateMs = 0 } = options
    this.#store = store
    this.#faults = { failRate, halfRate, lateRate, lateMs }
    this.#random = seededRandom(options.seed)
    this.#sleep = options.sleep ?? ((ms) => new Promise((resolve) => setTimeout(resolve, ms)))
  }

  /** From here on it works. */
  heal(): void {
    this.isDown = false
    this.#faults = { failRate: 0, halfRate: 0, lateRate: 0, lateMs: 0 }
  }

  get(key: string, range?: ByteRange): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return this.#call('get', () => this.#store.get(key, range))
  }

  head(key: string): Promise<number | undefined> {
    return this.#call('head', () => this.#store.head(key))
  }

  put(key: string, bytes: Uint8Array, options: { readonly ifAbsent: boolean }): Promise<boolean> {
    return this.#call('put', () => this.#store.put(key, bytes, options))
  }

  delete(keys: readonly string[]): Promise<void> {
    return this.#call('delete', (isHalf) => this.#store.delete(isHalf ? keys.slice(0, keys.length / 2) : keys))
  }

  list(options: {
    readonly prefix: string
    readonly after?: string
    readonly limit: number
  }): ReturnType<ObjectStore['list']> {
    return this.#call('list', () => this.#store.list(options))
  }

  sync(keys: readonly string[]): Promise<void> {
    return this.#call('sync', () => this.#store.sync(keys))
  }

  async #call<Result>(name: string, run: (isHalf: boolean) => Promise<Result>): Promise<Result> {
    // All are drawn at once, before anything awaits: the n-th call has the same fate however calls overlap.
    const [fail, half, late, share] = [this.#random(), this.#random(), this.#random(), this.#random()]
    const { failRate, halfRate, lateRate, lateMs } = this.#faults
    const waitMs = late < lateRate ? lateMs : 0
    if (waitMs > 0) await this.#sleep(waitMs * share)
    if (this.isDown) throw new StoreFault(`${name}: the store is down`)
    if (fail < failRate) throw new StoreFault(`${name}: failed before it was done`)
    const isHalf = half < halfRate
    const result = await run(isHalf)
    if (waitMs > 0) await this.#sleep(waitMs * (1 - share))
    if (this.isDown) throw new StoreFault(`${name}: the store went down before it could answer`)
    if (isHalf) throw new StoreFault(`${name}: failed after it was done`)
    return result
  }
}

/** mulberry32: numbers from 0 to below 1. */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
