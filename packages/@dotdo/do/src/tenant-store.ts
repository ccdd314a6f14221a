// Everything that one tenant stores, put together: the log, the state that follows from it, the lane through which
// writes come, and what they owe afterwards. `TenantDurableObject` gives it a platform; tests give it a bare storage.

import { type ObjectStore, storeWithDeadline } from '@dotdo/db'
import { type EntityFields, type NounLookup, type NounSchema, ObjectError, formatBookmark } from 'digital-objects'
import { AlarmClock } from './alarm-clock.ts'
import { ArchivedEvents, ArchivedTexts, readWithArchive } from './log/archived-events.ts'
import { checkBookmark } from './log/check-bookmark.ts'
import { type Change, performWrite, versionToText, type WriteParts, type Written } from './write/commit.ts'
import { EventsStore, type LogRow, logRowToEvent } from './log/events-store.ts'
import type { FlushSettings } from './flush/flush-settings.ts'
import { Flusher } from './flush/flusher.ts'
import { dropShadows, type RebuildOptions, type RebuildReport, rebuildTenant } from './flush/rebuild-tenant.ts'
import { type VerifyOptions, type VerifyReport, verifyTenant } from './flush/verify-tenant.ts'
import { FreshIds } from './write/fresh-ids.ts'
import { FullText } from './state/full-text.ts'
import type { Hooks } from './write/hooks.ts'
import { IdempotencyStore } from './write/idempotency.ts'
import type { NounTable } from './state/noun-table.ts'
import { Outbox } from './write/outbox.ts'
import { StorageHandler } from './state/storage-handler.ts'
import { readSystemSchemaVersion, systemSchemaVersion, upgradeSystemTables } from './system-tables.ts'
import { TenantClock } from './log/tenant-clock.ts'
import { TenantMeta } from './log/tenant-meta.ts'
import { WriteLane } from './write/write-lane.ts'

export interface TenantStoreOptions {
  readonly storage: DurableObjectStorage
  readonly lookup: NounLookup
  readonly hooks: Hooks
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

/** Full text that lags by more than this is worked off in the background. */
const textLagMax = 1_000

export class TenantStore {
  readonly events: EventsStore
  readonly state: StorageHandler
  readonly clock: TenantClock
  readonly meta: TenantMeta
  readonly text: FullText
  readonly outbox: Outbox<LogRow>
  readonly flusher: Flusher | undefined
  readonly #alarms: AlarmClock<'outbox' | 'flush'>
  readonly #options: TenantStoreOptions
  readonly #lane: WriteLane<() => Change, Written>
  #isReady = false

  constructor(given: TenantStoreOptions) {
    const options = given.lake === undefined ? given : { ...given, lake: lakeWithDeadline(given.lake) }
    const { storage, now } = options
    const { sql } = storage
    this.#options = options
    const texts = new ArchivedTexts()
    this.#alarms = new AlarmClock(storage)
    this.events = new EventsStore({ sql, texts })
    this.state = new StorageHandler({ sql, lookup: options.lookup })
    this.meta = new TenantMeta(sql)
    this.clock = new TenantClock({ meta: this.meta, events: this.events, now })
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
      wake: (atMs) => this.#alarms.set('outbox', atMs),
    })
    this.flusher = options.lake === undefined ? undefined : this.#makeFlusher(options.lake, texts)
    const freshIds = new FreshIds(options.makeId)
    const parts: WriteParts = {
      events: this.events,
      state: this.state,
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
          if (!written.isReplay) this.flusher?.changed()
          return written
        },
        rolledBack: () => {
          this.#reload()
          this.#alarms.rolledBack()
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
    this.outbox.resume()
    this.flusher?.resume()
  }

  /** The platform's alarm rang: what commits owe is done, also what a crash left, and what is due is flushed. */
  async alarm(): Promise<void> {
    this.#alarms.rang()
    if (!this.#isReady) return
    await Promise.all([this.outbox.drain(), this.flusher?.run()])
  }

  /** Everything is in the files, up to the `seq` that it tells. Throws an ObjectError where there are no files. */
  async flush(): Promise<{ readonly seq: number; readonly revision: number }> {
    const { flusher } = this.#lakeParts()
    await flusher.drain()
    return { seq: flusher.manifest.seq, revision: flusher.manifest.revision }
  }

  /** Whether log, state and files say the same. Throws an ObjectError where there are no files. */
  verify(): Promise<VerifyReport> {
    return verifyTenant(this.#lakeParts())
  }

  /** State, files and Iceberg table made again from the log. Throws an ObjectError where there are no files. */
  rebuild(): Promise<RebuildReport> {
    return rebuildTenant(this.#lakeParts())
  }

  #lakeParts(): VerifyOptions & RebuildOptions {
    const { storage, lookup, lake } = this.#options
    const { flusher, events, state, text } = this
    if (lake === undefined || flusher === undefined)
      throw new ObjectError({ code: 'not_configured', message: 'this server has no object store for files' })
    if (!this.#isReady) throw new ObjectError({ code: 'not_found', message: 'nothing was ever written to this tenant' })
    return { storage, sql: storage.sql, store: lake.store, events, state, text, lookup, flusher }
  }

  /** A synchronous read, again after what it needs has come from the archive. */
  async reading<Result>(read: () => Result): Promise<Result> {
    const { flusher } = this
    return flusher === undefined ? read() : readWithArchive(read, (seqs) => flusher.archive.reader.fetch(seqs))
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

  #makeFlusher(lake: NonNullable<TenantStoreOptions['lake']>, texts: ArchivedTexts): Flusher {
    const { storage, lookup, now } = this.#options
    const { events, state, meta } = this
    return new Flusher({
      storage,
      ...lake,
      events,
      texts,
      state,
      meta,
      lookup,
      now,
      random: Math.random,
      settle: async (throughSeq) => {
        await this.text.follow(throughSeq)
        return (this.outbox.oldestSeq ?? Number.MAX_SAFE_INTEGER) - 1
      },
      wake: (atMs, isAtLatest = false) => {
        if (isAtLatest && atMs !== undefined) this.#alarms.setAtLatest('flush', atMs)
        else this.#alarms.set('flush', atMs)
      },
      log: (message) => this.#options.log(`${meta.get('tenant')}: ${message}`),
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
      if (!(error instanceof ArchivedEvents) || this.flusher === undefined) throw error
      await this.flusher.archive.reader.fetch(error.seqs)
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
    this.meta.reload()
  }

  /** Whether background work on the full text is worth a turn. */
  get isTextLagging(): boolean {
    return this.events.head - this.text.mark > textLagMax
  }
}

function lakeWithDeadline(lake: NonNullable<TenantStoreOptions['lake']>): NonNullable<TenantStoreOptions['lake']> {
  return { ...lake, store: storeWithDeadline(lake.store, lake.callMsMax) }
}
