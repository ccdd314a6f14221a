// The commands of search by meaning, which the tenant's object answers for its routes.

import { type CommandCaller, mayDoEverything, type ServiceCommands } from '@dotdo/service'
import { assert, isPlainObject, type JsonValue, ObjectError } from 'digital-objects'
import { basisOf, type Embeddings } from './embeddings.ts'
import { notConnected, type SemanticQuery, SemanticSearch } from './semantic-search.ts'

export function semanticCommands(embeddings: Embeddings, now: () => number): ServiceCommands {
  const search = new SemanticSearch(embeddings, now)
  return {
    search: (input, by) => search.find(queryOf(input), by),
    status: (_input, by) => statusOf(embeddings, by),
  }
}

/** The route has checked it. */
function queryOf(input: JsonValue): SemanticQuery {
  assert(isPlainObject(input), 'the route sends an object')
  const { query, type, filter, limit } = input
  assert(typeof query === 'string' && typeof limit === 'number', 'the route sends a query and a limit')
  return {
    query,
    limit,
    type: typeof type === 'string' ? type : undefined,
    filter: typeof filter === 'string' ? filter : undefined,
  }
}

async function statusOf(embeddings: Embeddings, by: CommandCaller): Promise<JsonValue> {
  if (!(await mayDoEverything(by)))
    throw new ObjectError({ code: 'forbidden', message: 'the status is only for callers that may do everything' })
  const { connection, parts, use } = embeddings
  if (connection === undefined) throw notConnected()
  const vectors = parts.vectors()
  const isCurrent = vectors !== undefined && vectors.basis === basisOf(connection)
  const { entities, due, refused } = isCurrent ? vectors.counts() : { entities: 0, due: 0, refused: 0 }
  const nouns = embeddings.nounsOf(connection)
  const isBehind = !isCurrent || vectors.isBehind(nouns)
  return {
    model: connection.settings.model,
    types: nouns.map(({ name }) => name),
    dimensions: isCurrent ? (vectors.dimensions ?? null) : null,
    entities,
    pending: due,
    refused,
    isBehind,
    usedToday: { ...use.today() },
  }
}
