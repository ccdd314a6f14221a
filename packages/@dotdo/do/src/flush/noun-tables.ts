// An Iceberg table for each Noun, which follows the manifest: a snapshot has the live entities as of one event. Each commit is
// recorded before it is made, so a crash at any line repeats it, and all of it can be made anew from the manifest.

import {
  columnsToIceberg,
  commitFiles,
  commitMetadata,
  type CommittedTable,
  createTableMetadata,
  expireSnapshots,
  IcebergConflict,
  type Manifest,
  metadataKey,
  MissingTableFile,
  type NounLayers,
  nounToColumns,
  nounToTableName,
  type ObjectStore,
  readCurrentTable,
  type TableMetadata,
  withSchema,
} from '@dotdo/db'
import type { NounLookup, NounSchema } from 'digital-objects'
import type { TenantMeta } from '../log/tenant-meta.ts'
import type { StateReader } from '../state/state-reader.ts'
import type { FileNames } from './file-names.ts'
import type { FlushSettings } from './flush-settings.ts'
import type { LakeState } from './lake-state.ts'
import { NounTableFiles, versionOf } from './noun-table-files.ts'
import { dayOf, expirableOf, newestTags } from './noun-table-tags.ts'
import { NounTableState, type PendingTable, type TableFile, type TablePosition } from './noun-table-state.ts'
import { TableFailures } from './table-failures.ts'
import {
  isInFolder,
  isSameRows,
  isTableDue,
  kindOf,
  layersIn,
  planLayers,
  type WantedTable,
} from './plan-noun-table.ts'

export interface NounTablesOptions {
  readonly storage: DurableObjectStorage
  readonly store: ObjectStore
  readonly state: StateReader
  readonly lookup: NounLookup
  readonly lake: LakeState
  readonly meta: TenantMeta
  readonly names: FileNames
  readonly manifest: () => Manifest
  readonly settings: Pick<FlushSettings, 'graceMs' | 'wholeRows'>
  readonly now: () => number
  readonly random: () => number
  /** The location of the store's root, such as `s3://lake/`, as paths in the tables begin with it. */
  readonly root: string
  /** Records a key before its file is put, because a crash after the put leaves an orphan file. */
  readonly willPut: (key: string) => void
}

/** An expiry reads the lists of all snapshots, so it waits for some of them. */
const expiryPauseMs = 600_000

export class NounTables {
  readonly failures: TableFailures
  readonly #options: NounTablesOptions
  readonly #state: NounTableState
  readonly #files: NounTableFiles
  /** The metadata of the tables' present versions. */
  readonly #metadata = new Map<string, CommittedTable>()
  /** The due Nouns, for the manifest of this revision, since the list is read often. */
  #due: { readonly revision: number; readonly nouns: readonly string[] } | undefined
  #behindSinceMs: number | undefined

  constructor(options: NounTablesOptions) {
    this.#options = options
    this.failures = new TableFailures(options.now)
    this.#state = new NounTableState(options)
    this.#files = new NounTableFiles({ ...options, nameOf: (noun) => this.#positionOf(noun).name })
  }

  /** The folder of the Noun's table. Its name is given once. */
  folderOf(noun: string): string {
    return `${this.#options.meta.get('tenant') ?? ''}/${this.#positionOf(noun).name}`
  }

