// Composes the parts of a tenant: the log, the state derived from it, the write lane, and the jobs.

import { type ObjectStore, storeWithDeadline } from '@dotdo/db'
import type { EntityFields, NounSchema, ObjectEvent } from 'digital-objects'
import { oncePerTurn } from './base/once-per-turn.ts'
import { pauseBriefly, type Pausing } from './base/pausing.ts'
import { defaultSliceSettings, type SliceSettings } from './base/slice-settings.ts'
import type { StorageSpace } from './base/storage-space.ts'
import { AdvanceJob } from './clock/advance-job.ts'
import { TenantClock } from './clock/tenant-clock.ts'
import { TestClockCommands } from './clock/test-clock-commands.ts'
import type { FlushSettings } from './flush/flush-settings.ts'
import { filesLane } from './flush/files-lane.ts'
import { TenantLake } from './flush/tenant-lake.ts'
import type { VerifyMore } from './flush/verify-tenant.ts'
import type { Erasures } from './erasure/erasures.ts'
import { makeErasures } from './erasure/make-erasures.ts'
import { ExternalIds } from './history/external-ids.ts'
import { PastLoad } from './history/past-load.ts'
import { AuditLog } from './identity/audit-log.ts'
import { Credentials } from './identity/credentials.ts'
import { ExpiringValues } from './identity/expiring-values.ts'
import type { Identity } from './identity/identity.ts'
import { Keys } from './identity/keys.ts'
import type { Job } from './jobs/job.ts'
import { JobRunner } from './jobs/job-runner.ts'
import { ArchivedTexts, readWithArchive } from './log/archived-events.ts'
import { EventsStore } from './log/events-store.ts'
import { type LogRow, logRowToEvent } from './log/log-row.ts'
import type { LogReader } from './log/log-reader.ts'
import { TenantMeta } from './log/tenant-meta.ts'
import { RotationJob } from './secrets/rotation-job.ts'
import type { SecretKeys } from './secrets/secret-keys.ts'
import { SecretStore } from './secrets/secret-store.ts'
import { ApprovalStore } from './requests/approval-store.ts'
import { BulkJobStore } from './requests/bulk-job-store.ts'
import { ImportStore } from './requests/import-store.ts'
import { PlanStore } from './requests/plan-store.ts'
import { RequestSweepJob, requestsLane } from './requests/request-sweep-job.ts'
import { StoredRequests } from './requests/stored-requests.ts'
import { ErasedEntities } from './state/erased-entities.ts'
import { FullText } from './state/full-text.ts'
import { GramIndex } from './state/gram-index.ts'
import { IndexPreparation } from './state/index-preparation.ts'
import { Origins } from './state/origins.ts'
import { PastIndex } from './state/past-index.ts'
import { PastValues } from './state/past-values.ts'
import { LogIndexJob } from './state/log-index-job.ts'
import { RulesState } from './state/rules-state.ts'
import { ScheduleRows } from './state/schedule-rows.ts'
import { SettingsState } from './state/settings-state.ts'
import { SlicedReads } from './state/sliced-reads.ts'
import type { StateReader } from './state/state-reader.ts'
import { StorageHandler } from './state/storage-handler.ts'
import { VectorIndex } from './state/vector-index.ts'
import { TenantCatalog } from './state/tenant-catalog.ts'
import type { Change, Written } from './write/change.ts'
import type { CommitParts } from './write/commit.ts'
import type { Connections } from 'digital-objects'
import { Commits } from './write/commits.ts'
import { Consent } from './write/consent.ts'
import { FreshIds } from './write/fresh-ids.ts'
import { changingHandlers } from './write/changing-handlers.ts'
import type { AfterHandler, HandlerReads, Hooks } from './write/hooks.ts'
import { IdempotencyStore } from './write/idempotency.ts'
import { KeySweepJob } from './write/key-sweep-job.ts'
import { Outbox, type OutboxHandler } from './write/outbox.ts'
import { ScheduleJob } from './write/schedule-job.ts'
import { WriteLane } from './write/write-lane.ts'

/** The parts of a tenant that a service's jobs may use. */
export interface JobContext {
  readonly log: LogReader
  readonly state: StateReader
  readonly catalog: TenantCatalog
  readonly settings: SettingsState
  /** For reading only. */
  readonly sql: SqlStorage
  /** Writes a change. A function is called in the write lane, so that it can use the definitions of that time. */
  readonly write: (change: Change | (() => Change)) => Promise<Written>
  readonly requests: StoredRequests
}

