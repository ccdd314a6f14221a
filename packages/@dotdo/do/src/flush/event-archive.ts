// The log in the object store: one Iceberg table per tenant. Every flush appends to it, small files are merged, and
// texts that have left the object are read from it. Each step is recorded before it is made, so it may be killed at any
// line, and a file becomes the only copy only after it was read back and compared.

import { assert } from 'digital-objects'
import {
  commitFiles,
  createTableMetadata,
  DamagedFile,
  type DataFile,
  type EventFile,
  eventFileToDataFile,
  EventFileWriter,
  eventIcebergColumns,
  type EventsLayer,
  expireSnapshots,
  IcebergConflict,
  keyToPath,
  type ObjectStore,
  readCurrentTable,
  type TableMetadata,
  withColumns,
} from '@dotdo/db'
import { type ArchivedTexts, readWithArchive } from '../log/archived-events.ts'
import type { LogReader } from '../log/log-reader.ts'
import type { TenantMeta } from '../log/tenant-meta.ts'
import { finalThrough, nextMerge } from './archive-plan.ts'
import type { PendingExpiry, PendingFiles } from './archive-position.ts'
import { ArchiveReader } from './archive-reader.ts'
import { ArchiveState } from './archive-state.ts'
import type { FileNames } from './file-names.ts'
import type { FlushSettings } from './flush-settings.ts'
import type { LakeState } from './lake-state.ts'
import type { ErasedEntities } from '../state/erased-entities.ts'
import { nextTask } from '../base/next-task.ts'

export interface EventArchiveOptions {
  readonly storage: DurableObjectStorage
  readonly store: ObjectStore
  readonly log: LogReader
  readonly texts: ArchivedTexts
  readonly meta: TenantMeta
  readonly lake: LakeState
  readonly settings: FlushSettings
  readonly now: () => number
  readonly random: () => number
  /** Records a key before its file is put, because a crash after the put leaves an orphan file. */
  readonly willPut: (key: string) => void
  readonly names: FileNames
  /** Does what this object still owes for events up to `throughSeq`; returns the `seq` up to which nothing is owed. */
  readonly settle: (throughSeq: number) => Promise<number>
  readonly erased: ErasedEntities
}

/** Twice the size of a sealed file, so that a merge usually ends in one file. */
const fileRowsMax = 125_000
const logPageRows = 1_000
const snapshotsKeptMin = 10
/**
 * Further snapshots expire however young they are, since each commit writes all of them and each expiry reads all their
 * lists. Readers of an expired snapshot still have the grace period.
 */
const snapshotsKeptMax = 200
/** The limit for a commit: with more snapshots, some must expire first. */
const snapshotsMax = 250
/** With the lists of the remaining snapshots, a step stays below the limit of requests per invocation. */
const expiredPerStepMax = 50
/** Pause between checks for snapshots that have expired by age. */
const expiryPauseMs = 60_000
const listedMax = 1_000
const listedPagesMax = 200

export class EventArchive {
  readonly state: ArchiveState
  readonly reader: ArchiveReader
  readonly #options: EventArchiveOptions
  #table: { readonly version: number; readonly metadata: TableMetadata } | undefined

  constructor(options: EventArchiveOptions) {
    this.#options = options
    this.state = new ArchiveState(options)
    this.reader = new ArchiveReader({ ...options, state: this.state })
  }

  get layer(): EventsLayer {
    const { version, throughSeq } = this.state.position
    return { version, throughSeq }
  }

  get tenant(): string {
    return this.#options.meta.get('tenant') ?? ''
  }

  get prefix(): string {
    return `${this.tenant}/events`
  }

  /** Appends events up to this one, which must end its commit. */
  async append(throughSeq: number): Promise<void> {
    await this.#finishPending()
    const { throughSeq: afterSeq } = this.state.position
    if (afterSeq >= throughSeq) return
    if ((await this.table()).snapshots.length >= snapshotsMax) await this.#expire()
    const added = await this.#writeFiles({ afterSeq, throughSeq })
    await this.#replace({ added, replaced: { afterSeq: throughSeq, throughSeq } })
  }