  /** Whether the layers are too many for one file and have to be written again, into the folder of the table. */
  isMisplaced(noun: string, layers: NounLayers): boolean {
    const position = this.#state.position(noun)
    if (this.#kindOf(layers, position) !== 'layers') return false
    return position === undefined || !isInFolder(layers, `${this.folderOf(noun)}/data`)
  }

  /** Nouns whose table differs from the manifest. */
  get due(): readonly string[] {
    const manifest = this.#options.manifest()
    if (this.#due?.revision === manifest.revision) return this.#due.nouns
    const nouns = Object.keys(manifest.nouns).filter((noun) => this.#isDue(manifest, noun))
    this.#due = { revision: manifest.revision, nouns }
    this.#behindSinceMs = nouns.length === 0 ? undefined : (this.#behindSinceMs ?? this.#options.now())
    return nouns
  }

  /** Since when a table differs from the manifest, as far as this start of the object knows. */
  get behindSinceMs(): number | undefined {
    return this.due.length === 0 ? undefined : this.#behindSinceMs
  }

  /** Call at start, once the tables of the database exist. */
  reload(): void {
    this.#state.reload()
    this.failures.clearAll()
    this.#metadata.clear()
    this.#due = undefined
  }

  /** When snapshots expire next, by their age alone. */
  get nextExpiryMs(): number | undefined {
    const times = [...this.#state.positions().values()].flatMap((position) => this.#expiryMsOf(position) ?? [])
    return times.length === 0 ? undefined : times.reduce((least, time) => Math.min(least, time))
  }

  #expiryMsOf({ expirableMs, expiredAtMs, pending }: TablePosition): number | undefined {
    const { graceMs } = this.#options.settings
    if (pending !== undefined || expirableMs === undefined) return undefined
    return Math.max(expirableMs + graceMs + 1, expiredAtMs + Math.min(expiryPauseMs, graceMs) + 1)
  }

  /** Brings one table up to the manifest, those that have failed last. Returns false if none is behind. */
  async followNext(): Promise<boolean> {
    const noun = this.failures.first(this.due)
    if (noun === undefined) return false
    await this.failures.watch(noun, () => this.follow(noun))
    return true
  }

  async follow(noun: string): Promise<void> {
    try {
      await this.#follow(noun)
    } catch (error) {
      if (!(error instanceof IcebergConflict) && !(error instanceof MissingTableFile)) throw error
      // The table is newer than the state that the object was restored to, or lost: it is made again, from the manifest.
      await this.remake(noun)
      await this.#follow(noun)
    } finally {
      this.#due = undefined
    }
  }

  async #follow(noun: string): Promise<void> {
    const { isNew, root, version } = this.#positionOf(noun)
    // The lake has moved, and every path in the table is another one.
    if (version > 0 && !isNew && root !== this.#options.root) await this.remake(noun)
    await this.#finishPending(noun)
    const manifest = this.#options.manifest()
    if (this.#isDue(manifest, noun)) await this.#commitNext(manifest, noun)
  }

  /** Lets old snapshots of one table expire. Returns false if there are none. */
  async expireNext(): Promise<boolean> {
    const { now, settings } = this.#options
    const nowMs = now()
    const isDue = (position: TablePosition): boolean => (this.#expiryMsOf(position) ?? Infinity) <= nowMs
    const noun = [...this.#state.positions()].find(([, position]) => isDue(position))?.[0]
    if (noun === undefined) return false
    await this.#expire(noun, { olderThanMs: nowMs - settings.graceMs, keepsTags: true })
    return true
  }

  /** Removes every snapshot but the present one, tags included. Returns false if there are none. */
  async expireAll(noun: string): Promise<boolean> {
    const position = this.#state.position(noun)
    if (position === undefined || position.version === 0) return false
    await this.#finishPending(noun)
    const { metadata } = await this.#tableOf(noun)
    const isLast = metadata.snapshots.length <= 1 && Object.values(metadata.refs).every(({ type }) => type === 'branch')
    if (isLast) return false
    await this.#expire(noun, { olderThanMs: Number.MAX_SAFE_INTEGER, keepsTags: false })
    return true
  }

  /** Has the table written again, even if nothing has changed. */
  distrust(noun: string): void {
    const position = this.#state.position(noun)
    if (position !== undefined) this.#state.write(noun, { ...position, seq: -1 })
    this.#due = undefined
  }

  /** Starts the table anew, on top of whatever versions exist. What it had becomes garbage. */
  async remake(noun: string): Promise<void> {
    const { now, settings } = this.#options
    const { pending: _, ...position } = this.#positionOf(noun)
    const folder = this.folderOf(noun)
    const found = [...(await this.#files.list(`${folder}/metadata/`)), ...(await this.#files.list(`${folder}/data/`))]
    const version = found.reduce((newest, key) => Math.max(newest, versionOf(key)), position.version)
    const old = found.filter((key) => !key.endsWith('/version-hint.text'))
    const keys = [...new Set([...this.#state.filesOf(noun), ...old])]
    this.#metadata.delete(noun)
    this.#state.finish(
      noun,
      { ...position, version, isNew: true, seq: -1, files: [] },
      { keys, dueMs: now() + settings.graceMs },
    )
    this.#due = undefined
  }

  /** The position and the present metadata of a table that is up to date, to compare; undefined for one that is not. */
  async settled(
    noun: string,
  ): Promise<{ readonly position: TablePosition; readonly metadata: TableMetadata } | undefined> {
    const position = this.#state.position(noun)
    if (position === undefined || position.version === 0 || this.due.includes(noun)) return undefined
    return { position, metadata: (await this.#tableOf(noun)).metadata }
  }

  #positionOf(noun: string): TablePosition {
    const known = this.#state.position(noun)
    if (known !== undefined) return known
    const taken = new Set([...this.#state.positions().values()].map(({ name }) => name))
    const position: TablePosition = {
      name: nounToTableName(noun, taken),
      root: this.#options.root,
      version: 0,
      isNew: true,
      seq: -1,
      kind: 'whole',
      columns: '',
      files: [],
      expiredAtMs: 0,
    }
    this.#state.write(noun, position)
    return position
  }

  #isDue(manifest: Manifest, noun: string): boolean {
    const position = this.#state.position(noun)
    const [layers, schema] = [layersIn(manifest, noun), this.#options.lookup(noun)]
    if (layers === undefined || schema === undefined || this.#options.lake.read('stale')?.includes(noun)) return false
    if (position === undefined) return true
    if (this.isMisplaced(noun, layers)) return position.pending !== undefined
    return isTableDue(position, layers, this.#wanted(schema, layers, position))
  }

  #kindOf(layers: NounLayers, position: TablePosition | undefined): TablePosition['kind'] {
    return kindOf(layers, { before: position?.kind, wholeRows: this.#options.settings.wholeRows })
  }

  #wanted(schema: NounSchema, layers: NounLayers, position: TablePosition): WantedTable {
    const columns = JSON.stringify(columnsToIceberg(nounToColumns(schema, layers.fields)))
    return { kind: this.#kindOf(layers, position), root: this.#options.root, columns }
  }

  /** Writes what the next snapshot needs, and commits it. */
  async #commitNext(manifest: Manifest, noun: string): Promise<void> {
    const { lookup, names, now, random } = this.#options
    const [layers, schema, position] = [layersIn(manifest, noun), lookup(noun), this.#positionOf(noun)]
    if (layers === undefined || schema === undefined) return
    const wanted = this.#wanted(schema, layers, position)
    const sources = { manifest, noun, schema, layers }
    const files =
      wanted.kind === 'whole'
        ? await this.#files.writeWhole(sources)
        : await this.#files.findDeletes(noun, planLayers(position, layers, wanted))
    const pending: PendingTable = {
      kind: 'files',
      operationId: names.next(),
      snapshotId: 1 + Math.floor(random() * 2 ** 52),
      atMs: now(),
      isSameRows: isSameRows(position, layers, wanted),
      next: { ...wanted, seq: manifest.seq, files },
    }
    const keys = files.flatMap(({ key, deletes }) => (deletes === undefined ? [key] : [key, deletes.key]))
    this.#state.begin(noun, { ...position, pending }, keys)
    await this.#finishPending(noun)
  }

  /** Makes the recorded commit, or finds that it was made. */
  async #finishPending(noun: string): Promise<void> {
    const position = this.#state.position(noun)
    if (position?.pending?.kind === 'files') await this.#finishFiles(noun, position, position.pending)
    if (position?.pending?.kind === 'expiry') await this.#finishExpiry(noun, position, position.pending)
  }

  async #finishFiles(
    noun: string,
    recorded: TablePosition,
    pending: PendingTable & { readonly kind: 'files' },
  ): Promise<void> {
    const { pending: _, ...position } = recorded
    const { store, root } = this.#options
    const { operationId, snapshotId, atMs, next } = pending
    const prefix = this.folderOf(noun)
    const columns = JSON.parse(next.columns) as ReturnType<typeof columnsToIceberg> // `#wanted` made it
    const previous = position.isNew ? undefined : await this.#tableOf(noun)
    const metadata =
      previous === undefined
        ? createTableMetadata({
            uuid: crypto.randomUUID(),
            location: root + prefix,
            columns,
            partition: 'none',
            nowMs: atMs,
          })
        : withSchema(previous.metadata, columns, atMs)
    const at = { store, prefix, version: position.version, operationId }
    const before = previous === undefined ? [] : position.files
    const added = await this.#files.describeAdded(noun, next.files, before)
    const removed = pathsOf(root, before).filter((path) => !pathsOf(root, next.files).includes(path))
    const hasFiles = added.length + removed.length > 0
    const committed = hasFiles
      ? await commitFiles({
          ...at,
          metadata,
          added,
          removed,
          nowMs: atMs,
          snapshotId,
          isSameRows: pending.isSameRows,
          facts: { 'headlessly.seq': String(next.seq) },
          tag: dayOf(atMs),
        })
      : await commitMetadata({ ...at, metadata, previous: previous?.metadata ?? metadata })
    this.#metadata.set(noun, committed)
    await this.#files.putCurrent(noun, next)
    const expirableMs = expirableOf(committed.metadata)
    this.#state.finish(
      noun,
      {
        ...position,
        ...next,
        version: committed.version,
        isNew: false,
        ...(expirableMs === undefined ? {} : { expirableMs }),
      },
      { keys: [], dueMs: 0 },
    )
    await this.#files.putList(this.#state.positions())
  }

  async #expire(noun: string, options: { readonly olderThanMs: number; readonly keepsTags: boolean }): Promise<void> {
    await this.#finishPending(noun)
    const { names, now } = this.#options
    const pending = { kind: 'expiry', operationId: names.next(), atMs: now(), ...options } as const
    this.#state.begin(noun, { ...this.#positionOf(noun), pending }, [])
    await this.#finishPending(noun)
  }

  async #finishExpiry(
    noun: string,
    recorded: TablePosition,
    pending: PendingTable & { readonly kind: 'expiry' },
  ): Promise<void> {
    const { pending: _, ...position } = recorded
    const { now, settings, store } = this.#options
    const { operationId, olderThanMs, keepsTags, atMs } = pending
    const { metadata } = await this.#tableOf(noun)
    const expired = await expireSnapshots({
      store,
      prefix: this.folderOf(noun),
      metadata,
      version: position.version,
      operationId,
      olderThanMs,
      keepMin: 1,
      keptTags: keepsTags ? newestTags(metadata) : [],
      nowMs: atMs,
    })
    this.#metadata.set(noun, { metadata: expired.metadata, version: expired.version })
    const expirableMs = expirableOf(expired.metadata)
    const { expirableMs: __, ...rest } = position
    this.#state.finish(
      noun,
      {
        ...rest,
        version: expired.version,
        expiredAtMs: atMs,
        ...(expirableMs === undefined ? {} : { expirableMs }),
      },
      { keys: expired.unreferenced, dueMs: now() + settings.graceMs },
    )
    await this.#files.putList(this.#state.positions())
  }

  async #tableOf(noun: string): Promise<CommittedTable> {
    const { version } = this.#positionOf(noun)
    const known = this.#metadata.get(noun)
    if (known?.version === version) return known
    const prefix = this.folderOf(noun)
    const metadata = await readCurrentTable(this.#options.store, { prefix, version })
    if (metadata === undefined) throw new MissingTableFile(metadataKey(prefix, version))
    const table = { metadata, version }
    this.#metadata.set(noun, table)
    return table
  }
}

function pathsOf(root: string, files: readonly TableFile[]): readonly string[] {
  return files.flatMap(({ key, deletes }) => (deletes === undefined ? [root + key] : [root + key, root + deletes.key]))
}
