// The archive's state in the object's own SQLite: its position, and the files of its table.

import type { EventFile } from '@dotdo/db'
import type { ArchivePosition, PendingCommit } from './archive-position.ts'
import type { LakeState } from './lake-state.ts'

const start: ArchivePosition = { version: 0, throughSeq: 0, trimmedSeq: 0, expiredAtMs: 0 }

export class ArchiveState {
  readonly #storage: DurableObjectStorage
  readonly #lake: LakeState

  constructor(options: { readonly storage: DurableObjectStorage; readonly lake: LakeState }) {
    this.#storage = options.storage
    this.#lake = options.lake
  }

  get position(): ArchivePosition {
    return this.#lake.read('archive') ?? start
  }

  /** All segments: a few dozen per hundred thousand events. */
  segments(): readonly EventFile[] {
    const rows = this.#storage.sql.exec<{ file: string }>('SELECT file FROM segments ORDER BY through_seq')
    return [...rows].map(({ file }) => JSON.parse(file) as EventFile) // only `finish` writes it
  }

  /** Segments whose texts the log still has. Only these may be merged. */
  untrimmed(): readonly EventFile[] {
    const { trimmedSeq } = this.position
    return this.segments().filter(({ afterSeq }) => afterSeq >= trimmedSeq)
  }

  /** Returns the file that holds an event; undefined if none does. */
  segmentOf(seq: number): EventFile | undefined {
    const query = 'SELECT file FROM segments WHERE through_seq >= ? AND after_seq < ? ORDER BY through_seq LIMIT 1'
    const [row] = this.#storage.sql.exec<{ file: string }>(query, seq, seq).toArray()
    return row === undefined ? undefined : (JSON.parse(row.file) as EventFile) // only `finish` writes it
  }

  /** Records the pending commit, which replaces any earlier one. Its files are no longer garbage. */
  begin(pending: PendingCommit): void {
    const { position } = this
    this.#storage.transactionSync(() => {
      if (pending.kind === 'files') this.#lake.keep(pending.added.map(({ key }) => key))
      this.#lake.write('archive', { ...position, pending })
    })
  }

  /** Records that the pending commit was made. `garbage` becomes due at `dueMs`. */
  finish(committed: { readonly version: number; readonly garbage: readonly string[]; readonly dueMs: number }): void {
    const { pending, ...position } = this.position
    if (pending === undefined) throw new Error('the archive has no pending commit')
    const { version, garbage, dueMs } = committed
    this.#storage.transactionSync(() => {
      this.#lake.discard(garbage, dueMs)
      if (pending.kind === 'expiry') {
        this.#lake.write('archive', { ...position, version, expiredAtMs: pending.atMs })
        return
      }
      const { added, replaced } = pending
      this.#storage.sql.exec(
        'DELETE FROM segments WHERE after_seq >= ? AND through_seq <= ?',
        replaced.afterSeq,
        pending.newTableOnto !== undefined ? Number.MAX_SAFE_INTEGER : replaced.throughSeq,
      )
      for (const file of added)
        this.#storage.sql.exec(
          'INSERT INTO segments VALUES (?, ?, ?)',
          file.throughSeq,
          file.afterSeq,
          JSON.stringify(file),
        )
      const last = added.at(-1)?.throughSeq ?? 0
      const throughSeq = pending.newTableOnto !== undefined ? last : Math.max(position.throughSeq, last)
      this.#lake.write('archive', { ...position, version, throughSeq })
    })
  }

  /** Removes the texts of these events from the log. The caller must have compared them with their file. */
  trim(range: { readonly afterSeq: number; readonly throughSeq: number }): void {
    const { position } = this
    this.#storage.transactionSync(() => {
      this.#storage.sql.exec(
        "UPDATE log SET data = '', changes = NULL WHERE seq > ? AND seq <= ?",
        range.afterSeq,
        range.throughSeq,
      )
      this.#lake.write('archive', { ...position, trimmedSeq: range.throughSeq })
    })
  }
}
