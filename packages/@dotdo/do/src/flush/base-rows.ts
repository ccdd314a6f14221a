// Reads the entities of a Noun as of one event, in order of id and in groups that fit into memory, while writes
// continue. Reads the state, and the past versions of entities that have changed since.

import type { EntityRow } from '@dotdo/db'
import { charactersOfFields } from 'digital-objects'
import { typeOfRow } from '../log/stored-event.ts'
import type { NounTable } from '../state/noun-table.ts'
import { type Row, rowToVersion, type StoredVersion } from '../state/row-codec.ts'
import type { StateReader } from '../state/state-reader.ts'

const usualLimits = {
  rows: 5_000,
  /** Events since `seq` that each group looks through for deleted entities. Beyond them, past versions are looked through instead. */
  events: 20_000,
} as const
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
  /** The limits of a group. Set only by tests. */
  readonly limits?: { readonly rows: number; readonly events: number }
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
  const { state, table, seq, limits = usualLimits } = options
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
      if (rows.length === limits.rows || (rows.length > 0 && characters + length > groupCharactersMax))
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
function readPresent({ sql, table, afterId, limits = usualLimits }: BaseRowsOptions): {
  readonly versions: ReadonlyMap<string, StoredVersion>
  readonly end: string | undefined
} {
  const versions = new Map<string, StoredVersion>()
  const query = `SELECT ${table.columnList} FROM ${table.present} WHERE "$id" > ? ORDER BY "$id" LIMIT ?`
  let characters = 0
  let end = afterId
  while (versions.size < limits.rows && characters < groupCharactersMax) {
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

interface Ids {
  readonly ids: readonly string[]
  readonly end: string | undefined
}

/**
 * Returns ids of entities that may be missing from the present table, since they were deleted after `seq`. `end` as above. The log
 * has few of them if few events came since; each group reads all of these. After many, the past table is read, of which each group
 * has a part of its own, so the cost of all groups does not grow with the events that come meanwhile.
 */
function deletedSince(options: BaseRowsOptions): Ids {
  const { sql, seq, limits = usualLimits } = options
  const [last] = sql.exec<{ seq: number }>('SELECT seq FROM log ORDER BY seq DESC LIMIT 1')
  return (last?.seq ?? 0) - seq > limits.events ? replacedIds(options) : loggedIds(options)
}

function loggedIds({ sql, table, seq, afterId, limits = usualLimits }: BaseRowsOptions): Ids {
  const query = `SELECT DISTINCT target AS id FROM log WHERE seq > ? AND ${typeOfRow} = ? AND target > ? ORDER BY target LIMIT ?`
  const found = sql.exec<{ id: string }>(query, seq, `${table.schema.name}.Deleted`, afterId, limits.rows)
  return idsOf(found, limits.rows)
}

/** Every entity that was changed or deleted has a past version. */
function replacedIds({ sql, table, afterId, limits = usualLimits }: BaseRowsOptions): Ids {
  const query = `SELECT DISTINCT "$id" AS id FROM ${table.past} WHERE "$id" > ? ORDER BY "$id" LIMIT ?`
  return idsOf(sql.exec<{ id: string }>(query, afterId, limits.rows), limits.rows)
}

function idsOf(rows: Iterable<{ readonly id: string }>, limit: number): Ids {
  const ids = [...rows].map(({ id }) => id)
  return { ids, end: ids.length < limit ? undefined : ids.at(-1) }
}

function versionToEntityRow(version: StoredVersion): EntityRow {
  const { textSeq: _, ...row } = version
  return { ...row, isDeleted: false }
}
