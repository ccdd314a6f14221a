// What a stretch of the log changed: the last event of each entity, and the rows that files hold of it. Read from the
// log alone, so it is the same whatever is written meanwhile.

import type { EntityRow } from '@dotdo/db'
import type { JsonValue, NounSchema } from 'digital-objects'
import { assert } from '../assert.ts'
import type { StorageHandler } from '../storage-handler.ts'
import type { PastDefinitions } from './past-definitions.ts'

export interface ChangedEntity {
  readonly id: string
  readonly seq: number
  readonly isDeleted: boolean
  /** Of the event, for bounding memory. */
  readonly characters: number
  /** The first event of the stretch: whether it created the entity, and its type. */
  readonly first: { readonly seq: number; readonly version: number; readonly type: string }
}

/** Row groups hold at most this many rows, and this much text while they are made. */
const groupRowsMax = 5_000
const groupCharactersMax = 8_000_000

/** By Noun, in order of id. */
export function changedEntities(
  sql: SqlStorage,
  range: { readonly after: number; readonly through: number },
): ReadonlyMap<string, readonly ChangedEntity[]> {
  const nouns = new Map<string, Map<string, ChangedEntity>>()
  const rows = sql
    .exec(
      'SELECT seq, type, target, version, length(data) FROM log WHERE seq > ? AND seq <= ? ORDER BY seq',
      range.after,
      range.through,
    )
    .raw<[number, string, string, number, number]>()
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
  readonly state: StorageHandler
  readonly definitions: PastDefinitions
  readonly schema: NounSchema
}

/** The rows of these entities, in groups that fit into memory. */
export function* rowGroupsOf(source: RowSource, entities: readonly ChangedEntity[]): Generator<readonly EntityRow[]> {
  let group: ChangedEntity[] = []
  let characters = 0
  for (const entity of entities) {
    if (group.length === groupRowsMax || (group.length > 0 && characters + entity.characters > groupCharactersMax)) {
      yield readRows(source, group)
      group = []
      characters = 0
    }
    group.push(entity)
    characters += entity.characters
  }
  if (group.length > 0) yield readRows(source, group)
}

function readRows(source: RowSource, entities: readonly ChangedEntity[]): readonly EntityRow[] {
  const { sql, definitions, schema } = source
  const events = new Map<number, { readonly version: string; readonly data: string }>()
  const seqs = JSON.stringify(entities.map(({ seq }) => seq))
  const rows = sql
    .exec('SELECT seq, noun, data FROM log WHERE seq IN (SELECT value FROM json_each(?))', seqs)
    .raw<[number, string, string]>()
  for (const [seq, version, data] of rows) events.set(seq, { version, data })
  return entities.map((entity) => {
    const event = events.get(entity.seq)
    assert(event !== undefined, `the log holds event ${entity.seq}`)
    if (event.data === '') return archivedToRow(source, entity)
    const row = eventDataToRow(event.data, entity)
    return { ...row, fields: definitions.fieldsToday(schema, { version: event.version, fields: row.fields }) }
  })
}

/** What the event says is in the archive; the state knows it as well, but for a deletion, which says that nothing is left. */
function archivedToRow({ state, schema }: RowSource, { id, seq, isDeleted }: ChangedEntity): EntityRow {
  const table = state.table(schema.name)
  const version = table === undefined ? undefined : state.getAsOf(table, id, isDeleted ? seq - 1 : seq)
  assert(version !== undefined, `the state holds '${id}' as of ${seq}`)
  const { textSeq: _, ...row } = version
  return { ...row, version: isDeleted ? row.version + 1 : row.version, seq, isDeleted }
}

/** The entity of an event, as it was written. */
export function eventDataToRow(text: string, event: { readonly seq: number; readonly isDeleted: boolean }): EntityRow {
  const {
    $type: _,
    $id,
    $version,
    $createdAt,
    $createdBy,
    $updatedAt,
    ...fields
  } = JSON.parse(text) as {
    readonly [field: string]: JsonValue
  }
  return {
    id: String($id),
    version: Number($version),
    createdAtMs: Date.parse(String($createdAt)),
    createdBy: String($createdBy),
    updatedAtMs: Date.parse(String($updatedAt)),
    seq: event.seq,
    isDeleted: event.isDeleted,
    fields,
  }
}
