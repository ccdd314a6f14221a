// The store of one tenant, with the methods that its users need. `TenantDurableObject` provides the platform; tests provide
// a bare storage.

import {
  assert,
  type ClockState,
  type Duration,
  formatBookmark,
  type JobStatus,
  type JsonValue,
  type NounSchema,
  ObjectError,
  type Visibility,
} from 'digital-objects'
import type { SliceSettings } from './base/slice-settings.ts'
import { readInRounds, Unfinished } from './base/unfinished.ts'
import { beginTenant } from './begin-tenant.ts'
import { checkClockTime, type ClockEnd } from './clock/test-clock-commands.ts'
import { composeTenant, reloadTenant, type TenantParts, type TenantStoreOptions } from './compose-tenant.ts'
import { eraseTenant } from './erase-tenant.ts'
import { FileCommands } from './file-commands.ts'
import { TenantHistory } from './history/tenant-history.ts'
import { hasShadows } from './flush/state-shadows.ts'
import { commitWithArchive, readWithArchive } from './log/archived-events.ts'
import { checkBookmark } from './log/check-bookmark.ts'
import type { LogReader } from './log/log-reader.ts'
import { EventVisibility } from './state/event-visibility.ts'
import type { NounTable } from './state/noun-table.ts'
import { ReadRun } from './state/read-run.ts'
import type { Slices } from './state/slices.ts'
import type { StateReader } from './state/state-reader.ts'
import { readSystemSchemaVersion, systemSchemaVersion, upgradeSystemTables } from './system-tables.ts'
import { TenantArchive } from './tenant-archive.ts'
import { TenantLoss } from './tenant-loss.ts'
import { FirstWrite } from './write/first-write.ts'
import type { Change, Written } from './write/change.ts'
import type { IdempotencyKey, KeyOutcome } from './write/idempotency.ts'
import { type Rehearsed, rehearse } from './write/rehearse.ts'
import type { Committed, CommitWork } from './write/commit.ts'
import type { StoreCommitOptions, TenantName } from './write/store-commit-options.ts'
import { presentText } from './write/present-text.ts'

export class TenantStore {
  readonly events: LogReader
  readonly state: StateReader
  readonly catalog: TenantParts['catalog']
  readonly settings: TenantParts['settings']
  readonly rules: TenantParts['rules']
  readonly keys: TenantParts['keys']
  readonly secrets: TenantParts['secrets']
  readonly consent: Pick<TenantParts['consent'], 'requireFor' | 'origins'>
  readonly pastValues: TenantParts['pastValues']
  readonly past: Pick<TenantParts['past'], 'require' | 'catchUp' | 'isUsable'>
  readonly text: Pick<TenantParts['text'], 'require' | 'requireOwn'>
  readonly grams: Pick<TenantParts['grams'], 'require'>
  readonly vectors: TenantParts['vectors']
  readonly indexes: TenantParts['indexes']
  readonly requests: TenantParts['requests']
  readonly erasures: TenantParts['erasures']
  readonly history: TenantHistory
  readonly loss: TenantLoss
  readonly archive: TenantArchive
  readonly commits: Pick<TenantParts['commits'], 'openDecisions'>
  readonly #options: TenantStoreOptions
  readonly #parts: TenantParts
  #isReady = false
  #isErasing = false

