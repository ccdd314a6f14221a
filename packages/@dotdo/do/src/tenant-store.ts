// Everything that one tenant stores, put together: the log, the state that follows from it, the lane through which
// writes come, and what they owe afterwards. `TenantDurableObject` gives it a platform; tests give it a bare storage.

import { type ObjectStore, storeWithDeadline } from '@dotdo/db'
import {
  type EntityFields,
  type NounSchema,
  ObjectError,
  formatBookmark,
  type JobStatus,
  type Visibility,
  type ClockState,
  type Duration,
} from 'digital-objects'
import { AdvanceJob } from './clock/advance-job.ts'
import { TenantClock } from './clock/tenant-clock.ts'
import { checkClockTime, TestClockCommands } from './clock/test-clock-commands.ts'
import { ArchivedEvents, ArchivedTexts, readWithArchive } from './log/archived-events.ts'
import { checkBookmark } from './log/check-bookmark.ts'
import { type Change, performWrite, versionToText, type WriteParts, type Written } from './write/commit.ts'
import type { LogReader } from './log/log-reader.ts'
import { EventsStore, type LogRow, logRowToEvent } from './log/events-store.ts'
import type { FlushSettings } from './flush/flush-settings.ts'
import { filesLane } from './flush/files-lane.ts'
import { dropShadows, type RebuildOptions, type RebuildReport, rebuildTenant } from './flush/rebuild-tenant.ts'
import { TenantLake } from './flush/tenant-lake.ts'
import { type VerifyOptions, type VerifyReport, verifyTenant } from './flush/verify-tenant.ts'
import { EventVisibility } from './state/event-visibility.ts'
import { FreshIds } from './write/fresh-ids.ts'
import type { Job } from './jobs/job.ts'
import { JobRunner } from './jobs/job-runner.ts'
import { FullText } from './state/full-text.ts'
import { FullTextJob } from './state/full-text-job.ts'
import type { Hooks } from './write/hooks.ts'
import { IdempotencyStore } from './write/idempotency.ts'
import type { NounTable } from './state/noun-table.ts'
import { Outbox } from './write/outbox.ts'
import { StorageHandler } from './state/storage-handler.ts'
import { TenantCatalog } from './state/tenant-catalog.ts'
import { readSystemSchemaVersion, systemSchemaVersion, upgradeSystemTables } from './system-tables.ts'
import { TenantMeta } from './log/tenant-meta.ts'
import { WriteLane } from './write/write-lane.ts'

/** What a service's jobs may use. */
export interface JobContext {
  readonly log: LogReader
  readonly state: StorageHandler
  /** For reading. */
  readonly sql: SqlStorage
  readonly write: (change: Change | (() => Change)) => Promise<Written>
}

export interface TenantStoreOptions {
  readonly storage: DurableObjectStorage
  /** The built-in Nouns. */
  readonly nouns: readonly NounSchema[]
  readonly hooks: Hooks
  /** The jobs that services bring. */
  readonly jobs?: (context: JobContext) => readonly Job[]
  /** Checks fields that a hook returned; throws an ObjectError. */
  readonly validate: (schema: NounSchema, fields: EntityFields) => EntityFields
  readonly makeId: (prefix: string, nowMs: number) => string
  readonly makeEpoch: () => string
  readonly now: () => number
  /** Where files go; without it everything stays in the object. */
  readonly lake?: {
    readonly store: ObjectStore
    readonly settings: FlushSettings
    /** For tests. */
    readonly callMsMax?: number
  }
  /** For what nobody waits for, and somebody should look at. */
  readonly log: (message: string) => void
  /** The commit is on the disk: step 5, and the start of step 4. Must not throw. */
  readonly committed: (written: readonly Written[]) => void
}

export class TenantStore {
  readonly events: EventsStore
  readonly state: StorageHandler
  readonly catalog: TenantCatalog
  readonly clock: TenantClock
  readonly meta: TenantMeta
  readonly text: FullText
  readonly outbox: Outbox<LogRow>
  readonly lake: TenantLake | undefined
  readonly runner: JobRunner
  readonly #clockCommands: TestClockCommands
  readonly #options: TenantStoreOptions
  readonly #lane: WriteLane<() => Change, Written>
  #isReady = false

