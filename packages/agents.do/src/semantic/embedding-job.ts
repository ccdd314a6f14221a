// Keeps the index of vectors up to date: it follows the log after commits, has vectors made of new texts, a few at a time, and
// deletes the index when the connection has ended or has another model. What was stored is never asked for again.

import type { DueText, Job, RetryRule, Settled, VectorIndex } from '@dotdo/service'
import type { EmbedderConnection } from '../model/model-of.ts'
import { ModelRefused } from '../model/model.ts'
import { basisOf, type Embeddings } from './embeddings.ts'

/** Texts of one request. */
const textsMax = 32
const charactersMax = 60_000
/** A step ends after this long, so that its progress shows and settings count. */
const stepMs = 5_000
/** Texts that change together get their vectors together. */
const restMs = 500
/** A server takes it, if it takes any text. */
const plainText = 'hello'

export class EmbeddingJob implements Job {
  readonly name = 'embeddings'
  /** A model answers in real time, in a test tenant as well. */
  readonly clock = 'real'
  readonly lane = 'embeddings'
  readonly retry: RetryRule = { firstMs: 5_000, factor: 3, maxMs: 3_600_000 }
  readonly #embeddings: Embeddings
  readonly #now: () => number
  #restUntilMs = 0

  constructor(embeddings: Embeddings, now: () => number) {
    this.#embeddings = embeddings
    this.#now = now
  }

  eventAppended(_event: unknown, nowMs: number): number | undefined {
    return this.#embeddings.connection === undefined && this.#isGone ? undefined : nowMs + restMs
  }

  dueMs(nowMs: number): number | undefined {
    const vectors = this.#embeddings.parts.vectors()
    if (vectors === undefined) return undefined
    const { connection, use } = this.#embeddings
    if (connection === undefined) return vectors.isGone ? undefined : nowMs
    if (vectors.basis !== basisOf(connection)) return nowMs
    if (vectors.isBehind(this.#embeddings.nounsOf(connection))) return this.#rested(nowMs)
    if (!vectors.hasDue) return undefined
    return Math.max(this.#rested(nowMs), use.spentUntilMs(connection.settings) ?? 0)
  }

  async step(): Promise<boolean> {
    const vectors = this.#embeddings.parts.vectors()
    if (vectors === undefined) return false
    const endMs = this.#now() + stepMs
    let hasWorked = false
    while (this.#now() < endMs && (await this.#workOnce(vectors))) {
      hasWorked = true
      await othersFirst()
    }
    this.#restUntilMs = this.#now() + restMs
    return hasWorked
  }

  /** The clock may have been set back. */
  #rested(nowMs: number): number {
    return this.#restUntilMs > nowMs + restMs ? nowMs : Math.max(nowMs, this.#restUntilMs)
  }

  get #isGone(): boolean {
    return this.#embeddings.parts.vectors()?.isGone ?? true
  }

  /** Returns whether there may be more. */
  async #workOnce(vectors: VectorIndex): Promise<boolean> {
    // Settings may change between two rounds.
    const { connection, use } = this.#embeddings
    const basis = connection && basisOf(connection)
    if (vectors.basis !== basis || connection === undefined) {
      if (connection === undefined && vectors.isGone) return false
      if (vectors.clear() && basis !== undefined) vectors.begin(basis)
      return true
    }
    const nouns = this.#embeddings.nounsOf(connection)
    if (vectors.isBehind(nouns)) {
      vectors.follow(nouns)
      return true
    }
    if (use.spentUntilMs(connection.settings) !== undefined) return false
    const due = vectors.due({ limit: textsMax, charactersMax })
    if (due.length === 0) return vectors.hasDue
    const settled = await this.#made(connection, due)
    if (vectors.basis === basis) vectors.settle(settled)
    return true
  }

  /** Makes vectors of texts. A text that the server refuses, while it takes another, gets none. */
  async #made(connection: EmbedderConnection, due: readonly DueText[]): Promise<readonly Settled[]> {
    const { use } = this.#embeddings
    const embed = async (texts: readonly string[]): Promise<readonly Float32Array[]> => {
      const { vectors, tokens } = await this.#embeddings.embed(connection, texts)
      use.add(tokens, connection.settings)
      return vectors
    }
    try {
      const vectors = await embed(due.map(({ text }) => text))
      return due.map(({ noun, id, hash }, at) => ({ noun, id, hash, vector: vectors[at] ?? null }))
    } catch (error) {
      if (!(error instanceof ModelRefused) || !error.isOfInput) throw error
      const half = Math.ceil(due.length / 2)
      if (due.length > 1)
        return [
          ...(await this.#made(connection, due.slice(0, half))),
          ...(await this.#made(connection, due.slice(half))),
        ]
      await embed([plainText])
      return due.map(({ noun, id, hash }) => ({ noun, id, hash, vector: null }))
    }
  }
}

function othersFirst(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0))
}
