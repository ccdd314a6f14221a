// A call to read, answered from the tenant's store: now, or as of a moment.

import { type TenantStore, withContext } from '@dotdo/do'
import { type NounLookup, type NounSchema, unreachable } from 'digital-objects'
import type { ReadCall } from './call.ts'
import { diffVersions } from './diff.ts'
import { answerEvent, answerEvents, answerHistory } from './events-call.ts'
import { checkId, findNoun, notFound } from './find-noun.ts'
import { nounsToOpenApi } from './openapi.ts'
import { refuseOthers } from './parameters.ts'
import { answerPipeline } from './pipeline/answer-pipeline.ts'
import { countBody, entityBody, pageBody } from './read-body.ts'
import { parseCountCall, parseFind, parseGet } from './read-request.ts'
import { readerAt } from './reader.ts'
import { nounToSchemaOutput } from './schema-output.ts'
import { answerStatus } from './status-call.ts'

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
    case 'pipeline':
      return answerPipeline(parts, call)
    case 'history':
      return answerHistory(parts, call)
    case 'diff':
      return diff(parts, call)
    case 'events':
      return answerEvents(parts, call)
    case 'event':
      return answerEvent(parts, call)
    case 'status':
      return answerStatus(parts, call)
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
  const reader = readerAt({ ...parts, context: call.context }, request.asOfMs)
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
  const reader = readerAt({ ...parts, context: call.context }, request.asOfMs)
  const page = reader.find(request, call.tenant)
  return { body: pageBody({ reader, lookup: parts.lookup, noun, shape }, page), source: reader.source }
}

function count(parts: ReadParts, call: Of<'count'>): ReadResult {
  const { noun, filter, asOfMs } = parseCountCall(call, parts.lookup)
  const reader = readerAt({ ...parts, context: call.context }, asOfMs)
  return { body: countBody(reader.count(noun, filter)), source: reader.source }
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
