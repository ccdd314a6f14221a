// Reads the entities of a Noun as of one event, in order of id and in groups that fit into memory, while writes
// continue. Reads the state, and the past versions of entities that have changed since.

import type { EntityRow } from '@dotdo/db'
import { charactersOfFields } from 'digital-objects'
import { typeOfRow } from '../log/stored-event.ts'
import type { NounTable } from '../state/noun-table.ts'
import { type Row, rowToVersion, type StoredVersion } from '../state/row-codec.ts'
import type { StateReader } from '../state/state-reader.ts'

const groupRowsMax = 5_000
/** Approximate characters of text. */
const groupCharactersMax = 8_000_000
/** Rows per statement, which is always read to its end. A row may have a million characters. */
const rowsPerStatement = 32

export interface BaseRowsOptions {
  readonly sql: SqlStorage
  readonly state: StateReader
  readonly table: NounTable
  /** Entities are read as of the end of this event. */
  readonly seq: number
  /** Reads entities after this id. */
  readonly afterId: string
}

export interface BaseGroup {
  /** Empty if all entities in the range are newer than `seq`. */
  readonly rows: readonly EntityRow[]
  /** Approximate characters of text. */
  readonly characters: number
  /** The next group starts after this id. */
  readonly lastId: string
}

/**
 * Returns the next group; undefined if there are none. Writes may run between two groups, so no cursor stays open, and
 * each group is read as of `seq`.
 */
export function readBaseGroup(options: BaseRowsOptions): BaseGroup | undefined {
  const { state, table, seq } = options
  const present = readPresent(options)
  const deleted = deletedSince(options)
  // Beyond the end of either list there may be more entries.
  const ends = [present.end, deleted.end].filter((end) => end !== undefined).toSorted()
  const end = ends[0] ?? lastPossibleId
  const ids = [...new Set([...present.versions.keys(), ...deleted.ids])].filter((id) => id <= end).toSorted()
  const rows: EntityRow[] = []
  let characters = 0
  let lastId = options.afterId
  for (const id of ids) {
    const now = present.versions.get(id)
    const version = now !== undefined && now.seq <= seq ? now : state.getAsOf(table, id, seq)
    if (version !== undefined) {
      const length = charactersOfFields(version.fields)
      if (rows.length === groupRowsMax || (rows.length > 0 && characters + length > groupCharactersMax))
        return { rows, characters, lastId }
      rows.push(versionToEntityRow(version))
      characters += length
    }
    lastId = id
  }
  return rows.length === 0 && ends.length === 0 ? undefined : { rows, characters, lastId: end }
}

/** Sorts after every id. */
const lastPossibleId = '~'

/** Reads present rows, as many as make a group. `end` is the last one read, undefined if there are no more. */
function readPresent({ sql, table, afterId }: BaseRowsOptions): {
  readonly versions: ReadonlyMap<string, StoredVersion>
  readonly end: string | undefined
} {
  const versions = new Map<string, StoredVersion>()
  const query = `SELECT ${table.columnList} FROM ${table.present} WHERE "$id" > ? ORDER BY "$id" LIMIT ?`
  let characters = 0
  let end = afterId
  while (versions.size < groupRowsMax && characters < groupCharactersMax) {
    const rows = [...sql.exec(query, end, rowsPerStatement).raw<SqlStorageValue[]>()]
    for (const row of rows) {
      const version = rowToVersion(table, row as Row) // the table's own columns
      versions.set(version.id, version)
      characters += charactersOfFields(version.fields)
      end = version.id
    }
    if (rows.length < rowsPerStatement) return { versions, end: undefined }
  }
  return { versions, end }
}

/** Returns ids deleted after `seq`, which may be missing from the present table. `end` as above. */
function deletedSince({ sql, table, seq, afterId }: BaseRowsOptions): {
  readonly ids: readonly string[]
  readonly end: string | undefined
} {
  const query = `SELECT DISTINCT target FROM log WHERE seq > ? AND ${typeOfRow} = ? AND target > ? ORDER BY target LIMIT ?`
  const rows = sql.exec<{ target: string }>(query, seq, `${table.schema.name}.Deleted`, afterId, groupRowsMax)
  const ids = [...rows].map(({ target }) => target)
  return { ids, end: ids.length < groupRowsMax ? undefined : ids.at(-1) }
}

function versionToEntityRow(version: StoredVersion): EntityRow {
  const { textSeq: _, ...row } = version
  return { ...row, isDeleted: false }
}
