// An object store that fails on purpose, as real stores do. Tests use it under the code that has to survive this.

import { seededRandom } from '../base/seeded-random.ts'
import type { ByteRange, ObjectStore } from './object-store.ts'

/** Each rate is the probability per call, from 0 to 1. An omitted rate is 0. */
export interface Faults {
  /** The call throws and does nothing. */
  readonly failRate?: number
  /**
   * The call throws after it has taken effect, which the caller cannot know. A `delete` removes only the first half of
   * its keys.
   */
  readonly halfRate?: number
  /**
   * The call takes `lateMs` longer, partly before and partly after it takes effect, so that later calls overtake it.
   */
  readonly lateRate?: number
  readonly lateMs?: number
}

/** An injected failure. The class tells it from failures of the wrapped store. */
export class StoreFault extends Error {
  override readonly name = 'StoreFault'
}

export class FaultyObjectStore implements ObjectStore {
  /** While true, every call throws, including calls that are in their delay at that moment. */
  isDown = false
  readonly #store: ObjectStore
  #faults: Required<Faults>
  readonly #random: () => number
  readonly #sleep: (ms: number) => Promise<void>

  /** The same seed and the same order of calls produce the same faults. */
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

  /** Ends all faults. */
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

  stat(key: string): ReturnType<ObjectStore['stat']> {
    return this.#call('head', () => this.#store.stat(key))
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
    // Draws all numbers before the first await, so that the n-th call meets the same fault however calls overlap.
    const [fail, half, late, share] = [this.#random(), this.#random(), this.#random(), this.#random()]
    const { failRate, halfRate, lateRate, lateMs } = this.#faults
    const waitMs = late < lateRate ? lateMs : 0
    if (waitMs > 0) await this.#sleep(waitMs * share)
    if (this.isDown) throw new StoreFault(`${name}: the store is down`)
    if (fail < failRate) throw new StoreFault(`${name}: failed before it took effect`)
    const isHalf = half < halfRate
    const result = await run(isHalf)
    if (waitMs > 0) await this.#sleep(waitMs * (1 - share))
    if (this.isDown) throw new StoreFault(`${name}: the store went down before it answered`)
    if (isHalf) throw new StoreFault(`${name}: failed after it took effect`)
    return result
  }
}
