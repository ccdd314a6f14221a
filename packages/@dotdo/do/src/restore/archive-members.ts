// The archive of a tenant as members of text: its events, the definitions under which they were written, and the tables that go
// with them. The same tenant gives the same members, wherever it is, since no member names a tenant, a server or a time.

import { isObject, ObjectError, tryParseJson } from 'digital-objects'
import { rowToText } from '../flush/kept-tables.ts'
import { readWithArchive } from '../log/archived-events.ts'
import type { LogReader } from '../log/log-reader.ts'
import type { LogRow } from '../log/log-row.ts'

export const archiveFormat = 1
export const headMember = 'archive.json'
export const definitionsMember = 'definitions.ndjson'

export interface ArchiveMember {
  readonly name: string
  readonly text: string
}

/** Some members, and where the next ones begin; null after the last. */
export interface ArchivePage {
  readonly members: readonly ArchiveMember[]
  readonly next: string | null
}

/** A member ends at so many events, or characters. Other limits would be another archive of the same tenant. */
const memberEvents = 1_000
const memberCharacters = 1_000_000
const logPageRows = 500
const memberRows = 5_000

/** Tables of an archive, with their rows of the events up to `?1`, in order. */
export const archivedTables = {
  text_origins: 'text_origins WHERE seq <= ?1 ORDER BY seq, entity, field',
  erasure_requests: 'erasure_requests WHERE ?1 >= 0 ORDER BY id',
  erased_entities: 'erased_entities WHERE ?1 >= 0 ORDER BY entity, erasure',
} as const

export interface ArchiveSource {
  readonly sql: SqlStorage
  readonly events: LogReader
  readonly fetch: (seqs: readonly number[]) => Promise<void>
}

/** `at` is empty at first, and then `next` of the page before. */
export async function readMembers(source: ArchiveSource, at: string): Promise<ArchivePage> {
  const { sql, events } = source
  const erasures = countErasures(sql)
  if (at === '') {
    const head = JSON.stringify({ format: archiveFormat, events: events.head })
    return { members: [{ name: headMember, text: `${head}\n` }], next: `${events.head} 0 ${erasures}` }
  }
  const [through = 0, after = 0, before = 0] = at.split(' ').map(Number)
  if (!Number.isInteger(through) || !Number.isInteger(after) || through > events.head)
    throw new ObjectError({
      code: 'invalid_parameter',
      field: 'at',
      message: `'${at.slice(0, 64)}' is no place in an archive`,
    })
  // The members before this one may name the person.
  if (erasures !== before) throw beingErased()
  if (after < through) {
    const { member, last } = await eventsMember(source, through, after)
    return { members: [member], next: `${through} ${last} ${erasures}` }
  }
  const definitions = [
    ...sql.exec('SELECT name, version, definition FROM nouns WHERE since <= ? ORDER BY name, version', through),
  ]
  const tables = Object.entries(archivedTables).flatMap(([name, rows]) => tableMembers(sql, name, { rows, through }))
  return { members: [{ name: definitionsMember, text: linesOf(definitions.map(rowToText)) }, ...tables], next: null }
}

/** Throws an ObjectError `conflict` while a person is being erased. */
function countErasures(sql: SqlStorage): number {
  const query = 'SELECT count(*) AS erasures, count(finished) AS ended FROM erasure_requests'
  const { erasures, ended } = sql.exec<{ erasures: number; ended: number }>(query).one()
  if (ended < erasures) throw beingErased()
  return erasures
}

function beingErased(): ObjectError {
  return new ObjectError({ code: 'conflict', message: 'a person is being erased: try again when that has ended' })
}

async function eventsMember(
  { events, fetch }: ArchiveSource,
  through: number,
  after: number,
): Promise<{ readonly member: ArchiveMember; readonly last: number }> {
  const lines: string[] = []
  let [last, characters] = [after, 0]
  while (last < through && lines.length < memberEvents && characters < memberCharacters) {
    const from = last
    const { rows } = await readWithArchive(() => events.read({ after: from, limit: logPageRows, through }), fetch)
    for (const row of rows) {
      if (lines.length >= memberEvents || characters >= memberCharacters) break
      const line = JSON.stringify(ordered(row))
      lines.push(line)
      characters += line.length
      last = row.seq
    }
  }
  const name = `events/${String(after + 1).padStart(12, '0')}.ndjson`
  return { member: { name, text: linesOf(lines) }, last }
}

function tableMembers(
  sql: SqlStorage,
  name: string,
  { rows: ordered, through }: { readonly rows: string; readonly through: number },
): readonly ArchiveMember[] {
  const members: ArchiveMember[] = []
  for (let start = 0; ; start += memberRows) {
    const query = `SELECT * FROM ${ordered} LIMIT ?2 OFFSET ?3`
    const rows = [...sql.exec(query, through, memberRows, start)].map(rowToText)
    if (rows.length === 0) return members
    members.push({ name: `tables/${name}/${String(start).padStart(12, '0')}.ndjson`, text: linesOf(rows) })
  }
}

function linesOf(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('')
}

const texts = ['id', 'type', 'target', 'actor', 'via', 'noun', 'data'] as const
const numbers = ['seq', 'commit', 'format', 'version', 'atMs'] as const
const optionalTexts = ['onBehalfOf', 'key', 'causedBy', 'approvedBy', 'reason', 'changes'] as const
const optionalNumbers = ['undoes', 'effectiveMs'] as const
const names = [...numbers, ...texts, ...optionalTexts, ...optionalNumbers] as const

function ordered(row: LogRow): object {
  return Object.fromEntries(names.map((name) => [name, row[name]]))
}

/** Throws an ObjectError that names the member and the line. */
export function parseEvent(line: string, place: string): LogRow {
  const row = tryParseJson(line)
  const isOf = (name: string, type: 'string' | 'number', isOptional: boolean): boolean =>
    isObject(row) && (typeof row[name] === type || (isOptional && row[name] === null))
  const wrong =
    texts.find((name) => !isOf(name, 'string', false)) ??
    numbers.find((name) => !isOf(name, 'number', false)) ??
    optionalTexts.find((name) => !isOf(name, 'string', true)) ??
    optionalNumbers.find((name) => !isOf(name, 'number', true))
  if (wrong !== undefined || !isObject(row))
    throw wrongMember(place, `'${wrong ?? 'event'}' is missing or of another type`)
  const [noun] = String(row['type']).split('.')
  if (!String(row['data']).startsWith(`{"$type":"${noun}",`) || tryParseJson(String(row['data'])) === undefined)
    throw wrongMember(place, `'data' is not an entity of ${noun}`)
  return row as unknown as LogRow // every member was checked
}

export function wrongMember(place: string, message: string): ObjectError {
  return new ObjectError({ code: 'invalid_body', field: 'archive', message: `${place}: ${message}` })
}
