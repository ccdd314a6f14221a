// The versions of a Noun's entities by the times at which they began to be true, as the tenant knew them after one event. A
// change that says when it happened (`at`) counts from then on.

import { assert, type Entity, type JsonValue, ObjectError } from 'digital-objects'
import { typeOfRow } from '../log/stored-event.ts'
import { type Column, quoteName } from './column.ts'
import type { NounTable } from './noun-table.ts'
import { decodeValue } from './row-codec.ts'

/** Limits the versions that one read holds in memory. A read of chunks holds those of one chunk. */
const versionsMax = 100_000

interface Span {
  readonly startMs: number
  /** The value is undefined after the entity was deleted. */
  readonly entity: Entity | undefined
}

export interface EntityTimeline {
  /** In the order of time. A later event that happened earlier hides those between. */
  readonly spans: readonly Span[]
}

export type Timelines = ReadonlyMap<string, EntityTimeline>

export interface TimelinesOptions {
  readonly sql: SqlStorage
  readonly table: NounTable
  /** The last event that is known. */
  readonly seq: number
  /** The fields that entities have; meta-fields may be among them. */
  readonly fields: ReadonlySet<string>
  /** Reads the entities after this id, as long as they have at most so many versions together. */
  readonly chunk?: { readonly afterId: string; readonly versions: number }
}

export interface TimelineChunk {
  readonly timelines: Timelines
  /** The versions that were read. */
  readonly versions: number
  /** The id after which the next chunk begins; undefined at the end. */
  readonly nextAfterId: string | undefined
}

/** Returns the entity as it was just before this time, and the time of its next change. */
export function entityBefore(
  { spans }: EntityTimeline,
  beforeMs: number,
): { readonly entity: Entity | undefined; readonly untilMs: number } {
  let [low, high] = [0, spans.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((spans[middle]?.startMs ?? Infinity) < beforeMs) low = middle + 1
    else high = middle
  }
  return { entity: spans[low - 1]?.entity, untilMs: spans[low]?.startMs ?? Infinity }
}

/** Whether the Noun has at most so many versions, past ones included. */
export function hasFewVersions({ sql, table }: Pick<TimelinesOptions, 'sql' | 'table'>, most: number): boolean {
  const query = `SELECT count(*) AS count FROM (SELECT 1 FROM ${table.past} UNION ALL SELECT 1 FROM ${table.present} LIMIT ?)`
  return sql.exec<{ count: number }>(query, most + 1).one().count <= most
}

/** Throws an ObjectError `scan_limit` if there are too many versions. */
export function readTimelines(options: Omit<TimelinesOptions, 'chunk'>): Timelines {
  const { timelines, nextAfterId } = readChunk({ ...options, chunk: { afterId: '', versions: versionsMax } })
  if (nextAfterId === undefined) return timelines
  throw tooMany(options.table)
}

/** Reads whole entities. One with more versions than a chunk may have is read alone. */
export function readTimelineChunk(options: TimelinesOptions & { readonly chunk: Chunk }): TimelineChunk {
  for (let { versions } = options.chunk; ; versions *= 2) {
    const read = readChunk({ ...options, chunk: { ...options.chunk, versions } })
    if (read.timelines.size > 0 || read.nextAfterId === undefined) return read
    if (versions > versionsMax) throw tooMany(options.table)
  }
}

type Chunk = NonNullable<TimelinesOptions['chunk']>

function readChunk({ sql, table, seq, fields, chunk }: TimelinesOptions & { readonly chunk: Chunk }): TimelineChunk {
  const columns = table.columns.filter(({ field }) => fields.has(field))
  const metas = (['$version', '$createdAt', '$createdBy', '$updatedAt'] as const).filter((name) => fields.has(name))
  const list = [...ownColumns, ...metas, ...columns.map(({ name }) => name)].map(quoteName).join(', ')
  // Both tables are in this order, so SQLite merges them, and reads no more rows than the chunk has.
  const text =
    `SELECT "$until", ${list} FROM ${table.past} WHERE "$seq" <= ?1 AND "$id" > ?3 UNION ALL ` +
    `SELECT NULL, ${list} FROM ${table.present} WHERE "$seq" <= ?1 AND "$id" > ?3 ORDER BY "$id", "$seq" LIMIT ?2`
  const lines = new Map<string, VersionRow[]>()
  let versions = 0
  let [lastId, isCut] = ['', false]
  for (const row of sql.exec(text, seq, chunk.versions + 1, chunk.afterId).raw<SqlStorageValue[]>()) {
    // The statement is read to its end, since an open one prevents the removal of tables.
    if (++versions > chunk.versions) {
      isCut = true
      continue
    }
    const id = String(row[1])
    const line = lines.get(id) ?? []
    if (id !== lastId) lines.set(id, line)
    lastId = id
    line.push({
      seq: Number(row[2]),
      commitMs: Number(row[3]),
      untilSeq: row[0] === null || Number(row[0]) > seq ? undefined : Number(row[0]),
      entity: toEntity({ noun: table.schema.name, id, row, metas, columns }),
    })
  }
  // The last entity may have further versions.
  if (isCut) lines.delete(lastId)
  const ids = [...lines.keys()]
  const nextAfterId = isCut ? (ids.at(-1) ?? chunk.afterId) : undefined
  const times = new EventTimes({ sql, table }, lines)
  const timelines = new Map([...lines].map(([id, line]) => [id, { spans: spansOf(line, times) }]))
  return { timelines, versions, nextAfterId }
}

