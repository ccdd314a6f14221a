// `diff`: one entity at two points of its history, and what happened between them.

import { type LogRow, logRowToEvent } from '@dotdo/do'
import { type Entity, type NounSchema, ObjectError, type ObjectEvent } from 'digital-objects'
import type { Parameters } from './call.ts'
import { parseMoment } from './parameters.ts'
import type { ReadParts } from './read-call.ts'

export interface Diff {
  /** Null where it did not exist. */
  readonly before: Entity | null
  readonly after: Entity | null
  readonly changes: readonly { readonly field: string; readonly from: unknown; readonly to: unknown }[]
  /** Those between the two points, oldest first; at most 100. */
  readonly events: readonly ObjectEvent[]
}

const eventsMax = 100

/** `from` and `to` are versions (`3`) or moments; `from` defaults to the version before `to`, `to` to the newest. */
export function diffVersions(
  parts: ReadParts,
  options: { noun: NounSchema; id: string; parameters: Parameters; context: string },
): Diff {
  const { noun, id, parameters, context } = options
  const last = parts.store.isReady ? lastSeq(parts, noun, id) : undefined
  if (last === undefined)
    throw new ObjectError({
      code: 'not_found',
      message: `no ${noun.name} '${id}'`,
      detail: { entityType: noun.name, id },
    })
  const toSeq = point(parts, { noun, id, name: 'to', text: parameters['to'] }) ?? last
  const fromSeq = point(parts, { noun, id, name: 'from', text: parameters['from'] }) ?? toSeq - 1
  if (fromSeq > toSeq)
    throw new ObjectError({ code: 'invalid_parameter', field: 'from', message: 'from expects a point not after to' })
  const [before, after] = [
    entityAt(parts, { noun, id, seq: fromSeq, context }),
    entityAt(parts, { noun, id, seq: toSeq, context }),
  ]
  return {
    before,
    after,
    changes: listChanges(before, after),
    events: eventsBetween(parts, { noun, id, fromSeq, toSeq }).map((row) => logRowToEvent(row, context)),
  }
}

function point(
  parts: ReadParts,
  options: { noun: NounSchema; id: string; name: 'from' | 'to'; text: string | undefined },
): number | undefined {
  const { noun, id, name, text } = options
  if (text === undefined) return undefined
  if (!/^\d{1,15}$/.test(text)) return parts.store.events.seqAt(parseMoment(name, text))
  const seq = parts.store.seqOfVersion(noun, id, Number(text))
  if (seq !== undefined) return seq
  throw new ObjectError({ code: 'not_found', field: name, message: `${noun.name} '${id}' has no version ${text}` })
}

function lastSeq(parts: ReadParts, noun: NounSchema, id: string): number | undefined {
  const table = parts.store.state.table(noun.name)
  if (table === undefined) return undefined
  return parts.store.state.get(table, id)?.seq ?? parts.store.state.getDeleted(table, id)?.deletedSeq
}

function entityAt(
  parts: ReadParts,
  options: { noun: NounSchema; id: string; seq: number; context: string },
): Entity | null {
  const { noun, id, seq, context } = options
  const table = parts.store.state.table(noun.name)
  const version = table === undefined ? undefined : parts.store.state.getAsOf(table, id, seq)
  const row = version === undefined ? undefined : parts.store.events.at(version.seq)
  return row === undefined ? null : logRowToEvent(row, context).data
}

function eventsBetween(
  parts: ReadParts,
  options: { noun: NounSchema; id: string; fromSeq: number; toSeq: number },
): LogRow[] {
  const { noun, id, fromSeq, toSeq } = options
  const table = parts.store.state.table(noun.name)
  if (table === undefined) return []
  const seqs = parts.store.state.eventSeqs(table, { id, after: fromSeq, limit: eventsMax })
  return parts.store.events.many(seqs.filter((seq) => seq <= toSeq))
}

function listChanges(before: Entity | null, after: Entity | null): Diff['changes'] {
  const names = new Set(
    [...Object.keys(before ?? {}), ...Object.keys(after ?? {})].filter((name) => !name.startsWith('$')),
  )
  return [...names]
    .map((field) => ({ field, from: before?.[field] ?? null, to: after?.[field] ?? null }))
    .filter(({ from, to }) => JSON.stringify(from) !== JSON.stringify(to))
}
