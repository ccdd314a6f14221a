// What the tenant's object knows of its files, in its own SQLite: the manifest whose copy is published, the flush under
// way, and the files to be deleted. A file is noted as garbage before it is put and no longer when a manifest names it,
// so whatever a crash leaves behind is found.

import { filesOf, keysOf, type LayerFile, type Manifest, type StoredManifest, upgradeManifest } from '@dotdo/db'
import type { ArchivePosition } from './archive-position.ts'

/** A flush that was begun. After a crash the same events are flushed again, under names of their own. */
export interface FlushIntent {
  readonly throughSeq: number
}

/** The rewriting of a Noun's base, which takes more than one alarm. */
export interface CompactionProgress {
  readonly noun: string
  /** Deltas up to here go when it is done. */
  readonly throughSeq: number
  /** Rows up to this id are in `files`. */
  readonly lastId: string
  readonly rows: number
  readonly files: readonly LayerFile[]
}

/** What is kept, by name. */
interface LakeValues {
  /** What is in the files. */
  readonly manifest: StoredManifest
  /** The revision that readers have. */
  readonly published: number
  readonly intent: FlushIntent
  /** Steps that put files, ever: a part of their names. */
  readonly attempts: number
  readonly compaction: CompactionProgress
  readonly archive: ArchivePosition
  /** By Noun, the definition by which the newest program writes its layers; columns as `power:real`. */
  readonly definitions: Readonly<Record<string, { readonly version: string; readonly columns: readonly string[] }>>
  /** Nouns whose layers lack something that the log says. */
  readonly stale: readonly string[]
}

type Name = keyof LakeValues

/** Keys are short, and a value may have 2 MB. */
const keysPerStatement = 1_000

export class LakeState {
  readonly #storage: DurableObjectStorage
  #manifest: Manifest | undefined

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage
  }

  /** To be called when the tables stand. */
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
    return row === undefined ? undefined : (JSON.parse(row.value) as LakeValues[Of]) // only `write` puts it there
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

  /** Notes files as garbage from a moment on; a later moment stands. */
  discard(keys: readonly string[], dueMs: number): void {
    for (let start = 0; start < keys.length; start += keysPerStatement)
      this.#storage.sql.exec(
        'INSERT INTO garbage SELECT value, ?2 FROM json_each(?1) WHERE true ON CONFLICT DO UPDATE SET due = max(due, excluded.due)',
        JSON.stringify(keys.slice(start, start + keysPerStatement)),
        dueMs,
      )
  }

  /** The next manifest: what it names is kept, what it no longer names is garbage. One transaction, with `alongside`. */
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

  /** A base is being rewritten, in more steps than one: what it has so far is no garbage, however long the next one takes. */
  goOn(progress: CompactionProgress): void {
    this.#storage.transactionSync(() => {
      this.keep(progress.files.flatMap(keysOf))
      this.write('compaction', progress)
    })
  }

  /** None is being rewritten any more: what the manifest does not name of it is garbage. */
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

  /** Nothing goes before this moment. */
  postpone(untilMs: number): void {
    this.#storage.sql.exec('UPDATE garbage SET due = ?1 WHERE due < ?1', untilMs)
  }

  garbageDue(nowMs: number, limit: number): readonly string[] {
    const rows = this.#storage.sql.exec<{ key: string }>('SELECT key FROM garbage WHERE due <= ? LIMIT ?', nowMs, limit)
    return [...rows].map(({ key }) => key)
  }

  get nextGarbageMs(): number | undefined {
    return (
      this.#storage.sql.exec<{ due: number | null }>('SELECT min(due) AS due FROM garbage').one()['due'] ?? undefined
    )
  }
}
