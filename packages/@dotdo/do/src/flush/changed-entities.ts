// Determines what a range of the log changed: the last event of each entity, and the rows that files hold for it. It
// reads the log only, so the result does not depend on later writes.

import type { EntityRow } from '@dotdo/db'
import { assert, type NounSchema } from 'digital-objects'
import { parseEntityText } from '../log/entity-text.ts'
import { creationText, rowToStoredEvent, storedColumns, type StoredEvent, typeOfRow } from '../log/stored-event.ts'
import { Words } from '../log/words.ts'
import type { StoredVersion } from '../state/row-codec.ts'
import type { StateReader } from '../state/state-reader.ts'
import { versionsAsOf } from '../state/versions-as-of.ts'
import type { PastDefinitions } from './past-definitions.ts'

export interface ChangedEntity {
  readonly id: string
  readonly seq: number
  readonly isDeleted: boolean
  /** Characters of the event's text, to limit memory. */
  readonly characters: number
  /** The first event of the entity in the range; its version tells whether it created the entity. */
  readonly first: { readonly seq: number; readonly version: number; readonly type: string }
}

/** Row groups have at most this many rows, and this much text while they are built. */
const groupRowsMax = 5_000
const groupCharactersMax = 8_000_000
/** Rows to read at a time. */
const readRowsMax = 500
const readCharactersMax = 2_000_000
/** Assumed size of an archived text, since the log does not record it. */
const archivedCharacters = 50_000

/** Returns changed entities by Noun, in order of id; of all Nouns or of one. */
export function changedEntities(
  sql: SqlStorage,
  range: { readonly after: number; readonly through: number; readonly noun?: string },
): ReadonlyMap<string, readonly ChangedEntity[]> {
  const { after, through, noun: only } = range
  const nouns = new Map<string, Map<string, ChangedEntity>>()
  const query = `SELECT seq, ${typeOfRow} AS name, target, version, coalesce(size, length(data)) FROM log
    WHERE seq > ? AND seq <= ? AND name >= ? AND name < ? ORDER BY seq`
  // In byte order `/` follows `.`, and `~` follows every name.
  const [from, to] = only === undefined ? ['', '~'] : [`${only}.`, `${only}/`]
  const rows = sql.exec(query, after, through, from, to).raw<[number, string, string, number, number]>()
  for (const [seq, type, id, version, characters] of rows) {
    const noun = type.slice(0, type.indexOf('.'))
    let entities = nouns.get(noun)
    if (entities === undefined) nouns.set(noun, (entities = new Map()))
    const first = entities.get(id)?.first ?? { seq, version, type }
    entities.set(id, { id, seq, isDeleted: isDeletion(type), characters, first })
  }
  return new Map(
    [...nouns].map(([noun, entities]) => [noun, [...entities.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1))]),
  )
}

export function isDeletion(type: string): boolean {
  return type.endsWith('.Deleted')
}

export interface RowSource {
  readonly sql: SqlStorage
  readonly state: StateReader
  readonly definitions: PastDefinitions
  readonly schema: NounSchema
}

/** Yields the rows of these entities, in groups that fit into memory. */
export function* rowGroupsOf(source: RowSource, entities: readonly ChangedEntity[]): Generator<readonly EntityRow[]> {
  let group: EntityRow[] = []
  let characters = 0
  for (const some of partsOf(entities)) {
    for (const { row, length } of readRows(source, some)) {
      if (group.length === groupRowsMax || (group.length > 0 && characters + length > groupCharactersMax)) {
        yield group
        group = []
        characters = 0
      }
      group.push(row)
      characters += length
    }
  }
  if (group.length > 0) yield group
}

/** Yields as many entities as are read at a time. */
function* partsOf(entities: readonly ChangedEntity[]): Generator<readonly ChangedEntity[]> {
  let part: ChangedEntity[] = []
  let characters = 0
  for (const entity of entities) {
    part.push(entity)
    characters += entity.characters === 0 ? archivedCharacters : entity.characters
    if (part.length < readRowsMax && characters < readCharactersMax) continue
    yield part
    part = []
    characters = 0
  }
  if (part.length > 0) yield part
}

interface ReadRow {
  readonly row: EntityRow
  /** Characters of its text. */
  readonly length: number
}

function readRows(source: RowSource, entities: readonly ChangedEntity[]): readonly ReadRow[] {
  const { sql, definitions, schema } = source
  const words = new Words(sql)
  const events = new Map<number, StoredEvent>()
  const seqs = JSON.stringify(entities.map(({ seq }) => seq))
  const query = `SELECT ${storedColumns} FROM log WHERE seq IN (SELECT value FROM json_each(?))`
  for (const row of sql.exec(query, seqs).raw()) {
    const event = rowToStoredEvent(row, words)
    events.set(event.seq, event)
  }
  // The log does not have the whole entity in these rows, so the state is read instead.
  const ofState = entities.filter(({ seq }) => events.get(seq)?.data === '')
  const versions = versionsOfEvents(source, ofState)
  return entities.map((entity) => {
    const event = events.get(entity.seq)
    assert(event !== undefined, `the log has event ${entity.seq}`)
    if (event.data === '') {
      const row = rowOfEvent(versions, entity)
      return { row, length: JSON.stringify(row.fields).length }
    }
    const row = eventDataToRow(event.isThin ? creationText(event) : event.data, entity)
    const fields = definitions.fieldsToday(schema, { version: event.noun, fields: row.fields })
    return { row: { ...row, fields }, length: event.data.length }
  })
}

function versionsOfEvents(
  { sql, state, schema }: RowSource,
  entities: readonly ChangedEntity[],
): ReadonlyMap<string, StoredVersion> {
  if (entities.length === 0) return new Map()
  const asked = entities.map(({ id, seq, isDeleted }) => ({ id, seq: isDeleted ? seq - 1 : seq }))
  return versionsAsOf(sql, state.tableOf(schema), asked)
}

function rowOfEvent(versions: ReadonlyMap<string, StoredVersion>, { id, seq, isDeleted }: ChangedEntity): EntityRow {
  const version = versions.get(id)
  assert(version !== undefined, `the state has '${id}' as of ${seq}`)
  const { textSeq: _, ...row } = version
  return { ...row, version: isDeleted ? row.version + 1 : row.version, seq, isDeleted }
}

/** Parses the entity of an event as it was written. */
export function eventDataToRow(text: string, event: { readonly seq: number; readonly isDeleted: boolean }): EntityRow {
  const { id, version, createdAt, createdBy, updatedAt, fields } = parseEntityText(text)
  return {
    id,
    version,
    createdAtMs: Date.parse(createdAt),
    createdBy,
    updatedAtMs: Date.parse(updatedAt),
    seq: event.seq,
    isDeleted: event.isDeleted,
    fields,
  }
}