export interface TenantStoreOptions {
  readonly storage: DurableObjectStorage
  /** The built-in Nouns. */
  readonly nouns: readonly NounSchema[]
  readonly hooks: Hooks
  /** Opens the reads of asynchronous BEFORE handlers, which need it. */
  readonly openReads?: () => HandlerReads
  /** Creates the jobs of services. */
  readonly jobs?: (context: JobContext) => readonly Job[]
  /** Checks what services keep, for `verify`. */
  readonly verify?: VerifyMore | undefined
  /** Names of the services outside of the tenant that verbs may use. By default none. */
  readonly connections?: Connections | undefined
  /** Decides what keys prove. Without it, they prove nothing. */
  readonly identity?: Identity | undefined
  /** Encrypt the secret store. Without them, it stores nothing. */
  readonly secretKeys?: SecretKeys | undefined
  /** Checks fields that a hook returned; throws an ObjectError. */
  readonly validate: (schema: NounSchema, fields: EntityFields) => EntityFields
  readonly makeId: (prefix: string, nowMs: number) => string
  readonly makeEpoch: () => string
  /** The server's clock. */
  readonly now: () => number
  /** The object store for files. Without it, all data stays in the object. */
  readonly lake?: {
    readonly store: ObjectStore
    readonly settings: FlushSettings
    /** Set only by tests. */
    readonly callMsMax?: number
    /** The location of the store's root as Iceberg tables name it; by default `s3://lake/`. */
    readonly root?: string
  }
  /** Set only by tests. */
  readonly slices?: Partial<SliceSettings>
  /** Makes the pauses of long work. By default they are brief. */
  readonly pausing?: Pausing
  /** Room on the disk. Without it, the disk counts as endless. */
  readonly space?: StorageSpace | undefined
  /** Tries the first write of a tenant and rolls it back. See `TenantStore.rehearsal`. */
  readonly isRehearsal?: boolean
  /** Logs a message for the operator, about failed background work. */
  readonly log: (message: string) => void
  /** Called when a commit is on disk, for step 5 and the start of step 4. Must not throw. */
  readonly committed: (written: readonly Written[]) => void
}

export interface TenantParts {
  readonly events: EventsStore
  readonly meta: TenantMeta
  readonly clock: TenantClock
  readonly state: StorageHandler
  readonly catalog: TenantCatalog
  readonly settings: SettingsState
  readonly rules: RulesState
  readonly consent: Consent
  readonly origins: Origins
  readonly keys: Keys
  readonly secrets: SecretStore
  readonly schedules: ScheduleRows
  readonly text: FullText
  readonly grams: GramIndex
  readonly vectors: VectorIndex
  readonly sliced: SlicedReads
  readonly pausing: Pausing
  readonly past: PastIndex
  readonly pastValues: PastValues
  readonly indexes: IndexPreparation
  readonly outbox: Outbox<LogRow>
  readonly idempotency: IdempotencyStore
  readonly pastLoad: PastLoad
  readonly externalIds: ExternalIds
  readonly erased: ErasedEntities
  readonly erasures: Erasures
  readonly lake: TenantLake | undefined
  readonly runner: JobRunner
  readonly commits: Commits
  readonly testClock: TestClockCommands
  readonly requests: StoredRequests
}

