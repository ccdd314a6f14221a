// `$.semantic`: entities whose texts mean something like a query.

import { type Entity, isPlainObject } from 'digital-objects'
import type { CallOptions } from '../calls/call-options.ts'
import { unexpectedAnswer } from '../calls/parse-answer.ts'
import type { Session } from '../calls/session.ts'

export interface SemanticOptions extends CallOptions {
  /** The entity type; all types without it. `filter`, `fields` and `include` need it. */
  readonly type?: string | undefined
  readonly filter?: object | undefined
  /** 1 to 100, 10 by default. */
  readonly limit?: number | undefined
  readonly fields?: readonly string[] | undefined
  readonly include?: readonly string[] | undefined
}

export interface SemanticResults {
  /** The most alike first; `$score` is the cosine, from -1 to 1. */
  readonly results: readonly (Entity & { readonly $score: number })[]
  readonly hasMore: boolean
  /** Whether the search ended before it had found enough. */
  readonly isCut: boolean
  /** Entities whose texts are not searched yet; null while the index is made again. */
  readonly pending: number | null
}

/** Rejects with `not_connected` if the tenant has no model of vectors. */
export type Semantic = (query: string, options?: SemanticOptions) => Promise<SemanticResults>

export function makeSemantic(session: () => Session): Semantic {
  return async (query, { signal, ...options } = {}) => {
    const call = { path: 'semantic', body: JSON.stringify({ query, ...options }) }
    const { body } = await session().command(signal === undefined ? call : { ...call, signal })
    if (!isPlainObject(body) || !Array.isArray(body['results'])) throw unexpectedAnswer('results')
    return body as unknown as SemanticResults // the form of the answer is the server's own
  }
}
