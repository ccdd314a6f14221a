// A call to read, answered from the tenant's store: now, or as of a moment.

import { type LogRow, logRowToText, type TenantStore, withContext } from '@dotdo/do'
import {
  isEntityIdOf,
  type NounLookup,
  type NounSchema,
  ObjectError,
  parseEventId,
  parseEventPattern,
} from 'digital-objects'
import type { ReadCall } from './call.ts'
import { diffVersions } from './diff.ts'
import { checkId, findNoun } from './find-noun.ts'
import { nounsToOpenApi } from './openapi.ts'
import { parseCount, refuseOthers } from './parameters.ts'
import { countBody, entityBody, pageBody } from './read-body.ts'
import { parseCountCall, parseFind, parseGet } from './read-request.ts'
import { Reader } from './reader.ts'
import { nounToSchemaOutput } from './schema-output.ts'

/** What a read came to, as JSON text. */
export interface ReadResult {
  readonly body: string
  readonly source: 'object' | 'log'
  /** The entity's `$version`, where the body is one whole entity as it is now. */
  readonly version?: number
}

export interface ReadParts {
  readonly store: TenantStore
  readonly lookup: NounLookup
  readonly schemas: () => readonly NounSchema[]
}

export function answerRead(parts: ReadParts, call: ReadCall): ReadResult {
  switch (call.read) {
    case 'get':
      return get(parts, call)
    case 'find':
      return find(parts, call)
    case 'count':
      return count(parts, call)
    case 'history':
      return history(parts, call)
    case 'diff':
      return diff(parts, call)
    case 'events':
      return events(parts, call)
    case 'event':
      return event(parts, call)
    case 'schema':
      return schema(parts, call)
    case 'openapi': {
      const document = nounsToOpenApi({ nouns: surfaced(parts, call.only), tenantUrl: call.context })
      return { body: JSON.stringify(document), source: 'object' }
    }
    default:
      return unreachable(call)
  }
}

type Of<Read extends ReadCall['read']> = Extract<ReadCall, { readonly read: Read }>

function get(parts: ReadParts, call: Of<'get'>): ReadResult {
  const request = parseGet(call, parts.lookup)
  const { noun, id } = request
  if (request.isPlain) return getPlain(parts, { noun, id, context: call.context })
  const reader = makeReader(parts, { context: call.context, asOfMs: request.asOfMs })
  const version = reader.get(noun, id)
  if (version === undefined) throw notFound(noun, id)
  const body = entityBody({ reader, lookup: parts.lookup, noun, shape: request.shape }, version)
  return { body, source: reader.source }
}

function getPlain(parts: ReadParts, options: { noun: NounSchema; id: string; context: string }): ReadResult {
  const { noun, id, context } = options
  const table = parts.store.state.table(noun.name)
  const found = table === undefined ? undefined : parts.store.presentText(table, id)
  if (found === undefined) throw notFound(noun, id)
  return {
    body: withContext({ type: `${noun.name}.`, data: found.text }, context),
    source: 'object',
    version: found.version,
  }
}

function find(parts: ReadParts, call: Of<'find'>): ReadResult {
  const request = parseFind(call, parts.lookup)
  const { noun, shape } = request
  const reader = makeReader(parts, { context: call.context, asOfMs: request.asOfMs })
  const page = reader.find(request, call.tenant)
  return { body: pageBody({ reader, lookup: parts.lookup, noun, shape }, page), source: reader.source }
}

function count(parts: ReadParts, call: Of<'count'>): ReadResult {
  const { noun, filter, asOfMs } = parseCountCall(call, parts.lookup)
  const reader = makeReader(parts, { context: call.context, asOfMs })
  return { body: countBody(reader.count(noun, filter)), source: reader.source }
}

function history(parts: ReadParts, call: Of<'history'>): ReadResult {
  const noun = findNoun(parts.lookup, call.noun)
  checkId(noun, call.id)
  refuseOthers(call.parameters, ['after', 'limit', 'strong'])
  const limit = parseCount(call.parameters, { name: 'limit', fallback: 25, min: 1, max: 1_000, code: 'invalid_limit' })
  const after = parseCount(call.parameters, { name: 'after', fallback: 0, min: 0, max: Number.MAX_SAFE_INTEGER })
  const { rows, hasMore } = entityPage(parts, { noun, id: call.id, after, limit })
  if (rows.length === 0 && after === 0) throw notFound(noun, call.id)
  return {
    body: eventPage(rows, { hasMore, context: call.context }),
    source: 'log',
  }
}

