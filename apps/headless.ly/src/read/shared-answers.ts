// The answers that isolates share: near ones in the Cache API of their data centre, far ones in KV. Decision 0044 says
// which answers are worth a write to KV.

import { LruCache } from '@dotdo/db'
import type { CachedAnswer, ReadCache } from './read-cache.ts'

export interface SharedAnswersOptions {
  readonly near: ReadCache | undefined
  readonly far: ReadCache | undefined
}

export interface AnswerVisit {
  /** Whether the answer's manifest has been the current one for so long that KV may have the answer. */
  readonly isLasting: boolean
  readonly waitUntil: (work: Promise<unknown>) => void
}

/** Names of answers that this isolate has made. */
const madeMax = 10_000

export class SharedAnswers {
  readonly #options: SharedAnswersOptions
  readonly #made = new LruCache<true>(madeMax)
  /** Names of answers that KV has, or that were offered to it. */
  readonly #far = new LruCache<true>(madeMax)

  constructor(options: SharedAnswersOptions) {
    this.#options = options
  }

  async get(name: string, visit: AnswerVisit): Promise<CachedAnswer | undefined> {
    const { near, far } = this.#options
    const nearest = await near?.get(name)
    if (nearest !== undefined) {
      // The second request for it here.
      if (visit.isLasting) visit.waitUntil(this.#offer(name, nearest))
      return nearest
    }
    if (!visit.isLasting) return undefined
    const farthest = await far?.get(name)
    if (farthest === undefined) return undefined
    this.#far.set(name, true, 1)
    if (near !== undefined) visit.waitUntil(near.put(name, farthest))
    return farthest
  }

  /** For an answer that was made because `get` had none. */
  put(name: string, answer: CachedAnswer, { isLasting, waitUntil }: AnswerVisit): void {
    const { near } = this.#options
    if (near !== undefined) waitUntil(near.put(name, answer))
    if (isLasting && this.#made.get(name) === true) waitUntil(this.#offer(name, answer))
    this.#made.set(name, true, 1)
  }

  /** A read of KV costs a tenth of a write, so it is asked first. */
  async #offer(name: string, answer: CachedAnswer): Promise<void> {
    const { far } = this.#options
    if (far === undefined || this.#far.get(name) === true) return
    this.#far.set(name, true, 1)
    if ((await far.get(name)) === undefined) await far.put(name, answer)
  }
}
