// The entities of a Noun as they were at the end of one event, in order of id and in groups that fit into memory, while
// writes go on. Read from the state; what has changed since is read as it was.

import type { EntityRow } from '@dotdo/db'
import type { NounTable } from '../noun-table.ts'
import { type Row, rowToVersion, type StoredVersion } from '../row-codec.ts'
import type { StorageHandler } from '../storage-handler.ts'

const groupRowsMax = 5_000
/** Of text, roughly; measured on what was read. */
const groupCharactersMax = 8_000_000

export interface BaseRowsOptions {
  readonly sql: SqlStorage
  readonly state: StorageHandler
  readonly table: NounTable
  /** The event at whose end. */
  readonly seq: number
  /** Entities after this id. */
  readonly afterId: string
}

/**
 * The next group, and where it ends; undefined when there are no more. Between two groups writes may come, so nothing
 * is kept open, and each group sees to it that it is as of `seq`.
 */
export function readBaseGroup(
  options: BaseRowsOptions,
): { readonly rows: readonly EntityRow[]; readonly lastId: string } | undefined {
  const { sql, state, table, seq, afterId } = options
  const present: StoredVersion[] = []
  let characters = 0
  let isCut = false
  const cursor = sql
    .exec(
      `SELECT ${table.columnList} FROM ${table.present} WHERE "$id" > ? ORDER BY "$id" LIMIT ?`,
      afterId,
      groupRowsMax,
    )
    .raw<SqlStorageValue[]>()
  for (const row of cursor) {
    for (const value of row) if (typeof value === 'string') characters += value.length
    present.push(rowToVersion(table, row as Row)) // the table's own columns
    if (characters > groupCharactersMax) {
      isCut = true
      break
    }
  }
  const isLast = !isCut && present.length < groupRowsMax
  const lastId = isLast ? undefined : present.at(-1)?.id
  const versions = present.flatMap((version) =>
    version.seq <= seq ? version : (state.getAsOf(table, version.id, seq) ?? []),
  )
  for (const id of deletedSince(options, lastId)) {
    const version = state.getAsOf(table, id, seq)
    if (version !== undefined && !versions.some((other) => other.id === id)) versions.push(version)
  }
  if (versions.length === 0 && isLast) return undefined
  const rows = versions.toSorted((a, b) => (a.id < b.id ? -1 : 1)).map(versionToEntityRow)
  // After the last of the present there may still have been some that were deleted since.
  return { rows: rows.slice(0, groupRowsMax), lastId: rows[groupRowsMax - 1]?.id ?? lastId ?? lastPossibleId }
}

/** After every id. */
const lastPossibleId = '~'

/** Entities between two ids that were deleted after the moment: they are in the present no more. */
function deletedSince(options: BaseRowsOptions, throughId: string | undefined): readonly string[] {
  const { sql, table, seq, afterId } = options
  const rows = sql.exec<{ target: string }>(
    'SELECT DISTINCT target FROM log WHERE seq > ? AND type = ? AND target > ? AND target <= ?',
    seq,
    `${table.schema.name}.Deleted`,
    afterId,
    throughId ?? lastPossibleId,
  )
  return [...rows].map(({ target }) => target)
}

function versionToEntityRow(version: StoredVersion): EntityRow {
  const { textSeq: _, ...row } = version
  return { ...row, isDeleted: false }
}