/** One page of an entity's events; what is too large for it is left for the next. */
function entityPage(
  parts: ReadParts,
  options: { noun: NounSchema; id: string; after: number; limit: number },
): { readonly rows: readonly LogRow[]; readonly hasMore: boolean } {
  const { noun, limit } = options
  const table = parts.store.state.table(noun.name)
  if (table === undefined || !parts.store.isReady) return { rows: [], hasMore: false }
  const seqs = parts.store.state.eventSeqs(table, { ...options, limit: limit + 1 })
  const rows = parts.store.events.many(seqs.slice(0, limit))
  return { rows, hasMore: rows.length < seqs.length }
}

function eventPage(
  rows: readonly LogRow[],
  options: { hasMore: boolean; context: string; readThrough?: number },
): string {
  const cursor = options.readThrough ?? rows.at(-1)?.seq
  const texts = rows.map((row) => logRowToText(row, options.context))
  return `{"results":[${texts.join(',')}],"hasMore":${options.hasMore},"cursor":${options.hasMore && cursor !== undefined ? `"${cursor}"` : 'null'}}`
}

function diff(parts: ReadParts, call: Of<'diff'>): ReadResult {
  const noun = findNoun(parts.lookup, call.noun)
  checkId(noun, call.id)
  refuseOthers(call.parameters, ['from', 'to', 'strong'])
  return {
    body: JSON.stringify(
      diffVersions(parts, { noun, id: call.id, parameters: call.parameters, context: call.context }),
    ),
    source: 'log',
  }
}

function events(parts: ReadParts, call: Of<'events'>): ReadResult {
  const { parameters } = call
  refuseOthers(parameters, ['after', 'cursor', 'limit', 'type', 'entity', 'strong'])
  const limit = parseCount(parameters, { name: 'limit', fallback: 100, min: 1, max: 1_000, code: 'invalid_limit' })
  const afterName = parameters['cursor'] === undefined ? 'after' : 'cursor'
  const after = parseCount(parameters, { name: afterName, fallback: 0, min: 0, max: Number.MAX_SAFE_INTEGER })
  const { store } = parts
  if (!store.isReady) return { body: eventPage([], { hasMore: false, context: call.context }), source: 'log' }
  const { entity } = parameters
  if (entity !== undefined) {
    const noun = parts.schemas().find((schema) => isEntityIdOf(schema, entity))
    if (noun === undefined)
      throw new ObjectError({
        code: 'invalid_parameter',
        field: 'entity',
        message: `entity expects an entity's id, got ${JSON.stringify(entity.slice(0, 64))}`,
      })
    const { rows, hasMore } = entityPage(parts, { noun, id: entity, after, limit })
    return {
      body: eventPage(rows, { hasMore, context: call.context }),
      source: 'log',
    }
  }
  const pattern = parameters['type'] === undefined ? undefined : parseEventPattern(parameters['type'])
  const { rows, readThrough } = store.events.read({ after, limit, ...(pattern === undefined ? {} : { pattern }) })
  return {
    body: eventPage(rows, { hasMore: readThrough < store.events.head, context: call.context, readThrough }),
    source: 'log',
  }
}

function event(parts: ReadParts, call: Of<'event'>): ReadResult {
  const secondMs = parseEventId(call.id)
  const row = secondMs === undefined || !parts.store.isReady ? undefined : parts.store.events.byId(call.id, secondMs)
  if (row === undefined)
    throw new ObjectError({
      code: 'not_found',
      message: `no event '${call.id.slice(0, 64)}'`,
      detail: { id: call.id.slice(0, 64) },
    })
  return { body: logRowToText(row, call.context), source: 'log' }
}

function schema(parts: ReadParts, call: Of<'schema'>): ReadResult {
  const value =
    call.noun === undefined
      ? Object.fromEntries(surfaced(parts, call.only).map((noun) => [noun.name, nounToSchemaOutput(noun)]))
      : nounToSchemaOutput(findNoun(parts.lookup, call.noun))
  return { body: JSON.stringify(value), source: 'object' }
}

/** What a lens lets through; all without one. */
function surfaced(parts: ReadParts, only: readonly string[] | undefined): readonly NounSchema[] {
  return only === undefined ? parts.schemas() : parts.schemas().filter((noun) => only.includes(noun.name))
}

function makeReader(parts: ReadParts, options: { context: string; asOfMs: number | undefined }): Reader {
  const { store, lookup } = parts
  const { context, asOfMs } = options
  if (asOfMs === undefined) return new Reader({ store, lookup, context })
  return new Reader({ store, lookup, context, seq: store.isReady ? store.clock.sealAt(asOfMs) : 0 })
}

function notFound(noun: NounSchema, id: string): ObjectError {
  return new ObjectError({
    code: 'not_found',
    message: `no ${noun.name} '${id}'`,
    detail: { entityType: noun.name, id },
  })
}

function unreachable(call: never): never {
  throw new Error(`no such read: ${JSON.stringify(call)}`)
}
