// Answers in the memory of one isolate: those that were asked for last stay, up to a number of bytes.

import { LruCache } from '@dotdo/db'
import type { CachedAnswer, ReadCache } from './read-cache.ts'

/** Rough bytes of an entry beside its name and body, its headers among them. */
const entryBytes = 1_000
/** No answer takes more than this share of the memory, so that a large one does not displace all others. */
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

  /** As `get`, at once: to wait for nothing costs a request more than to look. */
  peek(name: string): CachedAnswer | undefined {
    return this.#answers.get(name)
  }

  keep(name: string, answer: CachedAnswer): void {
    const bytes = name.length + answer.body.length + entryBytes
    if (bytes <= this.#answerBytesMax) this.#answers.set(name, answer, bytes)
  }
}