export function composeTenant(options: TenantStoreOptions): TenantParts {
  const { storage, now, pausing = pauseBriefly } = options
  const { sql } = storage
  const texts = new ArchivedTexts()
  const events = new EventsStore({ sql, texts })
  const meta = new TenantMeta(sql)
  const clock = new TenantClock({ meta, log: events, now: () => now() - (options.space?.clockOffsetMs ?? 0) })
  // The state's tables depend on the catalog, which is stored in the state: hence the callback.
  const state: StorageHandler = new StorageHandler({ sql, lookup: (name) => catalog.lookup(name) })
  const catalog = new TenantCatalog({ sql, state, nouns: options.nouns })
  const settings = new SettingsState({ sql, state })
  const erased = new ErasedEntities({ sql, lookup: (name) => catalog.lookup(name) })
  const rules = new RulesState({ sql, state })
  const secrets = new SecretStore({ sql, keys: options.secretKeys, now, tenant: () => meta.get('tenant') ?? '' })
  const keys = makeKeys(options, () => runner)
  const schedules = new ScheduleRows({ sql, state, catalog, settings })
  const origins = new Origins({ sql, values: keys.values, now })
  const consent = new Consent({ rules, settings, keys, sql, state, catalog, origins })
  const slices = { ...defaultSliceSettings, ...options.slices }
  const text = new FullText({ storage, state, meta, slices, pausing })
  const grams = new GramIndex({ storage, state, meta, text, slices, pausing })
  const vectors = new VectorIndex({ storage, state, meta, log: events })
  const sliced = new SlicedReads({ settings: slices, now: Date.now, pausing })
  const pastValues = new PastValues({ sql, log: events, definitions: () => catalog.current })
  const past = new PastIndex({ storage, state, meta, waitMs: slices.wordsMs, pausing })
  const indexes = new IndexPreparation({ sql, log: events, state, catalog, settings: slices, pausing })
  // The files depend on the outbox: hence the callback.
  const outbox = makeOutbox(options, { events, meta, fetch: async (seqs) => lake?.fetchArchived(seqs) })
  const idempotency = new IdempotencyStore({ sql, meta })
  const pastLoad = new PastLoad({ sql, meta, log: events })
  const externalIds = new ExternalIds({ sql, load: pastLoad })
  const indexing = { text, grams, vectors, past, pastValues, indexes, sliced }
  const owed = { outbox, idempotency, pastLoad, externalIds }
  const proofs = { rules, keys, secrets, consent, origins, erased }
  const base = { events, meta, clock, state, catalog, settings, schedules, pausing, ...proofs, ...indexing, ...owed }
  const lake: TenantLake | undefined =
    options.lake === undefined ? undefined : makeLake({ ...options, lake: options.lake }, base, texts)
  const log = (message: string): void => options.log(`${meta.get('tenant')}: ${message}`)
  const runner = new JobRunner({
    storage,
    now,
    tenantClock: clock,
    load: pastLoad,
    log,
    wholeLanes: [filesLane],
    space: options.space,
  })
  const commits = makeCommits({ options, base, runner })
  const write: JobContext['write'] = (change) => commits.change(typeof change === 'function' ? change : () => change)
  const requests = makeRequests(options, runner)
  const serviceJobs = options.jobs?.({ log: events, state, catalog, settings, sql, write, requests }) ?? []
  const scheduleJob = new ScheduleJob({ storage, rows: schedules, catalog, write, now, log, pausing })
  const businessJobs = [scheduleJob, ...serviceJobs]
  const advanceJob = new AdvanceJob({ clock, jobs: businessJobs, outbox, now })
  const ownJobs = makeOwnJobs({ ...base, storage, requests, advanceJob })
  const erasing = makeErasures({ ...base, ...options, commits, lake, runner })
  runner.add([...businessJobs, ...ownJobs, ...(lake?.jobs ?? []), erasing.job])
  const testClock = new TestClockCommands({ storage, clock, advanceJob, runner })
  return { ...base, lake, runner, commits, testClock, requests, erasures: erasing.erasures }
}

/** The jobs depend on the keys: hence the callback. */
function makeKeys({ storage: { sql }, identity, now }: TenantStoreOptions, runner: () => JobRunner): Keys {
  const changed = oncePerTurn(() => runner().reschedule(requestsLane))
  const values = new ExpiringValues({ sql, now, changed })
  return new Keys({ credentials: new Credentials(sql), audit: new AuditLog({ sql, now }), values, identity, now })
}

function makeOutbox(
  { storage, hooks, now }: TenantStoreOptions,
  parts: {
    readonly events: EventsStore
    readonly meta: TenantMeta
    readonly fetch: (seqs: readonly number[]) => Promise<void>
  },
): Outbox<LogRow> {
  const { events, meta, fetch } = parts
  const toEvent = (row: LogRow): ObjectEvent => logRowToEvent(row, meta.get('context') ?? '')
  const toOutbox = ({ isExternal, gaveUp, ...handler }: AfterHandler): OutboxHandler<LogRow> => ({
    ...handler,
    run: (row) => handler.run(toEvent(row)),
    isExternal: (row) => (typeof isExternal === 'function' ? isExternal(toEvent(row)) : isExternal === true),
    ...(gaveUp === undefined ? {} : { gaveUp: (row, message) => gaveUp(toEvent(row), message) }),
  })
  const handlers = hooks.after.map(toOutbox)
  const event = async (seq: number): Promise<LogRow | undefined> => readWithArchive(() => events.at(seq), fetch)
  const changing = changingHandlers(hooks.changingAfter ?? [], toOutbox)
  return new Outbox<LogRow>({ storage, now, handlers, changing, event, commitEnd: (seq) => events.commitEnd(seq) })
}