  constructor(given: TenantStoreOptions) {
    const options = given.lake === undefined ? given : { ...given, lake: lakeWithDeadline(given.lake) }
    const { storage, now } = options
    const { sql } = storage
    this.#options = options
    const texts = new ArchivedTexts()
    this.events = new EventsStore({ sql, texts })
    this.state = new StorageHandler({ sql, lookup: (name) => this.catalog.lookup(name) })
    this.catalog = new TenantCatalog({ sql, state: this.state, nouns: options.nouns })
    this.meta = new TenantMeta(sql)
    this.clock = new TenantClock({ meta: this.meta, log: this.events, now })
    this.text = new FullText({ storage, state: this.state, meta: this.meta })
    const handlers = options.hooks.after.map((handler) => ({
      ...handler,
      run: (row: LogRow) => handler.run(logRowToEvent(row, this.context)),
    }))
    this.outbox = new Outbox<LogRow>({
      storage,
      now,
      handlers,
      event: (seq) => this.events.at(seq),
    })
    this.lake = options.lake === undefined ? undefined : this.#makeLake(options.lake, texts)
    const context = {
      log: this.events,
      state: this.state,
      sql,
      write: (change: Change | (() => Change)) => this.write(change),
    }
    const serviceJobs = options.jobs?.(context) ?? []
    const { clock, outbox } = this
    const advanceJob = new AdvanceJob({ clock, jobs: serviceJobs, outbox, now })
    this.runner = new JobRunner({
      storage,
      jobs: [
        ...serviceJobs,
        outbox,
        advanceJob,
        new FullTextJob({ text: this.text, log: this.events }),
        ...(this.lake === undefined ? [] : this.lake.jobs),
      ],
      now,
      tenantClock: clock,
      log: (message) => options.log(`${this.meta.get('tenant')}: ${message}`),
    })
    this.#clockCommands = new TestClockCommands({ storage, clock, advanceJob, runner: this.runner })
    const freshIds = new FreshIds(options.makeId)
    const parts: WriteParts = {
      events: this.events,
      state: this.state,
      catalog: this.catalog,
      outbox: this.outbox,
      idempotency: new IdempotencyStore(sql),
      clock: this.clock,
      before: options.hooks.before,
      validate: options.validate,
      makeId: (prefix, nowMs) => freshIds.next(prefix, nowMs),
    }
    this.#lane = new WriteLane({
      storage,
      work: {
        perform: (makeChange) => {
          const written = performWrite(parts, makeChange())
          if (!written.isReplay) this.runner.eventAppended(written.row)
          return written
        },
        rolledBack: () => {
          this.#reload()
          this.runner.rolledBack()
        },
        durable: (written) => options.committed(written.filter(({ isReplay }) => !isReplay)),
      },
    })
    // A tenant that was only ever asked about gets no tables.
    const version = readSystemSchemaVersion(sql)
    if (version === 0) return
    if (version !== systemSchemaVersion) storage.transactionSync(() => upgradeSystemTables(sql))
    this.#reload()
    storage.transactionSync(() => {
      this.state.shapeAll()
      dropShadows(sql)
    })
    this.#isReady = true
    this.lake?.resume()
    this.runner.resume()
  }

  /** The platform's alarm rang: runs the jobs that are due. */
  async alarm(): Promise<void> {
    if (this.#isReady) await this.runner.alarm()
  }

  /** Runs the handlers that commits owe, if any are due. */
  runOutbox(): Promise<void> {
    return this.runner.run(this.outbox.lane)
  }

  /** The tenant's jobs; none before the first write. */
  jobs(): readonly JobStatus[] {
    return this.#isReady ? this.runner.status() : []
  }

  clockState(): ClockState {
    return this.#clockCommands.state()
  }

  /** Makes this a test tenant. Throws an ObjectError `conflict` if its entities have events. */
  setTestClock(nowMs: number, tenant: { readonly name: string; readonly context: string }): ClockState {
    checkClockTime(nowMs)
    this.#prepare(tenant)
    return this.#clockCommands.set(nowMs)
  }

  /** Advances the clock of a test tenant through the jobs that become due. */
  advanceTestClock(duration: Duration): Promise<ClockState> {
    return this.#clockCommands.advance(duration)
  }

  /** Brings the files up to the log; returns the `seq` that they reach. Throws an ObjectError if there are no files. */
  async flush(): Promise<{ readonly seq: number; readonly revision: number }> {
    const { lake } = this.#lakeParts()
    await this.runner.drain(filesLane)
    return lake.position
  }

  /** Compares log, state and files. Throws an ObjectError if there are no files. */
  async verify(): Promise<VerifyReport> {
    const parts = this.#lakeParts()
    return this.runner.exclusively(filesLane, () => verifyTenant(parts))
  }

  /** Makes state, files and Iceberg table again from the log. Throws an ObjectError if there are no files. */
  async rebuild(): Promise<RebuildReport> {
    const parts = this.#lakeParts()
    return this.runner.exclusively(filesLane, () => rebuildTenant(parts))
  }

  #lakeParts(): VerifyOptions & RebuildOptions {
    const { storage, lake: options } = this.#options
    const { lookup } = this.catalog
    const { lake, events, state, text } = this
    if (options === undefined || lake === undefined)
      throw new ObjectError({ code: 'not_configured', message: 'this server has no object store for files' })
    if (!this.#isReady) throw new ObjectError({ code: 'not_found', message: 'nothing was ever written to this tenant' })
    return { storage, sql: storage.sql, store: options.store, events, state, text, lookup, lake }
  }

  /** Runs a synchronous read, and repeats it after fetching what it needs from the archive. */
  async reading<Result>(read: () => Result): Promise<Result> {
    const { lake } = this
    return lake === undefined ? read() : readWithArchive(read, (seqs) => lake.fetchArchived(seqs))
  }

  /** Fetches what these events say, which has left the object; undefined if nothing ever leaves it. */
  fetchArchived(seqs: readonly number[]): Promise<void> | undefined {
    return this.lake?.fetchArchived(seqs)
  }

  /**
   * The entity as it is now, as the text of the event that made it so: no row to take apart and no object to write out
   * again, unless the text is in the archive, or of another definition. Undefined when there is none.
   */
  presentText(table: NounTable, id: string): { readonly text: string; readonly version: number } | undefined {
    if (!this.state.hasTable(table.schema.name)) return undefined
    const query = `SELECT log.data, log.version, log.noun FROM ${table.present} AS t JOIN log ON log.seq = t."$seq" WHERE t."$id" = ?`
    const [row] = this.sql.exec<{ data: string; version: number; noun: string }>(query, id).toArray()
    if (row === undefined) return undefined
    if (row.data !== '' && row.noun === table.schema.version) return { text: row.data, version: row.version }
    const version = this.state.get(table, id)
    return version === undefined ? undefined : { text: versionToText(table.schema.name, version), version: row.version }
  }

  /** Which events a caller sees. */
  eventVisibility(visibility: Visibility): EventVisibility {
    return new EventVisibility({ sql: this.sql, state: this.state, visibility })
  }

  /** For reading. */
  get sql(): SqlStorage {
    return this.#options.storage.sql
  }

  /** False until the first write: there is nothing to read then. */
  get isReady(): boolean {
    return this.#isReady
  }

  /** The tenant's URL, as the last writer called it. */
  get context(): string {
    return this.meta.get('context') ?? ''
  }

  get bookmark(): string {
    return this.bookmarkOf(this.events.head)
  }

  bookmarkOf(seq: number): string {
    return formatBookmark({ epoch: this.meta.get('epoch'), seq })
  }

  checkBookmark(text: string): void {
    checkBookmark(text, { epoch: this.meta.get('epoch'), head: this.events.head })
  }

  #makeLake(lake: NonNullable<TenantStoreOptions['lake']>, texts: ArchivedTexts): TenantLake {
    const { storage, now } = this.#options
    const { lookup } = this.catalog
    return new TenantLake({
      ...lake,
      storage,
      log: this.events,
      texts,
      state: this.state,
      meta: this.meta,
      lookup,
      definitions: () => this.catalog.current.entries,
      now,
      random: Math.random,
      settle: async (throughSeq) => {
        await this.text.follow(throughSeq)
        return (this.outbox.oldestSeq ?? Number.MAX_SAFE_INTEGER) - 1
      },
    })
  }

  /**
   * Resolves when the change is committed; throws an ObjectError when it is refused, and then nothing changed. A function
   * makes the change in its turn of the lane, by the definitions of that moment.
   */
  async write(
    change: Change | (() => Change),
    tenant?: { readonly name: string; readonly context: string },
  ): Promise<Written> {
    if (tenant !== undefined) this.#prepare(tenant)
    const makeChange = typeof change === 'function' ? change : (): Change => change
    try {
      return await this.#lane.enqueue(makeChange)
    } catch (error) {
      // It was done before, and what it came to has left the object meanwhile.
      if (!(error instanceof ArchivedEvents) || this.lake === undefined) throw error
      await this.lake.fetchArchived(error.seqs)
      return this.#lane.enqueue(makeChange)
    }
  }

  /** The event that made an entity's version; undefined when it never had it. */
  seqOfVersion(schema: NounSchema, id: string, version: number): number | undefined {
    const table = this.state.table(schema.name)
    return table === undefined ? undefined : this.state.seqOfVersion(table, id, version)
  }

  #prepare(tenant: { readonly name: string; readonly context: string }): void {
    if (!this.#isReady) {
      const { storage, makeEpoch } = this.#options
      storage.transactionSync(() => {
        upgradeSystemTables(storage.sql)
        this.#reload()
        this.meta.set('epoch', makeEpoch())
        this.meta.set('tenant', tenant.name)
      })
      this.#isReady = true
    }
    if (this.meta.get('tenant') !== tenant.name) {
      throw new ObjectError({
        code: 'invalid_tenant',
        message: `this object is that of tenant '${this.meta.get('tenant')}'`,
      })
    }
    this.meta.set('context', tenant.context)
  }

  #reload(): void {
    this.events.reload()
    this.state.reload()
    this.catalog.reload()
    this.meta.reload()
  }
}

function lakeWithDeadline(lake: NonNullable<TenantStoreOptions['lake']>): NonNullable<TenantStoreOptions['lake']> {
  return { ...lake, store: storeWithDeadline(lake.store, lake.callMsMax) }
}
