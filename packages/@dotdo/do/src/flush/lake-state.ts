// What the object knows about its files, in its own SQLite: the recorded manifest, the pending flush, and files to
// delete. A file is registered as garbage before it is put, until a manifest names it, so whatever a crash leaves
// behind is deleted later.

import { filesOf, keysOf, type LayerFile, type Manifest, type StoredManifest, upgradeManifest } from '@dotdo/db'
import type { ArchivePosition } from './archive-position.ts'

/** A flush that was started. After a crash the same events are flushed again, under new file names. */
export interface FlushIntent {
  readonly throughSeq: number
}

/** The rewrite of a Noun's base, which takes more than one step. */
export interface CompactionProgress {
  readonly noun: string
  /** Deltas up to here are removed when the rewrite is done. */
  readonly throughSeq: number
  /** Rows up to this id are in `files`. */
  readonly lastId: string
  readonly rows: number
  readonly files: readonly LayerFile[]
}

/** The stored values by name. */
interface LakeValues {
  /** The manifest that names the present files. */
  readonly manifest: StoredManifest
  /** The revision that readers have. */
  readonly published: number
  readonly intent: FlushIntent
  /** Number of steps that ever put files; part of their names. */
  readonly attempts: number
  readonly compaction: CompactionProgress
  readonly archive: ArchivePosition
  /** By Noun, the definition by which its layers are written; columns such as `power:real`. */
  readonly definitions: Readonly<Record<string, { readonly version: string; readonly columns: readonly string[] }>>
  /** Nouns whose layers lack data that the log has. */
  readonly stale: readonly string[]
  /** By table, the SHA-256 of its copy in the lake. */
  readonly kept: Readonly<Record<string, string>>
  /** While a restore runs: by Noun, the definition of its last event, since when it is in use, and the first event of each. */
  readonly restoredNouns: Readonly<
    Record<
      string,
      { readonly version: string; readonly latest: number; readonly since: Readonly<Record<string, number>> }
    >
  >
}

type Name = keyof LakeValues

/** Keys are short, and a value may have 2 MB. */
const keysPerStatement = 1_000

/** A file that a snapshot of a Noun's table names stays until the snapshot expires. */
const isFree = 'NOT EXISTS (SELECT 1 FROM lake_table_files WHERE lake_table_files.key = garbage.key)'

export class LakeState {
  readonly #storage: DurableObjectStorage
  #manifest: Manifest | undefined

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage
  }

  /** Call once the tables exist. */
  reload(): void {
    const stored = this.read('manifest')
    this.#manifest = stored === undefined ? undefined : upgradeManifest(stored)
  }

  get manifest(): Manifest | undefined {
    return this.#manifest
  }

  get publishedRevision(): number {
    return this.read('published') ?? 0
  }

  read<Of extends Name>(name: Of): LakeValues[Of] | undefined {
    const [row] = this.#storage.sql.exec<{ value: string }>('SELECT value FROM lake WHERE name = ?', name).toArray()
    return row === undefined ? undefined : (JSON.parse(row.value) as LakeValues[Of]) // only `write` stores it
  }

  write<Of extends Name>(name: Of, value: LakeValues[Of]): void {
    this.#storage.sql.exec(
      'INSERT INTO lake VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
      name,
      JSON.stringify(value),
    )
  }

  clear(name: Name): void {
    this.#storage.sql.exec('DELETE FROM lake WHERE name = ?', name)
  }

  /** Registers files as garbage from a time on. A later time stays. */
  discard(keys: readonly string[], dueMs: number): void {
    for (let start = 0; start < keys.length; start += keysPerStatement)
      this.#storage.sql.exec(
        'INSERT INTO garbage SELECT value, ?2 FROM json_each(?1) WHERE true ON CONFLICT DO UPDATE SET due = max(due, excluded.due)',
        JSON.stringify(keys.slice(start, start + keysPerStatement)),
        dueMs,
      )
  }

  /** Registers those of the files as garbage that the manifest does not name. */
  discardUnnamed(keys: readonly string[], dueMs: number): void {
    const named = new Set(this.#manifest === undefined ? [] : filesOf(this.#manifest))
    const garbage = keys.filter((key) => !named.has(key))
    this.discard(garbage, dueMs)
  }

  /**
   * Records the next manifest: files that it names are kept, and files that it no longer names become garbage.
   * `alongside` runs in the same transaction.
   */
  commit(manifest: Manifest, options: { readonly dueMs: number; readonly alongside?: () => void }): void {
    this.#storage.transactionSync(() => {
      const kept = new Set(filesOf(manifest))
      const replaced = this.#manifest === undefined ? [] : filesOf(this.#manifest).filter((key) => !kept.has(key))
      this.discard(replaced, options.dueMs)
      this.keep([...kept])
      this.write('manifest', manifest)
      options.alongside?.()
    })
    this.#manifest = manifest
  }

  keep(keys: readonly string[]): void {
    const statement = 'DELETE FROM garbage WHERE key IN (SELECT value FROM json_each(?))'
    for (let start = 0; start < keys.length; start += keysPerStatement)
      this.#storage.sql.exec(statement, JSON.stringify(keys.slice(start, start + keysPerStatement)))
  }

  /** Records the progress of a rewrite, whose files are not garbage, however long the next step takes. */
  goOn(progress: CompactionProgress): void {
    this.#storage.transactionSync(() => {
      this.keep(progress.files.flatMap(keysOf))
      this.write('compaction', progress)
    })
  }

  /** Ends the rewrite. Its files become garbage unless the manifest names them. */
  endCompaction(nowMs: number): void {
    const progress = this.read('compaction')
    if (progress === undefined) return
    const manifest = this.read('manifest')
    const named = new Set(manifest === undefined ? [] : filesOf(upgradeManifest(manifest)))
    this.#storage.transactionSync(() => {
      const keys = progress.files.flatMap(keysOf)
      this.discard(
        keys.filter((key) => !named.has(key)),
        nowMs,
      )
      this.clear('compaction')
    })
  }

  get garbageCount(): number {
    return this.#storage.sql.exec<{ count: number }>('SELECT count(*) AS count FROM garbage').one().count
  }

  /** Makes all deletions due. Only while no step is putting files. */
  hasten(nowMs: number): void {
    this.#storage.sql.exec('UPDATE garbage SET due = ?1 WHERE due > ?1', nowMs)
  }

  /** Postpones all deletions until this time. */
  postpone(untilMs: number): void {
    this.#storage.sql.exec('UPDATE garbage SET due = ?1 WHERE due < ?1', untilMs)
  }

  garbageDue(nowMs: number, limit: number): readonly string[] {
    const query = `SELECT key FROM garbage WHERE due <= ? AND ${isFree} LIMIT ?`
    const rows = this.#storage.sql.exec<{ key: string }>(query, nowMs, limit)
    return [...rows].map(({ key }) => key)
  }

  get nextGarbageMs(): number | undefined {
    return (
      this.#storage.sql.exec<{ due: number | null }>(`SELECT min(due) AS due FROM garbage WHERE ${isFree}`).one()[
        'due'
      ] ?? undefined
    )
  }
}
