// `search`: the entities of a type, entities of all types by words or by meaning, or the types.

import { isPlainObject } from 'digital-objects'
import { ToolArguments } from './arguments.ts'
import { fittingPage, limitOf } from './fitting-page.ts'
import type { AskTenant } from './tenant-requests.ts'
import { acceptedBody, cutTexts, type ToolAnswer, ToolError } from './tool-answer.ts'
import { typeNamed } from './type-names.ts'

const names = ['type', 'query', 'filter', 'sort', 'limit', 'cursor', 'include', 'fields', 'asOf', 'semantic']
/** Types that are searched at a time. */
const concurrent = 6
/** Fields by which people know an entity; the first that it has is shown. */
const nameFields = ['name', 'title', 'subject', 'number', 'key', 'email', 'code', 'body']

export async function search(ask: AskTenant, given: unknown): Promise<ToolAnswer> {
  const args = new ToolArguments(given, names)
  const type = args.text('type')
  if (args.flag('semantic')) return searchByMeaning(ask, { args, type: type && (await typeNamed(ask, type)) })
  const filter = filterOf(args)
  if (type !== undefined) return searchType(ask, { args, type: await typeNamed(ask, type), filter })
  return filter === undefined ? listTypes(ask) : searchAll(ask, { args, filter })
}

type Filter = Readonly<Record<string, unknown>>

interface Page {
  readonly results: readonly unknown[]
  readonly hasMore: boolean
  readonly total?: number
  readonly cursor?: string
}

/** `query` is a shorter way to write `$text`. */
function filterOf(args: ToolArguments): Filter | undefined {
  const filter = args.object('filter')
  const query = args.text('query')
  if (query === undefined) return filter === undefined || Object.keys(filter).length === 0 ? undefined : filter
  return filter === undefined ? { $text: query } : { $and: [filter, { $text: query }] }
}

/** The most alike first, each with `$score`. There is no next page: `limit` is what a caller reads. */
async function searchByMeaning(
  ask: AskTenant,
  { args, type }: { readonly args: ToolArguments; readonly type: string | undefined },
): Promise<ToolAnswer> {
  const query = args.text('query')
  if (query === undefined) throw new ToolError('semantic needs a query: a sentence that says what to find')
  const filter = args.object('filter')
  const page = async (limit: number): Promise<Page> => {
    const parameters = {
      query,
      type,
      filter: filter === undefined ? undefined : JSON.stringify(filter),
      limit: String(limit),
      ...Object.fromEntries(['include', 'fields', 'asOf', 'sort', 'cursor'].map((name) => [name, args.text(name)])),
    }
    const { results, hasMore } = acceptedBody(await ask({ path: ['semantic'], parameters }))
    const found = Array.isArray(results) ? results : []
    return { results: found.map((entity) => cutTexts(withoutContext(entity))), hasMore: hasMore === true }
  }
  return { ...(await fittingPage(limitOf(args), page)) }
}

async function searchType(
  ask: AskTenant,
  { args, type, filter }: { readonly args: ToolArguments; readonly type: string; readonly filter: Filter | undefined },
): Promise<ToolAnswer> {
  const page = async (limit: number): Promise<Page> => {
    const body = acceptedBody(
      await ask({
        path: [type],
        parameters: {
          filter: filter === undefined ? undefined : JSON.stringify(filter),
          sort: args.text('sort'),
          limit: String(limit),
          cursor: args.text('cursor'),
          include: args.text('include'),
          fields: args.text('fields'),
          asOf: args.text('asOf'),
        },
      }),
    )
    const { results, total, hasMore, cursor } = body
    return {
      results: Array.isArray(results) ? results.map((entity) => cutTexts(withoutContext(entity))) : [],
      hasMore: hasMore === true,
      ...(typeof total === 'number' ? { total } : {}),
      ...(typeof cursor === 'string' ? { cursor } : {}),
    }
  }
  return { ...(await fittingPage(limitOf(args), page)) }
}

/** The URL of the tenant is the same in all entities. */
function withoutContext(entity: unknown): unknown {
  if (!isPlainObject(entity)) return entity
  const { $context: _, ...fields } = entity
  return fields
}

interface TypeCount {
  readonly type: string
  readonly count: number
  readonly about?: string
}

async function typesOf(ask: AskTenant): Promise<readonly TypeCount[]> {
  const { entities } = acceptedBody(await ask({ path: [] }))
  return (Array.isArray(entities) ? entities : []).filter(isPlainObject).map(({ name, count, about }) => ({
    type: String(name),
    count: Number(count),
    ...(typeof about === 'string' ? { about } : {}),
  }))
}

async function listTypes(ask: AskTenant): Promise<ToolAnswer> {
  return { results: await typesOf(ask), hasMore: false }
}

interface Line {
  readonly $type: string
  readonly $id: string
  readonly name?: string
  readonly $createdAt: string
}

async function searchAll(
  ask: AskTenant,
  { args, filter }: { readonly args: ToolArguments; readonly filter: Filter },
): Promise<ToolAnswer> {
  for (const name of ['sort', 'cursor', 'include', 'fields'])
    if (args.text(name) !== undefined) throw new ToolError(`${name} needs a type`)
  const limit = limitOf(args)
  const present = (await typesOf(ask)).filter(({ count }) => count > 0).map(({ type }) => type)
  const parameters = { filter: JSON.stringify(filter), limit: String(limit), asOf: args.text('asOf') }
  const lines: Line[] = []
  let isCut = false
  let refused: unknown
  let answered = 0
  for (let at = 0; at < present.length; at += concurrent) {
    const replies = await Promise.all(
      present.slice(at, at + concurrent).map((type) => ask({ path: [type], parameters })),
    )
    for (const reply of replies) {
      // The filter may name fields that only some types have.
      if (reply.isOk) answered++
      else if (reply.status === 400 || reply.status === 403) refused = reply
      else acceptedBody(reply)
      if (!reply.isOk) continue
      isCut ||= reply.body['hasMore'] === true
      const { results } = reply.body
      lines.push(...(Array.isArray(results) ? results : []).filter(isPlainObject).map(toLine))
    }
  }
  if (answered === 0 && refused !== undefined) acceptedBody(refused as Parameters<typeof acceptedBody>[0])
  const sorted = lines.toSorted((a, b) => b.$createdAt.localeCompare(a.$createdAt))
  return { results: sorted.slice(0, limit), hasMore: isCut || sorted.length > limit }
}

function toLine(entity: Filter): Line {
  const name = nameFields.map((field) => entity[field]).find((value) => typeof value === 'string')
  return {
    $type: String(entity['$type']),
    $id: String(entity['$id']),
    ...(typeof name === 'string' ? { name: [...name].slice(0, 80).join('') } : {}),
    $createdAt: String(entity['$createdAt']),
  }
}
