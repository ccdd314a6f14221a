// A tenant's files: the parts that write them, and the jobs that decide when. Each step starts from what is recorded,
// so it may be killed at any line and repeated. Failures of the store are retried and never reach a writer.

import type { ObjectStore } from '@dotdo/db'
import type { CatalogEntry, NounLookup } from 'digital-objects'
import type { Job } from '../jobs/job.ts'
import type { ArchivedTexts } from '../log/archived-events.ts'
import type { LogReader } from '../log/log-reader.ts'
import type { TenantMeta } from '../log/tenant-meta.ts'
import type { ErasedEntities } from '../state/erased-entities.ts'
import type { StateReader } from '../state/state-reader.ts'
import { ArchiveJob } from './archive-job.ts'
import { CompactionJob } from './compaction-job.ts'
import { EntityLayers } from './entity-layers.ts'
import { EventArchive } from './event-archive.ts'
import { FileNames } from './file-names.ts'
import { FlushJob } from './flush-job.ts'
import { keepTables, type KeptTablesOptions } from './kept-tables.ts'
import type { FlushSettings } from './flush-settings.ts'
import { GarbageJob } from './garbage-job.ts'
import { LakeState } from './lake-state.ts'
import { Manifests } from './manifests.ts'
import { NounTables } from './noun-tables.ts'
import { NounTablesJob } from './noun-tables-job.ts'
import { PublishJob } from './publish-job.ts'

export interface TenantLakeOptions {
  readonly storage: DurableObjectStorage
  readonly store: ObjectStore
  readonly log: LogReader
  readonly texts: ArchivedTexts
  readonly state: StateReader
  readonly meta: TenantMeta
  readonly lookup: NounLookup
  /** Definitions of the tenant's Nouns. */
  readonly definitions: () => readonly CatalogEntry[]
  readonly now: () => number
  readonly random: () => number
  readonly settings: FlushSettings
  /** Does what this object still owes for events up to `throughSeq`; returns the `seq` up to which nothing is owed. */
  readonly settle: (throughSeq: number) => Promise<number>
  readonly erased: ErasedEntities
  /** The location of the store's root as Iceberg tables name it. */
  readonly root: string
}

/** The parts that write files, for other work in their lane. */
export interface FilesParts extends Pick<TenantLakeOptions, 'store' | 'lookup' | 'now' | 'settings'> {
  readonly lake: LakeState
  readonly archive: EventArchive
  readonly layers: EntityLayers
  readonly manifests: Manifests
  readonly tables: NounTables
  readonly compaction: CompactionJob
  readonly garbage: GarbageJob
  readonly keepTables: () => Promise<void>
}

/** A file registered before its put and still unnamed after this time was left by a crash. */
const orphanMs = 3_600_000

export class TenantLake {
  readonly store: ObjectStore
  readonly state: LakeState
  readonly names: FileNames
  readonly archive: EventArchive
  readonly layers: EntityLayers
  readonly manifests: Manifests
  readonly tables: NounTables
  /** The most urgent first, because readers wait for it. */
  readonly jobs: readonly Job[]
  readonly parts: FilesParts
  readonly #flushJob: FlushJob
  readonly #kept: KeptTablesOptions

  constructor(options: TenantLakeOptions) {
    const { now, storage } = options
    const lake = new LakeState(storage)
    const willPut = (key: string): void => lake.discard([key], now() + orphanMs)
    const names = new FileNames({ ...options, lake })
    const archive = new EventArchive({ ...options, lake, willPut, names })
    const tables = new NounTables({ ...options, lake, willPut, names, manifest: () => manifests.current })
    const layers = new EntityLayers({ ...options, lake, willPut, tables })
    const manifests = new Manifests({ ...options, lake, archive })
    this.#kept = { ...options, sql: storage.sql, lake, tenant: () => options.meta.get('tenant') ?? '' }
    const keep = (): Promise<void> => this.keepTables()
    const parts = { ...options, lake, names, archive, layers, manifests, tables, keepTables: keep }
    this.store = options.store
    this.state = lake
    this.names = names
    this.archive = archive
    this.layers = layers
    this.manifests = manifests
    this.tables = tables
    this.#flushJob = new FlushJob(parts)
    const compaction = new CompactionJob({
      ...parts,
      isFlushDue: () => (this.#flushJob.dueMs(now()) ?? Infinity) <= now(),
    })
    const garbage = new GarbageJob(parts)
    const { store, lookup, settings } = options
    this.parts = {
      store,
      lookup,
      now,
      settings,
      lake,
      archive,
      layers,
      manifests,
      tables,
      compaction,
      garbage,
      keepTables: keep,
    }
    this.jobs = [
      new PublishJob(manifests),
      this.#flushJob,
      compaction,
      new ArchiveJob(archive),
      new NounTablesJob(parts),
      garbage,
    ]
  }

  /** Call at start, once the tables exist. */
  resume(): void {
    this.state.reload()
    this.tables.reload()
    this.layers.register()
    this.#flushJob.resume()
  }

  /** The event up to which files exist, and the revision of the manifest that names them. */
  get position(): { readonly seq: number; readonly revision: number } {
    const { seq, revision } = this.manifests.current
    return { seq, revision }
  }

  /** Puts copies of the tables that events do not have. */
  keepTables(isAll = false): Promise<void> {
    return keepTables(this.#kept, isAll)
  }

  /** Fetches the texts of these events, so that a read that threw ArchivedEvents can be repeated. */
  fetchArchived(seqs: readonly number[]): Promise<void> {
    return this.archive.reader.fetch(seqs)
  }
}