  /** Makes one step that keeps the table small. Returns false if there was none to make. */
  async tidy(): Promise<boolean> {
    await this.#finishPending()
    const { sealedEvents } = this.#options.settings
    const merge = nextMerge(this.state.untrimmed(), sealedEvents)
    if (merge !== undefined) {
      await this.#replace({ added: await this.#writeFiles(merge), replaced: merge })
      return true
    }
    return (await this.#expire()) || this.#trim()
  }

  /** Writes the events of a range again, from the log as it is now, in place of the files that have them. */
  async rewrite(range: { readonly afterSeq: number; readonly throughSeq: number }): Promise<void> {
    await this.#finishPending()
    await this.#replace({ added: await this.#writeFiles(range), replaced: range })
  }

  /** Lets snapshots before the present one expire, some at a time. Returns false if there are none. */
  async expireAll(): Promise<boolean> {
    await this.#finishPending()
    if (!(await this.#hasTable())) return false
    const { snapshots } = await this.table()
    if (snapshots.length <= 1) return false
    const { names, now } = this.#options
    const kept = Math.max(1, snapshots.length - expiredPerStepMax)
    this.state.begin({ kind: 'expiry', operationId: names.next(), atMs: now(), kept })
    await this.#finishPending()
    return true
  }

  /** Whether `tidy` has something to do regardless of the time. */
  get isUntidy(): boolean {
    const { settings, log } = this.#options
    const { position } = this.state
    if (position.pending !== undefined) return true
    const segments = this.state.untrimmed()
    if (nextMerge(segments, settings.sealedEvents) !== undefined) return true
    const oldest = segments[0]
    return (
      oldest !== undefined &&
      oldest.throughSeq <= log.head - settings.keptEvents &&
      oldest.throughSeq <= finalThrough(segments, settings.sealedEvents)
    )
  }

  /** When `tidy` has something to do by the time alone. */
  get nextTidyMs(): number | undefined {
    const { version, expiredAtMs } = this.state.position
    const snapshots = this.#table?.metadata.snapshots ?? []
    const oldest = snapshots.length > snapshotsKeptMin ? snapshots[0] : undefined
    if (version === 0 || oldest === undefined) return undefined
    if (snapshots.length > snapshotsKeptMax) return 0
    return Math.max(oldest['timestamp-ms'] + this.#options.settings.graceMs + 1, expiredAtMs + expiryPauseMs)
  }

  /**
   * Rebuilds the table up to this event. It writes the files from the log, and reads files that are the only copy
   * completely and keeps them. For a lost or distrusted table, also if the present one belongs to another log.
   */
  async remake(throughSeq: number): Promise<void> {
    const { lake, meta, now, settings } = this.#options
    const { trimmedSeq } = this.state.position
    const only = this.state.segments().filter((file) => file.throughSeq <= trimmedSeq)
    for (const file of only) await this.reader.compareWithLog(file)
    if (throughSeq === 0) return
    const metadata = await this.#list('metadata')
    const version = Math.max(this.state.position.version, ...metadata.map(versionOf))
    // Files of another log may be the only copy of its events.
    const data = (await this.#list('data')).filter((key) =>
      key
        .split('/')
        .at(-1)
        ?.startsWith(`${meta.get('epoch')}-`),
    )
    const added = [...only, ...(await this.#writeFiles({ afterSeq: trimmedSeq, throughSeq }))]
    await this.#replace({ added, replaced: { afterSeq: 0, throughSeq }, newTableOnto: version })
    const kept = new Set(added.map(({ key }) => key))
    lake.discard(
      [...metadata, ...data].filter((key) => !kept.has(key) && !key.endsWith('/version-hint.text')),
      now() + settings.graceMs,
    )
  }

  /** Returns all files of one kind, whoever made them. */
  async #list(kind: 'data' | 'metadata'): Promise<readonly string[]> {
    const keys: string[] = []
    const prefix = `${this.prefix}/${kind}/`
    for (let page = 0; page < listedPagesMax; page++) {
      const { objects, hasMore } = await this.#options.store.list({
        prefix,
        after: keys.at(-1) ?? '',
        limit: listedMax,
      })
      keys.push(...objects.map(({ key }) => key))
      if (!hasMore || objects.length === 0) break
    }
    return keys
  }

  /** Returns the present table, or a new one. */
  async table(): Promise<TableMetadata> {
    const { version } = this.state.position
    if (this.#table?.version === version) return this.#table.metadata
    const { store } = this.#options
    const read = version === 0 ? undefined : await readCurrentTable(store, { prefix: this.prefix, version })
    if (version !== 0 && read === undefined)
      throw new DamagedFile(`${this.prefix}/metadata/v${version}.metadata.json`, 'it is missing')
    const metadata =
      read === undefined ? this.#newTable() : withColumns(read, eventIcebergColumns(), this.#options.now())
    this.#table = { version, metadata }
    return metadata
  }

  #newTable(): TableMetadata {
    return createTableMetadata({
      uuid: crypto.randomUUID(),
      location: `s3://lake/${this.prefix}`,
      columns: eventIcebergColumns(),
      nowMs: this.#options.now(),
    })
  }

  /** Writes the events of this range, whose texts the log still has, to durable files. */
  async #writeFiles(stretch: {
    readonly afterSeq: number
    readonly throughSeq: number
  }): Promise<readonly EventFile[]> {
    const { log, names, store, willPut } = this.#options
    const name = names.next()
    const writer = new EventFileWriter({
      store,
      willPut,
      rowsMax: fileRowsMax,
      keyOf: ({ part, firstMs }) => `${this.prefix}/data/${monthText(firstMs)}/${name}-${part}.parquet`,
    })
    for (let after = stretch.afterSeq; after < stretch.throughSeq;) {
      const from = after
      const { rows, readThrough } = await readWithArchive(
        () => log.read({ after: from, limit: logPageRows, through: stretch.throughSeq }),
        (seqs) => this.reader.fetch(seqs),
      )
      assert(rows.length > 0, `the log has events after ${after}`)
      for (const row of rows) await writer.add(row)
      after = readThrough
      await nextTask()
    }
    const files = await writer.finish()
    await store.sync(files.map(({ key }) => key))
    return files
  }

  async #replace(files: Pick<PendingFiles, 'added' | 'replaced' | 'newTableOnto'>): Promise<void> {
    const { names, now, random } = this.#options
    const snapshotId = 1 + Math.floor(random() * 2 ** 52)
    this.state.begin({ kind: 'files', operationId: names.next(), snapshotId, atMs: now(), ...files })
    await this.#finishPending()
  }