/** The columns before those of the metas and fields; the time of a version's commit is the last of them. */
const ownColumns = ['$id', '$seq', '$updatedAt'] as const

interface VersionRow {
  readonly seq: number
  readonly commitMs: number
  /** The event that ended the version, if it is known. */
  readonly untilSeq: number | undefined
  readonly entity: Entity
}

/** The times of events, read together: those that began versions, if any happened before its commit, and of deletions. */
class EventTimes {
  readonly #known: ReadonlyMap<number, number>

  constructor(of: Pick<TimelinesOptions, 'sql' | 'table'>, lines: ReadonlyMap<string, readonly VersionRow[]>) {
    const rows = [...lines.values()]
    const ends = rows.flatMap((line) => line.flatMap((row, at) => deletionOf(row, line[at + 1]) ?? []))
    const begins = hasLateEvents(of) ? rows.flatMap((line) => line.map(({ seq }) => seq)) : []
    const query = 'SELECT seq, coalesce(effective, at) AS time FROM log WHERE seq IN (SELECT value FROM json_each(?))'
    const seqs = [...ends, ...begins]
    const found = seqs.length === 0 ? [] : of.sql.exec<{ seq: number; time: number }>(query, JSON.stringify(seqs))
    this.#known = new Map([...found].map(({ seq, time }) => [seq, time]))
  }

  beginOf({ seq, commitMs }: VersionRow): number {
    return this.#known.get(seq) ?? commitMs
  }

  endOf(seq: number): number {
    const time = this.#known.get(seq)
    assert(time !== undefined, 'the log has the event that ended a version')
    return time
  }
}

/** Returns the event that deleted the entity: it ended a version, and began none. */
function deletionOf({ untilSeq }: VersionRow, next: VersionRow | undefined): number | undefined {
  return next?.seq === untilSeq ? undefined : untilSeq
}

/** Limits the events that are examined for one of the Noun. With more, there may be some. */
const lateMax = 1_000

/** Whether events of the Noun may have happened before their commit. */
function hasLateEvents({ sql, table }: Pick<TimelinesOptions, 'sql' | 'table'>): boolean {
  const query = `SELECT ${typeOfRow} AS type FROM log WHERE effective IS NOT NULL LIMIT ?`
  const late = sql.exec<{ type: string }>(query, lateMax).toArray()
  return late.length === lateMax || late.some(({ type }) => type.startsWith(`${table.schema.name}.`))
}

function spansOf(line: readonly VersionRow[], times: EventTimes): readonly Span[] {
  const all: Span[] = []
  for (const [at, row] of line.entries()) {
    push(all, { startMs: times.beginOf(row), entity: row.entity })
    const deletion = deletionOf(row, line[at + 1])
    if (deletion !== undefined) push(all, { startMs: times.endOf(deletion), entity: undefined })
  }
  return all
}

/** A later event decides, so it removes the spans that begin after it. */
function push(spans: Span[], span: Span): void {
  while ((spans.at(-1)?.startMs ?? -Infinity) >= span.startMs) spans.pop()
  spans.push(span)
}

/** The place of the first meta-field in a row, after `$until`. */
const firstMeta = 1 + ownColumns.length

function toEntity(of: {
  readonly noun: string
  readonly id: string
  readonly row: readonly SqlStorageValue[]
  readonly metas: readonly string[]
  readonly columns: readonly Column[]
}): Entity {
  const { noun, id, row, metas, columns } = of
  const entity: Record<string, JsonValue> = { $type: noun, $id: id }
  for (const [at, name] of metas.entries()) {
    const value = row[at + firstMeta]
    entity[name] = name.endsWith('At') ? new Date(Number(value)).toISOString() : (plain(value) ?? null)
  }
  for (const [at, column] of columns.entries()) {
    const value = plain(row[at + firstMeta + metas.length])
    if (value !== undefined) entity[column.field] = decodeValue(column, value)
  }
  return entity as Entity // as far as metrics look
}

function plain(value: SqlStorageValue | undefined): string | number | undefined {
  return typeof value === 'string' || typeof value === 'number' ? value : undefined
}

function tooMany({ schema }: NounTable): ObjectError {
  return new ObjectError({
    code: 'scan_limit',
    field: 'from',
    message: `the history of ${schema.name} has more than ${versionsMax} versions, which is too many for a series`,
  })
}
