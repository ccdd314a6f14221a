// `/semantic`: entities whose texts mean something like a query, the most alike first. The object ranks, and the entities are then
// read as by any other request of the caller.

import { ask, type ServiceAnswer, type ServiceRequest, type ServiceRoute } from '@dotdo/service'
import { isPlainObject, type JsonValue, ObjectError, tryParseJson } from 'digital-objects'

const names = ['query', 'type', 'filter', 'limit', 'fields', 'include'] as const
const queryCharactersMax = 2_000
const limitDefault = 10
const limitMax = 100
/** Pages in which the entities of one type are read, since a page has a limit of characters. */
const pagesMax = 100

export const semanticRoutes: readonly ServiceRoute[] = [
  {
    path: '/semantic',
    method: 'GET',
    about: 'Finds entities by the meaning of their texts: query, type, filter, limit, fields, include.',
    answer: (request) => search(request, request.parameters),
  },
  {
    path: '/semantic',
    method: 'POST',
    about: 'The same, with the parameters as JSON.',
    answer: async (request) => {
      const given = tryParseJson(await request.body())
      if (!isPlainObject(given)) throw new ObjectError({ code: 'invalid_body', message: 'the body expects an object' })
      return search(request, given)
    },
  },
  {
    path: '/semantic/status',
    method: 'GET',
    about: 'Says how far the index of vectors is, and what it has used today.',
    answer: async (request) => {
      const [unknown] = Object.keys(request.parameters)
      if (unknown !== undefined) throw wrong(unknown, 'is no parameter of the status')
      return { ok: true, body: JSON.stringify(await request.command('status', null)) }
    },
  },
]

interface RankedEntity {
  readonly noun: string
  readonly id: string
  readonly score: number
}

async function search(request: ServiceRequest, given: Readonly<Record<string, unknown>>): Promise<ServiceAnswer> {
  const asked = parse(given)
  const { fields, include, ...query } = asked
  const found = await request.command('search', query)
  // The object wrote it.
  const { ranked, ...others } = found as unknown as { readonly ranked: readonly RankedEntity[] }
  const entities = new Map<string, JsonValue>()
  for (const [noun, some] of Map.groupBy(ranked, (one) => one.noun))
    for (const [id, entity] of await read(request, { noun, ids: some.map(({ id }) => id), fields, include }))
      entities.set(id, entity)
  const results = ranked.flatMap(({ id, score }) => {
    const entity = entities.get(id)
    return isPlainObject(entity) ? [{ ...entity, $score: score }] : []
  })
  return { ok: true, body: JSON.stringify({ results, ...others }) }
}

async function read(
  request: ServiceRequest,
  of: {
    readonly noun: string
    readonly ids: readonly string[]
    readonly fields: string | null
    readonly include: string | null
  },
): Promise<readonly (readonly [id: string, entity: JsonValue])[]> {
  const { noun, ids, fields, include } = of
  const parameters: Record<string, string> = {
    filter: JSON.stringify({ $id: { $in: ids } }),
    strong: 'true',
    limit: String(limitMax),
  }
  if (fields !== null) parameters['fields'] = fields
  if (include !== null) parameters['include'] = include
  const found: (readonly [string, JsonValue])[] = []
  for (let page = 0; page < pagesMax; page++) {
    const { body } = await ask(request, { kind: 'read', read: 'find', noun, parameters: { ...parameters } })
    const { results, hasMore, cursor } = isPlainObject(body) ? body : {}
    for (const entity of Array.isArray(results) ? (results as readonly JsonValue[]) : [])
      if (isPlainObject(entity)) found.push([String(entity['$id']), entity])
    if (hasMore !== true || typeof cursor !== 'string') break
    parameters['cursor'] = cursor
  }
  return found
}

/** Throws an ObjectError that names the parameter. */
function parse(given: Readonly<Record<string, unknown>>): {
  readonly query: string
  readonly type: string | null
  readonly filter: string | null
  readonly limit: number
  readonly fields: string | null
  readonly include: string | null
} {
  if (given['asOf'] !== undefined)
    throw wrong('asOf', 'is not possible: vectors are of the present; $text in a filter searches the past')
  if (given['cursor'] !== undefined || given['sort'] !== undefined)
    throw wrong(
      given['cursor'] === undefined ? 'sort' : 'cursor',
      'is not possible: the most alike come first, up to limit',
    )
  const unknown = Object.keys(given).find((name) => !names.some((known) => known === name))
  if (unknown !== undefined) throw wrong(unknown.slice(0, 64), `is unknown: the parameters are ${names.join(', ')}`)
  const query = given['query']
  if (typeof query !== 'string' || query.trim() === '' || query.length > queryCharactersMax)
    throw wrong('query', `expects a text of 1 to ${queryCharactersMax} characters`)
  const type = textOf(given, 'type')
  const filter = filterOf(given['filter'])
  if (type === null)
    for (const [name, value] of Object.entries({
      filter,
      fields: given['fields'] ?? null,
      include: given['include'] ?? null,
    }))
      if (value !== null) throw wrong(name, 'needs a type')
  return {
    query: query.toWellFormed(),
    type,
    filter,
    limit: limitOf(given['limit']),
    fields: textOf(given, 'fields'),
    include: textOf(given, 'include'),
  }
}

function textOf(given: Readonly<Record<string, unknown>>, name: string): string | null {
  const value = given[name]
  if (value === undefined || value === null) return null
  if (typeof value === 'string' && value !== '') return value
  if (Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'string'))
    return value.join(',')
  throw wrong(name, 'expects a text')
}

/** A filter is JSON in a URL, and an object in a body. */
function filterOf(value: unknown): string | null {
  if (value === undefined || value === null) return null
  if (typeof value === 'string') return value
  if (isPlainObject(value)) return JSON.stringify(value)
  throw wrong('filter', 'expects an object')
}

function limitOf(value: unknown): number {
  if (value === undefined || value === null) return limitDefault
  const limit = typeof value === 'string' && /^\d{1,4}$/.test(value) ? Number(value) : value
  if (typeof limit === 'number' && Number.isInteger(limit) && limit >= 1 && limit <= limitMax) return limit
  throw new ObjectError({
    code: 'invalid_limit',
    field: 'limit',
    message: `limit expects an integer from 1 to ${limitMax}`,
  })
}

function wrong(field: string, what: string): ObjectError {
  return new ObjectError({ code: 'invalid_parameter', field, message: `${field} ${what}` })
}
