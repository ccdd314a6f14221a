// A search by meaning, in the tenant's object: a vector of the query, the ranking, and of it what the caller sees. Entities that the
// caller may not see decide nothing: the ranking is read on until there are enough others.

import type { CommandCaller, Ranked, Ranking } from '@dotdo/service'
import { type JsonValue, ObjectError } from 'digital-objects'
import type { EmbedderConnection } from '../model/model-of.ts'
import { ModelRefused } from '../model/model.ts'
import { basisOf, type Embeddings } from './embeddings.ts'

export interface SemanticQuery {
  readonly query: string
  /** The type is undefined for a search among all. */
  readonly type: string | undefined
  readonly filter: string | undefined
  readonly limit: number
}

/** Entities that are looked at together. A filter may list as many ids. */
const togetherMax = 1_000
/** A search that finds few ends after this long. */
const searchMs = 5_000
/** Queries whose vectors are remembered: pages and types of one search have the same. */
const rememberedMax = 32

export class SemanticSearch {
  readonly #embeddings: Embeddings
  readonly #now: () => number
  readonly #remembered = new Map<string, Float32Array>()

  constructor(embeddings: Embeddings, now: () => number) {
    this.#embeddings = embeddings
    this.#now = now
  }

  async find(asked: SemanticQuery, by: CommandCaller): Promise<JsonValue> {
    const connection = this.#embeddings.connection
    if (connection === undefined) throw notConnected()
    const { type, filter, limit } = asked
    // An unknown type and a wrong filter cost nothing.
    if (type !== undefined) await by.matchingIds({ noun: type, ids: [], filter })
    const nouns = this.#searched(connection, asked, by)
    if (nouns.length === 0) return { ranked: [], hasMore: false, isCut: false, pending: 0 }
    const vector = await this.#vectorOf(connection, asked.query, by)
    const vectors = this.#embeddings.parts.vectors()
    const ranking = await this.#embeddings.parts.rank(nouns, vector)
    const { found, isCut } = await this.#visible(ranking, { by, filter, limit: limit + 1 })
    const ranked = found.slice(0, limit).map(({ noun, id, score }) => ({ noun, id, score: rounded(score) }))
    return { ranked, hasMore: found.length > limit, isCut, pending: pendingOf(vectors, basisOf(connection)) }
  }

  /** Throws an ObjectError for a type that has no vectors, or of which the caller does not read all texts. */
  #searched(
    connection: EmbedderConnection,
    { type }: SemanticQuery,
    { searchesAllFields }: CommandCaller,
  ): readonly string[] {
    const nouns = this.#embeddings.nounsOf(connection).map(({ name }) => name)
    if (type === undefined) return nouns.filter(searchesAllFields)
    if (!nouns.includes(type)) {
      const message = `${type} has no texts that are searched by meaning: see the setting model.embeddings.types`
      throw new ObjectError({ code: 'invalid_parameter', field: 'type', message })
    }
    if (searchesAllFields(type)) return [type]
    const message = `a search by meaning reads all texts of ${type}, and some of its fields are hidden from you; use $text in a filter`
    throw new ObjectError({ code: 'forbidden', field: 'type', message })
  }

  async #vectorOf(connection: EmbedderConnection, query: string, by: CommandCaller): Promise<Float32Array> {
    const key = JSON.stringify([basisOf(connection), query])
    const known = this.#remembered.get(key)
    if (known !== undefined) return known
    const { use, parts } = this.#embeddings
    const acting = parts.actAs(by.key ?? by.who)
    acting.requireBudget()
    use.require(connection.settings)
    try {
      const { vectors, tokens } = await this.#embeddings.embed(connection, [query])
      acting.spend(use.add(tokens, connection.settings))
      const [vector] = vectors
      if (vector === undefined) throw new Error('a text has a vector')
      if (this.#remembered.size >= rememberedMax) this.#remembered.delete([...this.#remembered.keys()][0] ?? '')
      this.#remembered.set(key, vector)
      return vector
    } catch (error) {
      if (!(error instanceof ModelRefused)) throw error
      throw failed(error)
    }
  }

  async #visible(
    ranking: Ranking,
    { by, filter, limit }: { readonly by: CommandCaller; readonly filter: string | undefined; readonly limit: number },
  ): Promise<{ readonly found: readonly Ranked[]; readonly isCut: boolean }> {
    const endMs = this.#now() + searchMs
    const found: Ranked[] = []
    for (let together = limit; ; together = Math.min(together * 4, togetherMax)) {
      const next = ranking.next(together)
      const byNoun = Map.groupBy(next, ({ noun }) => noun)
      const visible = new Set<string>()
      for (const [noun, some] of byNoun)
        for (const id of await by.matchingIds({ noun, ids: some.map(({ id }) => id), filter })) visible.add(id)
      found.push(...next.filter(({ id }) => visible.has(id)).slice(0, limit - found.length))
      if (found.length === limit || next.length < together) return { found, isCut: false }
      if (this.#now() > endMs) return { found, isCut: true }
    }
  }
}

function pendingOf(vectors: ReturnType<Embeddings['parts']['vectors']>, basis: string): number | null {
  // An index that is being made again does not know yet.
  return vectors?.basis === basis ? vectors.dueCount : null
}

/** Floats have about seven digits. */
function rounded(score: number): number {
  return Math.round(score * 1e6) / 1e6
}

export function notConnected(): ObjectError {
  return new ObjectError({
    code: 'not_connected',
    field: 'model',
    message:
      'this tenant has no model that makes vectors of texts: name one in the setting model.embeddings, or search words with $text',
    detail: { connection: 'model' },
  })
}

function failed(error: ModelRefused): ObjectError {
  const message = `the model gave no vector of the query: ${error.message}; a filter with $text needs none`
  if (error.isOfInput) return new ObjectError({ code: 'invalid_parameter', field: 'query', message })
  const { retryAfterMs } = error
  const detail = retryAfterMs === undefined ? {} : { retryAfterSeconds: Math.ceil(retryAfterMs / 1_000) }
  return new ObjectError({ code: error.isPermanent ? 'not_connected' : 'overloaded', field: 'model', message, detail })
}
