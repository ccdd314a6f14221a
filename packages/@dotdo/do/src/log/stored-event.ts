// An event as a row of the log. The row leaves out what other rows say: repeated strings are numbers, a creation has its
// fields only, and a change has its new values only. `EventTexts` makes the whole event again.
//
// | row | data | changes |
// |---|---|---|
// | creation | the fields | null |
// | change | empty | the new values (`EventChanges.patch`), applied to the entity's previous event |
// | every 16th version, and a change of most of the entity | the whole entity | empty: the difference to the previous event |
// | change after the definition changed, and every event of format 1 | the whole entity | the changes |
// | archived | empty | null |

import { eventFormat, formatIdSecond } from 'digital-objects'
import { RowInsert } from '../base/kept-statements.ts'
import { type EntityHead, joinText } from './entity-text.ts'
import type { LogRow } from './log-row.ts'
import type { Words } from './words.ts'

/** The rows of versions before 5 of the system tables have format 1: they hold the whole event. */
const plainFormat = 1
export const thinFormat = 2
/** Every event of these versions holds its whole entity, so that at most this many rows are read for one event. */
const wholeVersions = 16
/** Characters of the random half of an event's id. */
const idRandom = 6

/** The entity's previous event, whose entity differs by the patch, and that has the same definition. */
export interface PreviousEvent {
  readonly seq: number
  readonly patch: string
}

/** A row of the log with its strings restored, except `data` and `changes`. */
export interface StoredEvent extends LogRow {
  readonly isThin: boolean
  readonly previous: number | null
}

export const storedColumns =
  'seq, coalesce("commit", seq), format, id, type, target, version, at, actor, on_behalf_of, via, caused_by, noun, data, changes, previous, undoes, approved_by, effective, reason, key'

/** The part of an event from which its entity is made. */
type EntityEvent = Pick<LogRow, 'type' | 'target' | 'version' | 'atMs' | 'actor' | 'data'>

/** A row of `entityColumns` with its strings restored, except `data`. */
export interface StoredEntityEvent extends EntityEvent, Pick<StoredEvent, 'seq' | 'noun' | 'isThin'> {}

/** The columns of an event that reads of its entity need; each further one would cost them a fifth of a microsecond. */
export const entityColumns = 'seq, format, version, at, actor, noun, data'

export interface StoredEntityRow extends Record<string, SqlStorageValue> {
  readonly seq: number
  readonly format: number
  readonly version: number
  readonly at: number
  readonly actor: string
  readonly noun: string
  readonly data: string
}

/** The SQL expression for the type of a row of the log. */
export const typeOfRow = `CASE log.format WHEN ${thinFormat} THEN (SELECT word FROM log_words WHERE number = CAST(log.type AS INTEGER)) ELSE log.type END`

/** Columns of the log, in the order of `storedRow`. */
const insertedColumns =
  'seq format id type target version at actor via noun data "commit" on_behalf_of caused_by changes previous size undoes approved_by effective reason key'.split(
    ' ',
  )

export function logInsert(): RowInsert {
  return new RowInsert('log', insertedColumns)
}

/** Returns the values of an event's row, to be inserted by `logInsert`. */
export function storedRow(
  row: LogRow,
  { words, previous }: { readonly words: Words; readonly previous?: PreviousEvent | undefined },
): readonly (string | number | null)[] {
  const texts = textsToStore(row, previous)
  const isDerived = texts.changes !== null
  const idHead = idHeadOf(row.atMs)
  // These columns are text, in which SQLite would store a number of JavaScript as '1.0'. Earlier rows have that.
  const word = (text: string): string => String(words.number(text))
  return [
    row.seq,
    thinFormat,
    row.id.startsWith(idHead) ? row.id.slice(idHead.length) : row.id,
    word(row.type),
    row.target,
    row.version,
    row.atMs,
    word(row.actor),
    word(row.via),
    word(row.noun),
    texts.data,
    row.commit === row.seq ? null : row.commit,
    row.onBehalfOf,
    row.causedBy,
    texts.changes,
    isDerived ? (previous?.seq ?? null) : null,
    isDerived ? row.data.length + (row.changes?.length ?? 0) : null,
    row.undoes,
    row.approvedBy,
    row.effectiveMs,
    row.reason,
    row.key,
  ]
}

