// The log as it is asked for: a tenant's events, one entity's, one event. Oldest first, in pages that `after` continues.

import { type LogRow, logRowToText, rowsScannedMax } from '@dotdo/do'
import {
  type EventPattern,
  isEntityIdOf,
  type NounSchema,
  ObjectError,
  parseEventId,
  parseEventPattern,
} from 'digital-objects'
import type { Parameters, ReadCall } from './call.ts'
import { checkId, findNoun, notFound } from './find-noun.ts'
import { parseCount, refuseOthers } from './parameters.ts'
import type { ReadParts, ReadResult } from './read-call.ts'

type Of<Read extends ReadCall['read']> = Extract<ReadCall, { readonly read: Read }>

export function answerEvents(parts: ReadParts, call: Of<'events'>): ReadResult {
  const { parameters } = call
  refuseOthers(parameters, ['after', 'cursor', 'limit', 'type', 'entity', 'actor', 'strong'])
  const limit = parseCount(parameters, { name: 'limit', fallback: 100, min: 1, max: 1_000, code: 'invalid_limit' })
  const afterName = parameters['cursor'] === undefined ? 'after' : 'cursor'
  const after = parseCount(parameters, { name: afterName, fallback: 0, min: 0, max: Number.MAX_SAFE_INTEGER })
  const choice = parseChoice(parameters)
  const noun = entityNoun(parts, parameters['entity'])
  const entity = noun === undefined ? undefined : { noun, id: parameters['entity'] ?? '' }
  const page = readEvents(parts, { after, limit, choice, entity })
  return { body: eventPage(page, call.context), source: 'log' }
}

export function answerHistory(parts: ReadParts, call: Of<'history'>): ReadResult {
  const noun = findNoun(parts.lookup, call.noun)
  checkId(noun, call.id)
  refuseOthers(call.parameters, ['after', 'limit', 'strong'])
  const limit = parseCount(call.parameters, { name: 'limit', fallback: 25, min: 1, max: 1_000, code: 'invalid_limit' })
  const after = parseCount(call.parameters, { name: 'after', fallback: 0, min: 0, max: Number.MAX_SAFE_INTEGER })
  const page = entityPage(parts, { noun, id: call.id, after, limit })
  if (page.rows.length === 0 && after === 0) throw notFound(noun, call.id)
  return { body: eventPage(page, call.context), source: 'log' }
}

export function answerEvent(parts: ReadParts, call: Of<'event'>): ReadResult {
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

/** Which events are wanted of those that are looked at. */
interface EventChoice {
  readonly pattern?: EventPattern
  readonly actor?: string
}

interface EventRows {
  readonly rows: readonly LogRow[]
  readonly hasMore: boolean
  /** Where the next page begins, also when nothing up to there was wanted. */
  readonly readThrough: number | undefined
}

/** One page of an entity's events; what is too large for it is left for the next. */
function entityPage(
  parts: ReadParts,
  options: { noun: NounSchema; id: string; after: number; limit: number; choice?: EventChoice },
): EventRows {
  const { noun, limit, choice } = options
  const { events, state, isReady } = parts.store
  const table = state.table(noun.name)
  if (table === undefined || !isReady) return { rows: [], hasMore: false, readThrough: undefined }
  const lookedAtMax = choice === undefined ? limit + 1 : rowsScannedMax
  const lookedAt = state.eventSeqs(table, { ...options, limit: lookedAtMax })
  const seqs = choice === undefined ? lookedAt : events.matching(lookedAt, choice)
  const rows = events.many(seqs.slice(0, limit))
  const isCut = rows.length < seqs.length
  return {
    rows,
    hasMore: isCut || lookedAt.length === lookedAtMax,
    readThrough: isCut ? rows.at(-1)?.seq : lookedAt.at(-1),
  }
}

function eventPage({ rows, hasMore, readThrough }: EventRows, context: string): string {
  const texts = rows.map((row) => logRowToText(row, context))
  const cursor = hasMore && readThrough !== undefined ? `"${readThrough}"` : 'null'
  return `{"results":[${texts.join(',')}],"hasMore":${hasMore},"cursor":${cursor}}`
}

function readEvents(
  parts: ReadParts,
  options: {
    readonly after: number
    readonly limit: number
    readonly choice: EventChoice
    readonly entity: { readonly noun: NounSchema; readonly id: string } | undefined
  },
): EventRows {
  const { after, limit, choice, entity } = options
  const { events: log, isReady } = parts.store
  if (!isReady) return { rows: [], hasMore: false, readThrough: undefined }
  if (entity !== undefined) {
    const isNarrowed = choice.pattern !== undefined || choice.actor !== undefined
    return entityPage(parts, { ...entity, after, limit, ...(isNarrowed ? { choice } : {}) })
  }
  const page = log.read({ after, limit, ...choice })
  return { ...page, hasMore: page.readThrough < log.head }
}

function parseChoice({ type, actor }: Parameters): EventChoice {
  return {
    ...(type === undefined ? {} : { pattern: parseEventPattern(type) }),
    ...(actor === undefined ? {} : { actor: parseActor(actor) }),
  }
}

/** An event's `actor` is an id, or a word such as `anonymous`; nobody is called more than this. */
const actorCharactersMax = 256

function parseActor(text: string): string {
  if (text.length > 0 && text.length <= actorCharactersMax) return text
  throw new ObjectError({
    code: 'invalid_parameter',
    field: 'actor',
    message: `actor expects who did it, in 1 to ${actorCharactersMax} characters, got ${text.length}`,
  })
}

/** The Noun of the entity that is asked for; undefined where none is. */
function entityNoun(parts: ReadParts, entity: string | undefined): NounSchema | undefined {
  if (entity === undefined) return undefined
  const noun = parts.schemas().find((schema) => isEntityIdOf(schema, entity))
  if (noun !== undefined) return noun
  throw new ObjectError({
    code: 'invalid_parameter',
    field: 'entity',
    message: `entity expects an entity's id, got ${JSON.stringify(entity.slice(0, 64))}`,
  })
}
