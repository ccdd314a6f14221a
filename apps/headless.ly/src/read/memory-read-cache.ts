// Cached answers in the memory of one isolate: the most recently used ones, up to a number of bytes.

import { LruCache } from '@dotdo/db'
import type { CachedAnswer, ReadCache } from './read-cache.ts'

/** Approximate bytes of an entry beside its name and body, including its headers. */
const entryBytes = 1_000
/** The largest share of the memory for one answer, so that it does not displace all others. */
const shareMax = 1 / 16

export class MemoryReadCache implements ReadCache {
  readonly #answers: LruCache<CachedAnswer>
  readonly #answerBytesMax: number

  constructor(bytesMax: number) {
    this.#answers = new LruCache(bytesMax)
    this.#answerBytesMax = bytesMax * shareMax
  }

  async get(name: string): Promise<CachedAnswer | undefined> {
    return this.peek(name)
  }

  async put(name: string, answer: CachedAnswer): Promise<void> {
    this.keep(name, answer)
  }

  /** Like `get`, but synchronous: awaiting would cost more than the look-up. */
  peek(name: string): CachedAnswer | undefined {
    return this.#answers.get(name)
  }

  /** Drops the answers whose names match. */
  drop(isDropped: (name: string) => boolean): void {
    for (const name of this.#answers.keys()) if (isDropped(name)) this.#answers.delete(name)
  }

  keep(name: string, answer: CachedAnswer): void {
    const bytes = name.length + answer.body.length + entryBytes
    if (bytes <= this.#answerBytesMax) this.#answers.set(name, answer, bytes)
  }
}