  /** Tests pass their own parts, to inspect them. */
  constructor(options: TenantStoreOptions, parts: TenantParts = composeTenant(options)) {
    this.#options = options
    this.#parts = parts
    this.events = parts.events
    this.state = parts.state
    this.catalog = parts.catalog
    this.settings = parts.settings
    this.rules = parts.rules
    this.keys = parts.keys
    this.secrets = parts.secrets
    this.consent = parts.consent
    this.past = parts.past
    this.pastValues = parts.pastValues
    this.text = parts.text
    this.grams = parts.grams
    this.vectors = parts.vectors
    this.indexes = parts.indexes
    this.requests = parts.requests
    this.erasures = parts.erasures
    this.commits = parts.commits
    const { storage } = options
    this.history = new TenantHistory({ parts, storage, perform: (name, of) => this.#perform(name, of) })
    const opening = { parts, options, isReady: () => this.#isReady, open: () => this.#open() }
    this.loss = new TenantLoss(opening)
    this.archive = new TenantArchive(opening)
    this.#open()
  }

  /** Creates or upgrades the tables. A tenant that is only read gets none. */
  #open(): void {
    const { storage } = this.#options
    const version = readSystemSchemaVersion(storage.sql)
    if (version === 0) return
    const { state, lake, runner } = this.#parts
    if (version !== systemSchemaVersion) storage.transactionSync(() => upgradeSystemTables(storage.sql))
    reloadTenant(this.#parts)
    // A restore that was killed goes on by its command, and until then the database counts as lost.
    if (this.#parts.meta.get('restoring') !== undefined) return
    storage.transactionSync(() => {
      state.shapeAll()
      if (version !== systemSchemaVersion) state.indexOldSpellings()
    })
    this.#isReady = true
    this.#parts.erasures.closeUntilErased()
    this.#isErasing = this.#parts.meta.get('erasing') !== undefined
    lake?.resume()
    runner.resume()
    // A killed rebuild left them.
    if (lake !== undefined && hasShadows(storage.sql)) void this.#files().dropShadows(this.#options.log)
  }

  /** False until the first write. The tenant has no tables then. */
  get isReady(): boolean {
    return this.#isReady
  }

  /** Tries one write of a tenant without data: throws its refusal, or a FirstWrite. Each needs a new one, as caches become stale. */
  rehearsal(): TenantStore {
    return new TenantStore({ ...this.#options, isRehearsal: true })
  }

  /** For reading only. */
  get sql(): SqlStorage {
    return this.#options.storage.sql
  }

  /** Changes with each restore, and each load of an archive; empty if there was none. */
  get restored(): string {
    return this.#parts.meta.get('restored') ?? ''
  }

  /** The tenant's URL in the last write. */
  get context(): string {
    return this.#parts.meta.get('context') ?? ''
  }
  get bookmark(): string {
    return this.bookmarkOf(this.events.head)
  }

  bookmarkOf(seq: number): string {
    return formatBookmark({ epoch: this.#parts.meta.get('epoch'), seq })
  }

  checkBookmark(bookmark: string): void {
    checkBookmark(bookmark, { epoch: this.#parts.meta.get('epoch'), head: this.events.head })
  }

  /**
   * Resolves when the change is committed. If it throws an ObjectError, nothing has changed. A function is called in the write
   * lane, so that it can use the definitions of that time.
   */
  async write(change: Change | (() => Change), tenant?: TenantName): Promise<Written> {
    const { commits } = this.#parts
    const makeChange = typeof change === 'function' ? change : (): Change => change
    return this.#perform(tenant, {
      rehearse: () => {
        const result = commits.rehearseChange(makeChange)
        return { result, isWrite: !result.isUnchanged }
      },
      make: () => commits.change(makeChange),
    })
  }

  /**
   * Runs the work in the write lane as one commit: all its changes or none. If it throws an ObjectError, nothing has changed.
   * The work reads and writes synchronously, and may be run again after texts of the archive were fetched. A dry run gives
   * the same and leaves nothing; it needs a rehearsal of a tenant without data, and ignores an idempotency key.
   */
  async commit<Result extends JsonValue>(
    work: CommitWork<Result>,
    { tenant, isDryRun = false, ...options }: StoreCommitOptions,
  ): Promise<Committed<Result>> {
    const { commits } = this.#parts
    if (isDryRun && this.#options.isRehearsal !== true) {
      this.refuseIfErasing()
      assert(this.#isReady, 'a dry run of a tenant without data uses a rehearsal')
      return this.#repeated(() => commits.try(work, options))
    }
    return this.#perform(tenant, {
      rehearse: () => {
        const result = commits.rehearseWork(work, options)
        return { result, isWrite: result.commit !== undefined && !isDryRun }
      },
      make: () => commits.work(work, options),
    })
  }

  async #perform<Result>(
    tenant: TenantName | undefined,
    of: { readonly rehearse: () => Rehearsed<Result>; readonly make: () => Result | Promise<Result> },
  ): Promise<Result> {
    this.refuseIfErasing()
    if (tenant !== undefined && this.#options.isRehearsal === true)
      return rehearse(this.#options.storage, () => {
        beginTenant(this.#parts, this.#options, tenant)
        this.#isReady = true
        return of.rehearse()
      })
    if (tenant !== undefined) this.#prepare(tenant)
    return this.#repeated(of.make)
  }

  /** Returns the outcome of the request that was performed under this key; undefined if there is none. */
  outcomeOfKey(key: IdempotencyKey): KeyOutcome | undefined {
    return this.#isReady ? this.#parts.idempotency.find(key, this.#parts.clock.realMs()) : undefined
  }

  get nowMs(): number {
    return this.#parts.clock.nowMs()
  }

  #repeated<Result>(commit: () => Result | Promise<Result>): Promise<Result> {
    const { lake } = this.#parts
    return readInRounds(() =>
      lake === undefined ? commit() : commitWithArchive(commit, (seqs) => lake.fetchArchived(seqs)),
    )
  }

  /** Runs a synchronous read, and repeats it after the work and archived texts that it needs. `inTurn` schedules attempts. */
  reading<Result>(
    read: (run: ReadRun) => Result,
    inTurn: (attempt: () => Result | Promise<Result>) => Result | Promise<Result> = (attempt) => attempt(),
  ): Promise<Result> {
    const { catalog, lake } = this.#parts
    const run = new ReadRun()
    let { current } = catalog
    const attempt = (): Result => {
      if (catalog.current !== current) run.reset()
      ;({ current } = catalog)
      return read(run)
    }
    return readInRounds(() =>
      inTurn(() => (lake === undefined ? attempt() : readWithArchive(attempt, (seqs) => lake.fetchArchived(seqs)))),
    )
  }

  /** Runs a part of a read in slices. If definitions change meanwhile, the whole read starts again. */
  inSlices<Result>(read: (slices: Slices) => Promise<Result>): Promise<Result> {
    const { current } = this.catalog
    const check = (): void => {
      if (this.catalog.current !== current) throw new Unfinished(() => Promise.resolve())
    }
    return this.#parts.sliced.run(check, read)
  }

  get sliceCount(): number {
    return this.#parts.sliced.sliceCount
  }

  get sliceSettings(): SliceSettings {
    return this.#parts.sliced.settings
  }

  /** Returns undefined if the tenant has no archive. */
  fetchArchived(seqs: readonly number[]): Promise<void> | undefined {
    return this.#parts.lake?.fetchArchived(seqs)
  }

  /** Returns the last `seq` at a time and seals that time: later commits get later timestamps. */
  sealAt(atMs: number): number {
    return this.#parts.clock.sealAt(atMs)
  }

  /** Returns the current entity as JSON, or undefined if there is none. */
  presentText(table: NounTable, id: string): ReturnType<typeof presentText> {
    return presentText(this.#parts, table, id)
  }

  /** Returns the event that made a version of an entity, or undefined if there was no such version. */
  seqOfVersion(schema: NounSchema, id: string, version: number): number | undefined {
    const table = this.state.table(schema.name)
    return table === undefined ? undefined : this.#parts.state.seqOfVersion(table, id, version)
  }

  /** Returns the visibility of events to a caller. */
  eventVisibility(visibility: Visibility): EventVisibility {
    return new EventVisibility({ sql: this.sql, log: this.events, state: this.state, visibility })
  }

  /** Runs due jobs. Call it when the platform's alarm fires. */
  async alarm(): Promise<void> {
    if (this.#isReady && !this.#isErasing) await this.#parts.runner.alarm()
  }

  runOutbox(): Promise<void> {
    this.#parts.outbox.wake()
    return this.#isErasing ? Promise.resolve() : this.#parts.runner.run(this.#parts.outbox.lane)
  }

  /** Returns the status of the tenant's jobs; none before the first write. */
  jobs(): readonly JobStatus[] {
    return this.#isReady ? this.#parts.runner.status() : []
  }

  /** Returns the number of waiting and of parked handler runs. */
  outboxCounts(): { readonly waiting: number; readonly parked: number } {
    return this.#isReady ? this.#parts.outbox.counts() : { waiting: 0, parked: 0 }
  }

  /** The AFTER handlers' queue, for those that services bring. */
  get outbox(): Pick<TenantParts['outbox'], 'waitingFor' | 'replay' | 'hasten' | 'owe' | 'lane'> {
    return this.#parts.outbox
  }

  /** Returns the last event in the files, and the revision of their manifest; undefined if there are no files. */
  filesPosition(): { readonly seq: number; readonly revision: number } | undefined {
    const { lake } = this.#parts
    return lake === undefined || this.#isReady ? lake?.position : { seq: 0, revision: 0 }
  }

  /** Compares the system's clock, the time that the tenant goes by, and its newest event. */
  clockStatus(): { readonly offsetMs: number; readonly aheadMs: number } {
    return { offsetMs: this.#options.space?.clockOffsetMs ?? 0, aheadMs: this.#parts.clock.aheadMs }
  }

  clockState(): ClockState {
    return this.#parts.testClock.state()
  }

  /** Makes this a test tenant. Throws an ObjectError `conflict` if its entities have events. */
  setTestClock(nowMs: number, tenant: TenantName): ClockState {
    checkClockTime(nowMs)
    this.begin(tenant)
    return this.#parts.testClock.set(nowMs)
  }

  /** Begins a tenant that has no data for a change that is no event; its rehearsal throws a FirstWrite instead. */
  begin(tenant: TenantName): void {
    this.refuseIfErasing()
    if (this.#options.isRehearsal === true) throw new FirstWrite()
    this.#prepare(tenant)
  }

  /** Advances the clock of a test tenant through the jobs that become due. */
  advanceTestClock(by: Duration | ClockEnd): Promise<ClockState> {
    return this.#parts.testClock.advance(by)
  }

  /** Brings the files up to the log; returns the `seq` that they reach. Throws an ObjectError if there are no files. */
  readonly flush = async (): ReturnType<FileCommands['flush']> => this.#files().flush()

  /** Compares log, state and files. Throws an ObjectError if there are no files. */
  readonly verify = async (): ReturnType<FileCommands['verify']> => this.#files().verify()

  /** Rebuilds state, files and Iceberg table from the log. Throws an ObjectError if there are no files. */
  readonly rebuild = async (): ReturnType<FileCommands['rebuild']> => this.#files().rebuild()

  #files(): FileCommands {
    const { lake } = this.#parts
    if (lake === undefined)
      throw new ObjectError({ code: 'not_configured', message: 'this server has no object store for files' })
    if (!this.#isReady) throw new ObjectError({ code: 'not_found', message: 'this tenant was never written to' })
    return new FileCommands({ ...this.#options, parts: this.#parts, lake })
  }

  /** The tenant's name, or undefined before the first write. */
  get name(): string | undefined {
    return this.#parts.meta.get('tenant')
  }

  /** Throws an ObjectError `conflict` once the deletion of the tenant has begun. */
  refuseIfErasing(): void {
    if (!this.#isErasing) return
    const message = 'this tenant is being deleted; its name can be used again afterwards'
    throw new ObjectError({ code: 'conflict', field: 'tenant', message })
  }

  /**
   * Deletes a slice of the tenant's data. From the first call on, the tenant refuses all others, also after a crash. Once
   * `isDone`, the object has to end, since its caches are of the deleted data.
   */
  async erase(name: string): Promise<{ readonly isDone: boolean }> {
    assert(this.name === undefined || this.name === name, 'a tenant is deleted by its own name')
    this.#isErasing = true
    return eraseTenant({ parts: this.#parts, storage: this.#options.storage, isReady: this.#isReady, name })
  }

  #prepare(tenant: TenantName): void {
    const { meta } = this.#parts
    if (!this.#isReady) {
      this.#options.storage.transactionSync(() => beginTenant(this.#parts, this.#options, tenant))
      this.#isReady = true
    }
    const name = meta.get('tenant')
    if (name !== tenant.name)
      throw new ObjectError({ code: 'invalid_tenant', message: `this object belongs to the tenant '${name}'` })
    meta.set('context', tenant.context)
  }
}