function makeRequests({ storage, makeId, now, isRehearsal }: TenantStoreOptions, runner: JobRunner): StoredRequests {
  return new StoredRequests({
    plans: new PlanStore({ sql: storage.sql, makeId: () => makeId('plan', now()) }),
    approvals: new ApprovalStore({ sql: storage.sql, makeId: () => makeId('approval', now()) }),
    bulkJobs: new BulkJobStore({ sql: storage.sql, makeId: () => makeId('job', now()) }),
    imports: new ImportStore({ sql: storage.sql, makeId: () => makeId('import', now()) }),
    isRehearsal: isRehearsal === true,
    now,
    runner: () => runner,
  })
}

/** The jobs of the tenant itself, besides those of its files. The order of jobs in a lane is their urgency. */
function makeOwnJobs({
  storage,
  outbox,
  advanceJob,
  text,
  grams,
  past,
  events,
  pausing,
  idempotency,
  externalIds,
  keys,
  secrets,
  requests,
}: BaseParts & {
  readonly storage: DurableObjectStorage
  readonly requests: StoredRequests
  readonly advanceJob: AdvanceJob
}): readonly Job[] {
  return [
    outbox,
    advanceJob,
    new LogIndexJob('full-text', { index: text, log: events, pausing }),
    new LogIndexJob('substrings', { index: grams, log: events, pausing }),
    new LogIndexJob('past-index', { index: past, log: events, pausing }),
    new KeySweepJob({ keys: idempotency, storage }),
    new RequestSweepJob([
      requests.plans,
      requests.approvals,
      requests.bulkJobs,
      requests.imports,
      externalIds,
      keys.audit,
      keys.values,
    ]),
    new RotationJob(secrets),
  ]
}

type BaseParts = Omit<TenantParts, 'lake' | 'runner' | 'commits' | 'testClock' | 'requests' | 'erasures'>

function makeLake(
  { lake, storage, now }: TenantStoreOptions & { readonly lake: NonNullable<TenantStoreOptions['lake']> },
  { events, meta, state, catalog, text, outbox, erased }: BaseParts,
  texts: ArchivedTexts,
): TenantLake {
  return new TenantLake({
    store: storeWithDeadline(lake.store, lake.callMsMax),
    settings: lake.settings,
    storage,
    log: events,
    texts,
    state,
    erased,
    meta,
    lookup: catalog.lookup,
    definitions: () => catalog.current.entries,
    now,
    random: Math.random,
    root: lake.root ?? 's3://lake/',
    settle: async (throughSeq) => {
      await text.follow(throughSeq)
      return (outbox.oldestSeq ?? Number.MAX_SAFE_INTEGER) - 1
    },
  })
}

function makeCommits({
  options,
  base,
  runner,
}: {
  readonly options: TenantStoreOptions
  readonly base: BaseParts
  readonly runner: JobRunner
}): Commits {
  const { storage } = options
  const freshIds = new FreshIds(options.makeId)
  const parts: CommitParts = {
    ...base,
    storage,
    sql: storage.sql,
    before: options.hooks.before,
    // A rehearsal only finds out whether a write would begin the tenant, and handlers run before the real one.
    asyncBefore: options.isRehearsal === true ? [] : (options.hooks.asyncBefore ?? []),
    connections: options.connections ?? new Set(),
    validate: options.validate,
    makeId: (prefix, nowMs) => freshIds.next(prefix, nowMs),
  }
  const lane = new WriteLane({
    storage,
    work: {
      performed: (written) => {
        for (const { row } of written) runner.eventAppended(row)
        if (base.pastLoad.follow()) runner.rescheduleAll()
      },
      rolledBack: () => {
        reloadTenant(base)
        runner.rolledBack()
      },
      durable: (written) => options.committed(written),
    },
  })
  return new Commits({ parts, lane, openReads: options.openReads ?? noReads })
}

function noReads(): never {
  throw new Error('asynchronous handlers need reads')
}

/** Reloads all caches from the tables. Call it at start and after a rollback. */
export function reloadTenant(parts: BaseParts): void {
  const { events, state, erased, catalog, settings, keys, consent, origins, schedules, meta } = parts
  events.reload()
  state.reload()
  catalog.reload()
  erased.reload()
  settings.reload()
  keys.forget()
  consent.forget()
  origins.forget()
  keys.audit.reload()
  schedules.reload()
  meta.reload()
}
