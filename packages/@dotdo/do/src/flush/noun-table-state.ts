// The state of the Nouns' Iceberg tables in the object's own SQLite: the position of each, and the files that its
// snapshots name, which must stay as long as they do.

import type { FileRef } from '@dotdo/db'
import type { LakeState } from './lake-state.ts'

/** A file of position deletes. */
export interface DeletesFile {
  readonly key: string
  readonly bytes: number
  readonly rows: number
  /** The first and last path in it. */
  readonly paths: { readonly first: string; readonly last: string }
}

/** A data file of the current snapshot. */
export interface TableFile extends FileRef {
  /** Hides rows of older files, and the file's own tombstones. */
  readonly deletes?: DeletesFile
}

export interface TablePosition {
  /** The table's name and folder. */
  readonly name: string
  /** The location of the lake when the table was made. */
  readonly root: string
  /** The version of its metadata file; 0 before there is one. */
  readonly version: number
  /** The next commit starts a new table on top of this version. */
  readonly isNew: boolean
  /** The table has the entities as of this event; -1 if that is unknown. */
  readonly seq: number
  /** `layers`: the files are those of the manifest. `whole`: one file, written for the table, has all entities. */
  readonly kind: 'layers' | 'whole'
  /** The columns, as text. */
  readonly columns: string
  readonly files: readonly TableFile[]
  /** When the oldest snapshot was made that neither is the current one nor has a tag. */
  readonly expirableMs?: number
  readonly expiredAtMs: number
  readonly pending?: PendingTable
}

export type PendingTable =
  | {
      readonly kind: 'files'
      readonly operationId: string
      readonly snapshotId: number
      readonly atMs: number
      readonly isSameRows: boolean
      /** The position once the commit is made, without `version`. */
      readonly next: Pick<TablePosition, 'root' | 'seq' | 'kind' | 'columns' | 'files'>
    }
  | {
      readonly kind: 'expiry'
      readonly operationId: string
      readonly atMs: number
      readonly olderThanMs: number
      readonly keepsTags: boolean
    }

/** Rows of JSON per statement. */
const keysPerStatement = 1_000

export class NounTableState {
  readonly #storage: DurableObjectStorage
  readonly #lake: LakeState
  /** A copy of the positions, which jobs ask for often. */
  #positions: Map<string, TablePosition> | undefined

  constructor(options: { readonly storage: DurableObjectStorage; readonly lake: LakeState }) {
    this.#storage = options.storage
    this.#lake = options.lake
  }

  position(noun: string): TablePosition | undefined {
    return this.positions().get(noun)
  }

  /** Returns the positions by Noun. */
  positions(): ReadonlyMap<string, TablePosition> {
    if (this.#positions !== undefined) return this.#positions
    const rows = this.#storage.sql.exec<{ noun: string; position: string }>('SELECT noun, position FROM lake_tables')
    // Only `write` stores them.
    this.#positions = new Map([...rows].map(({ noun, position }) => [noun, JSON.parse(position) as TablePosition]))
    return this.#positions
  }

  /** Reads the positions again when they are next asked for. */
  reload(): void {
    this.#positions = undefined
  }

  write(noun: string, position: TablePosition): void {
    this.#storage.sql.exec(
      'INSERT INTO lake_tables VALUES (?, ?) ON CONFLICT DO UPDATE SET position = excluded.position',
      noun,
      JSON.stringify(position),
    )
    this.#positions?.set(noun, position)
  }

  /** Records a commit before it is made. `files` are the new files, which are no longer garbage. */
  begin(noun: string, position: TablePosition, files: readonly string[]): void {
    this.#transaction(() => {
      this.#lake.keep(files)
      for (const keys of chunks(files))
        this.#storage.sql.exec(
          'INSERT INTO lake_table_files SELECT value, ?2 FROM json_each(?1) WHERE true ON CONFLICT DO NOTHING',
          JSON.stringify(keys),
          noun,
        )
      this.write(noun, position)
    })
  }

  /** Records that the commit was made, and that no snapshot names these files any more. */
  finish(
    noun: string,
    position: TablePosition,
    freed: { readonly keys: readonly string[]; readonly dueMs: number },
  ): void {
    this.#transaction(() => {
      for (const keys of chunks(freed.keys))
        this.#storage.sql.exec(
          'DELETE FROM lake_table_files WHERE key IN (SELECT value FROM json_each(?))',
          JSON.stringify(keys),
        )
      this.#lake.discardUnnamed(freed.keys, freed.dueMs)
      this.write(noun, position)
    })
  }

  #transaction(work: () => void): void {
    try {
      this.#storage.transactionSync(work)
    } catch (error) {
      this.reload()
      throw error
    }
  }

  /** Returns the files that snapshots of the table may name. */
  filesOf(noun: string): readonly string[] {
    const rows = this.#storage.sql.exec<{ key: string }>('SELECT key FROM lake_table_files WHERE noun = ?', noun)
    return [...rows].map(({ key }) => key)
  }
}

function* chunks(keys: readonly string[]): Generator<readonly string[]> {
  for (let start = 0; start < keys.length; start += keysPerStatement) yield keys.slice(start, start + keysPerStatement)
}
