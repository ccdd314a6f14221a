// The log in the object store: one Iceberg table a tenant, to which every flush appends, whose small files are merged,
// and from which events are read whose texts have left the object. Each step is recorded before it is made, so it may be
// killed at any line, and only what was read back and compared is ever the only copy.

import { assert } from 'digital-objects'
import {
  commitFiles,
  createTableMetadata,
  DamagedFile,
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
import type { ArchivedTexts } from '../log/archived-events.ts'
import type { LogReader } from '../log/log-reader.ts'
import type { TenantMeta } from '../log/tenant-meta.ts'
import { finalThrough, nextMerge } from './archive-plan.ts'
import type { PendingExpiry, PendingFiles } from './archive-position.ts'
import { ArchiveReader } from './archive-reader.ts'
import { ArchiveState } from './archive-state.ts'
import type { FileNames } from './file-names.ts'
import type { FlushSettings } from './flush-settings.ts'
import type { LakeState } from './lake-state.ts'
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
}

/** Twice what is sealed, so that a merge ends in one file, if its texts are not long. */
const fileRowsMax = 125_000
const logPageRows = 1_000
const snapshotsKeptMin = 10
/**
 * More of them expire however young they are: each commit writes all of them, and each expiry reads the list of each.
 * Readers of an older one lose nothing at once, since files stay for the same while after it.
 */
const snapshotsKeptMax = 200
/** No commit is made on top of more: whatever else goes on failing, some expire first. */
const snapshotsMax = 250
/** So that with the lists of those that stay a step has fewer requests than an invocation may. */
const expiredPerStepMax = 50
/** Snapshots are looked through when there are some to expire, not with each commit. */
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

  get prefix(): string {
    return `${this.#options.meta.get('tenant')}/events`
  }

  /** Brings the table up to this event, the last of its commit. */
  async append(throughSeq: number): Promise<void> {
    await this.#finishPending()
    const { throughSeq: afterSeq } = this.state.position
    if (afterSeq >= throughSeq) return
    if ((await this.table()).snapshots.length >= snapshotsMax) await this.#expire()
    const added = await this.#writeFiles({ afterSeq, throughSeq })
    await this.#replace({ added, replaced: { afterSeq: throughSeq, throughSeq } })
  }

  /** One step of what keeps the table small: tells whether there was one to make. */
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

  /** Whether `tidy` has something to do that no clock decides. */
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

  /** When `tidy` has something to do by the clock alone. */
  get nextTidyMs(): number | undefined {
    const { version, expiredAtMs } = this.state.position
    const snapshots = this.#table?.metadata.snapshots ?? []
    const oldest = snapshots.length > snapshotsKeptMin ? snapshots[0] : undefined
    if (version === 0 || oldest === undefined) return undefined
    if (snapshots.length > snapshotsKeptMax) return 0
    return Math.max(oldest['timestamp-ms'] + this.#options.settings.graceMs + 1, expiredAtMs + expiryPauseMs)
  }

  /**
   * The table made anew up to this event: its files from the log, those that are the only copy read whole and left as
   * they are. For whoever lost or distrusts it, also when what is there is the table of another log.
   */
  async remake(throughSeq: number): Promise<void> {
    const { lake, meta, now, settings } = this.#options
    const { trimmedSeq } = this.state.position
    const only = this.state.segments().filter((file) => file.throughSeq <= trimmedSeq)
    for (const file of only) await this.reader.compareWithLog(file)
    if (throughSeq === 0) return
    const metadata = await this.#list('metadata')
    const version = Math.max(this.state.position.version, ...metadata.map(versionOf))
    // Those of another log may be the only copy of what that said.
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

  /** All files of one kind, whoever made them. */
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

  /** The table as it stands, or as it begins. */
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

  /** The events of this stretch, whose texts the log still has, in files that are durable. */
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
      const { rows, readThrough } = log.read({ after, limit: logPageRows, through: stretch.throughSeq })
      assert(rows.length > 0, `the log goes on after event ${after}`)
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

  /** Makes the commit that is recorded, or finds that it was made. */
  async #finishPending(): Promise<void> {
    const { pending } = this.state.position
    try {
      if (pending?.kind === 'files') await this.#finishFiles(pending)
      if (pending?.kind === 'expiry') await this.#finishExpiry(pending)
    } catch (error) {
      if (!(error instanceof IcebergConflict)) throw error
      // Nobody else writes to it: it is that of another log, or of a later state that the object was restored from.
      throw new Error(`${error.message}; a rebuild makes it anew from the log`, { cause: error })
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
    const committed = await commitFiles({
      ...table,
      version: newTableOnto ?? this.state.position.version,
      operationId,
      snapshotId,
      nowMs: atMs,
      added: added.map((file) => eventFileToDataFile(file, keyToPath(table, file.key))),
      removed: old.map(({ key }) => keyToPath(table, key)),
    })
    this.#table = committed
    const stay = isNewTable ? [] : segments.filter((file) => !isWithin(file, replaced))
    await this.#putFileList(
      committed.version,
      [...stay, ...added].toSorted((a, b) => a.afterSeq - b.afterSeq),
    )
    // Files that were replaced stay until the snapshots that name them expire.
    this.state.finish({ version: committed.version, garbage: [], dueMs: now() + settings.graceMs })
  }

  /** The table's files once more, for programs that read Parquet and JSON and know nothing of Iceberg. */
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

  /** The texts of the oldest file's events leave the log, when it is final and says what they say. */
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

/** Of a metadata file; 0 of another one. */
function versionOf(key: string): number {
  return Number(/\/v(\d{1,15})\.metadata\.json$/.exec(key)?.[1] ?? 0)
}

/** `2026-11` */
function monthText(ms: number): string {
  return new Date(ms).toISOString().slice(0, 7)
}