function textsToStore(
  row: LogRow,
  previous: PreviousEvent | undefined,
): { readonly data: string; readonly changes: string | null } {
  const { data, changes, version } = row
  if (changes === null) return { data: fieldsTextOf(row) ?? data, changes }
  if (previous === undefined) return { data, changes }
  const isWhole = version % wholeVersions === 0 || previous.patch.length * 2 > data.length
  return isWhole ? { data, changes: '' } : { data: '', changes: previous.patch }
}

/** Returns the part of a creation's text that the row does not say otherwise. */
function fieldsTextOf(row: LogRow): string | undefined {
  const head = joinText(creationHead(row), '{}').slice(0, -1)
  if (!row.data.startsWith(head)) return undefined
  const rest = row.data.slice(head.length)
  return rest === '}' ? '{}' : `{${rest.slice(1)}`
}

/** Returns the whole entity of a creation. */
export function creationText(row: EntityEvent): string {
  return isWholeText(row.data) ? row.data : joinText(creationHead(row), row.data)
}

/** Whether stored `data` has the meta-fields. No field begins with `$`. */
export function isWholeText(data: string): boolean {
  return data.startsWith('{"$type":')
}

function creationHead({ type, target, version, atMs, actor }: Omit<EntityEvent, 'data'>): EntityHead {
  const at = new Date(atMs).toISOString()
  const noun = type.slice(0, type.indexOf('.'))
  return { noun, id: target, version, createdAt: at, createdBy: actor, updatedAt: at }
}

/** Returns the stored forms of an event's id. */
export function storedIds(id: string): readonly [string, string] {
  return [id, id.slice(-idRandom)]
}

function idHeadOf(atMs: number): string {
  return `evt_${formatIdSecond(Math.floor(atMs / 1_000))}`
}

/** Restores a row of `storedColumns`, except its texts. */
export function rowToStoredEvent(row: unknown[], words: Words): StoredEvent {
  const [
    seq,
    commit,
    format,
    id,
    type,
    target,
    version,
    atMs,
    actor,
    onBehalfOf,
    via,
    causedBy,
    noun,
    data,
    changes,
    previous,
    undoes,
    approvedBy,
    effectiveMs,
    reason,
    key,
  ] = row as StoredRow
  const isThin = isThinFormat(format, seq)
  const reasons = { onBehalfOf, key, causedBy, undoes, approvedBy, effectiveMs, reason }
  const whole = { seq, commit, format: eventFormat, target, version, atMs, ...reasons, data, changes }
  if (!isThin) return { ...whole, id, type, actor, via: via as LogRow['via'], noun, isThin, previous }
  return {
    ...whole,
    id: id.length === idRandom ? idHeadOf(atMs) + id : id,
    type: words.word(Number(type)),
    actor: words.word(Number(actor)),
    via: words.word(Number(via)) as LogRow['via'], // stored by `insertOf`
    noun: words.word(Number(noun)),
    isThin,
    previous,
  }
}

/** Restores a row of `entityColumns`, except its text. `noun` is the name of the entity's Noun. */
export function rowToEntityEvent(
  row: StoredEntityRow,
  { noun, id }: { readonly noun: string; readonly id: string },
  words: Words,
): StoredEntityEvent {
  const { seq, format, version, at, actor, data } = row
  const isThin = isThinFormat(format, seq)
  const word = (value: string): string => (isThin ? words.word(Number(value)) : value)
  return {
    seq,
    type: `${noun}.`,
    target: id,
    version,
    atMs: at,
    actor: word(actor),
    noun: word(row.noun),
    data,
    isThin,
  }
}

function isThinFormat(format: number, seq: number): boolean {
  if (format !== plainFormat && format !== thinFormat) throw new Error(`event ${seq} has the unknown format ${format}`)
  return format === thinFormat
}

type StoredRow = [
  seq: number,
  commit: number,
  format: number,
  id: string,
  type: string,
  target: string,
  version: number,
  atMs: number,
  actor: string,
  onBehalfOf: string | null,
  via: string,
  causedBy: string | null,
  noun: string,
  data: string,
  changes: string | null,
  previous: number | null,
  undoes: number | null,
  approvedBy: string | null,
  effectiveMs: number | null,
  reason: string | null,
  key: string | null,
]