  /** Makes the recorded commit, or finds that it was made. */
  async #finishPending(): Promise<void> {
    const { pending } = this.state.position
    try {
      if (pending?.kind === 'files') await this.#finishFiles(pending)
      if (pending?.kind === 'expiry') await this.#finishExpiry(pending)
    } catch (error) {
      if (!(error instanceof IcebergConflict)) throw error
      // The object is the table's only writer, so this is another log's table, or newer than the state the object was
      // restored to.
      throw new Error(`${error.message}; rebuild it from the log`, { cause: error })
    }
  }

  async #finishFiles(pending: PendingFiles): Promise<void> {
    const { store, now, settings } = this.#options
    const { prefix } = this
    const { operationId, snapshotId, atMs, added, replaced, newTableOnto } = pending
    const isNewTable = newTableOnto !== undefined
    const metadata = isNewTable ? this.#newTable() : await this.table()
    const segments = this.state.segments()
    const old = isNewTable ? [] : segments.filter((file) => isWithin(file, replaced))
    const table = { store, prefix, metadata }
    const described: DataFile[] = []
    for (const file of added) described.push(await eventFileToDataFile(store, file, keyToPath(table, file.key)))
    const committed = await commitFiles({
      ...table,
      version: newTableOnto ?? this.state.position.version,
      operationId,
      snapshotId,
      nowMs: atMs,
      added: described,
      removed: old.map(({ key }) => keyToPath(table, key)),
    })
    this.#table = committed
    const stay = isNewTable ? [] : segments.filter((file) => !isWithin(file, replaced))
    await this.#putFileList(
      committed.version,
      [...stay, ...added].toSorted((a, b) => a.afterSeq - b.afterSeq),
    )
    // Replaced files stay until the snapshots that name them expire.
    this.state.finish({ version: committed.version, garbage: [], dueMs: now() + settings.graceMs })
  }

  /** Puts the list of the table's files, for programs that read Parquet and JSON but not Iceberg. */
  async #putFileList(version: number, files: readonly EventFile[]): Promise<void> {
    const { store } = this.#options
    const key = `${this.prefix}/files.json`
    const list = { format: 1, version, throughSeq: files.at(-1)?.throughSeq ?? 0, files: files.map((file) => file.key) }
    await store.put(key, new TextEncoder().encode(JSON.stringify(list)), { ifAbsent: false })
    await store.sync([key])
  }

  async #expire(): Promise<boolean> {
    const { names, now, settings } = this.#options
    const nowMs = now()
    const due = (await this.#hasTable()) ? this.nextTidyMs : undefined
    if (due === undefined || due > nowMs) return false
    const { snapshots } = await this.table()
    const old = snapshots.filter((snapshot) => snapshot['timestamp-ms'] < nowMs - settings.graceMs).length
    const expired = Math.max(Math.min(old, snapshots.length - snapshotsKeptMin), snapshots.length - snapshotsKeptMax)
    const kept = snapshots.length - Math.min(expired, expiredPerStepMax)
    this.state.begin({ kind: 'expiry', operationId: names.next(), atMs: nowMs, kept })
    await this.#finishPending()
    return true
  }

  async #hasTable(): Promise<boolean> {
    if (this.state.position.version === 0) return false
    await this.table()
    return true
  }

  async #finishExpiry(pending: PendingExpiry): Promise<void> {
    const { store, now, settings } = this.#options
    const { operationId, kept, atMs } = pending
    const expired = await expireSnapshots({
      store,
      prefix: this.prefix,
      metadata: await this.table(),
      version: this.state.position.version,
      operationId,
      olderThanMs: Number.MAX_SAFE_INTEGER,
      keepMin: kept,
      nowMs: atMs,
    })
    const { version, metadata, unreferenced } = expired
    this.#table = { version, metadata }
    this.state.finish({ version, garbage: unreferenced, dueMs: now() + settings.graceMs })
  }

  /** Trims the texts of the oldest file's events from the log, if the file is final and equals the log. */
  async #trim(): Promise<boolean> {
    const { log, settings, settle, store } = this.#options
    const { trimmedSeq } = this.state.position
    const file = this.state.segmentOf(trimmedSeq + 1)
    if (file === undefined || file.throughSeq > log.head - settings.keptEvents) return false
    if (file.throughSeq > finalThrough(this.state.untrimmed(), settings.sealedEvents)) return false
    if (file.throughSeq > (await settle(file.throughSeq))) return false
    await store.sync([file.key])
    await this.reader.compareWithLog(file)
    this.state.trim(file)
    return true
  }
}

function isWithin(file: EventFile, range: { readonly afterSeq: number; readonly throughSeq: number }): boolean {
  return file.afterSeq >= range.afterSeq && file.throughSeq <= range.throughSeq
}

/** Returns the version in a metadata file's name; 0 for any other key. */
function versionOf(key: string): number {
  return Number(/\/v(\d{1,15})\.metadata\.json$/.exec(key)?.[1] ?? 0)
}

/** Formats `2026-11`. */
function monthText(ms: number): string {
  return new Date(ms).toISOString().slice(0, 7)
}
