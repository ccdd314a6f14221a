// `diff`: compares one entity at two points of its history, and lists the events between them.

import { type LogRow, logRowToEvent, rowsScannedMax } from '@dotdo/do'
import { type Entity, type NounSchema, ObjectError, type ObjectEvent } from 'digital-objects'
import { findEntity, notFound } from '../entities/find-noun.ts'
import { parseTimestamp } from '../entities/parameters.ts'
import { jsonResponse, ref } from '../openapi/components.ts'
import { timestamp } from '../openapi/field-schema.ts'
import { readHeaders } from '../openapi/parameters.ts'
import { eventVisibilityOf, recordEvents, visibleChoice, visiblePage } from './event-page.ts'
import { defineRead, type ReadParts } from './read.ts'

interface Diff {
  /** Null if the entity did not exist. */
  readonly before: Entity | null
  readonly after: Entity | null
  readonly changes: readonly { readonly field: string; readonly from: unknown; readonly to: unknown }[]
  /** Events between the two points, oldest first; at most 100. */
  readonly events: readonly ObjectEvent[]
}

const eventsMax = 100

const point = (name: 'from' | 'to', fallback: string) => ({
  component: name,
  about: `A version or a timestamp; ${fallback} by default`,
  schema: { type: 'string', pattern: `^[0-9]{1,15}$|${timestamp.pattern}` },
})

export const diff = defineRead({
  name: 'diff',
  about: 'Compare one {Noun} at two points of its history',
  path: '/{Noun}/{id}/diff',
  parameters: { from: point('from', 'the version before `to`'), to: point('to', 'the newest version') },
  headers: readHeaders,
  responses: () => ({
    200: jsonResponse('The entity before and after, its changes, and the events between', ref('EntityDiff')),
  }),

  parse(call, lookup) {
    const { from, to } = call.parameters
    return { ...findEntity(lookup, call), from, to }
  },

  answer(parts, { request, caller }) {
    return { body: JSON.stringify(diffVersions(parts, { ...request, context: caller.context })), source: 'log' }
  },
})

interface EntityRef {
  readonly noun: NounSchema
  readonly id: string
}

interface DiffRequest extends EntityRef {
  readonly from: string | undefined
  readonly to: string | undefined
  readonly context: string
}

function diffVersions(parts: ReadParts, request: DiffRequest): Diff {
  const { noun, id, from, to, context } = request
  recordEvents(parts, request)
  const last = parts.store.isReady ? lastSeq(parts, request) : undefined
  const isSeen = parts.visibility.isFull || visiblePage(parts, { noun, id, after: 0, limit: 1 }).rows.length > 0
  if (last === undefined || !isSeen) throw notFound(noun, id)
  const toSeq = pointToSeq(parts, { noun, id, name: 'to', text: to }) ?? last
  const fromSeq = pointToSeq(parts, { noun, id, name: 'from', text: from }) ?? toSeq - 1
  if (fromSeq > toSeq)
    throw new ObjectError({
      code: 'invalid_parameter',
      field: 'from',
      message: 'from expects a point before to, or equal to it',
    })
  const before = entityAt(parts, { noun, id, seq: fromSeq, context })
  const after = entityAt(parts, { noun, id, seq: toSeq, context })
  return {
    before,
    after,
    changes: listChanges(before, after),
    events: eventsBetween(parts, { noun, id, fromSeq, toSeq }).map((row) => shownEvent(parts, row, context)),
  }
}

function pointToSeq(
  { store }: ReadParts,
  point: EntityRef & { readonly name: 'from' | 'to'; readonly text: string | undefined },
): number | undefined {
  const { noun, id, name, text } = point
  if (text === undefined) return undefined
  if (!/^\d{1,15}$/.test(text)) return store.events.seqAt(parseTimestamp(name, text))
  const seq = store.seqOfVersion(noun, id, Number(text))
  if (seq !== undefined) return seq
  throw new ObjectError({ code: 'not_found', field: name, message: `${noun.name} '${id}' has no version ${text}` })
}

function lastSeq({ store }: ReadParts, { noun, id }: EntityRef): number | undefined {
  const table = store.state.table(noun.name)
  if (table === undefined) return undefined
  return store.state.get(table, id)?.seq ?? store.state.getDeleted(table, id)?.deletedSeq
}

function entityAt(
  parts: ReadParts,
  options: EntityRef & { readonly seq: number; readonly context: string },
): Entity | null {
  const { noun, id, seq, context } = options
  const version = eventVisibilityOf(parts).versionAt(noun.name, { id, seq })
  const row = version === undefined ? undefined : parts.store.events.at(version.seq)
  return row === undefined ? null : shownEvent(parts, row, context).data
}

function shownEvent(parts: ReadParts, row: LogRow, context: string): ObjectEvent {
  return logRowToEvent(eventVisibilityOf(parts).shown(row), context)
}

function eventsBetween(
  parts: ReadParts,
  options: EntityRef & { readonly fromSeq: number; readonly toSeq: number },
): LogRow[] {
  const { noun, id, fromSeq, toSeq } = options
  const { events, state } = parts.store
  const table = state.table(noun.name)
  if (table === undefined) return []
  const choice = visibleChoice(parts)
  const scanned = state.eventSeqs(table, {
    id,
    after: fromSeq,
    limit: choice === undefined ? eventsMax : rowsScannedMax,
  })
  const between = scanned.filter((seq) => seq <= toSeq)
  return events.many(choice === undefined ? between : events.matching(between, choice).slice(0, eventsMax))
}

function listChanges(before: Entity | null, after: Entity | null): Diff['changes'] {
  const names = new Set(
    [...Object.keys(before ?? {}), ...Object.keys(after ?? {})].filter((name) => !name.startsWith('$')),
  )
  return [...names]
    .map((field) => ({ field, from: before?.[field] ?? null, to: after?.[field] ?? null }))
    .filter(({ from, to }) => JSON.stringify(from) !== JSON.stringify(to))
}
