// The Durable Object of a tenant. It connects the tenant's store to the platform: the alarm, the hub of live events, and the
// clock and randomness that all parts take as arguments.

import { DurableObject } from 'cloudflare:workers'
import {
  type Authority,
  compileAuthority,
  type Connections,
  type EntityFields,
  formatInternalError,
  idMaker,
  type NounLookup,
  type NounSchema,
  ObjectError,
} from 'digital-objects'
import type { ObjectStore } from '@dotdo/db'
import type { Pausing } from './base/pausing.ts'
import type { SliceSettings } from './base/slice-settings.ts'
import type { StorageSpace } from './base/storage-space.ts'
import { ArchivedEvents } from './log/archived-events.ts'
import type { Change, Written } from './write/change.ts'
import type { EventHead } from './log/event-heads.ts'
import { logRowToText, type LogRow } from './log/log-row.ts'
import type { FlushSettings } from './flush/flush-settings.ts'
import type { VerifyMore } from './flush/verify-tenant.ts'
import type { Identity } from './identity/identity.ts'
import type { SecretKeys } from './secrets/secret-keys.ts'
import type { EventVisibility } from './state/event-visibility.ts'
import type { HandlerReads, Hooks } from './write/hooks.ts'
import type { Audience } from './live/audience.ts'
import { Hub } from './live/hub.ts'
import type { EventSource } from './live/event-source.ts'
import type { CommitEvents, LiveEvent } from './live/live-event.ts'
import { isOfQuery, type QueryAudience, QuerySource } from './live/query-source.ts'
import type { Job } from './jobs/job.ts'
import type { JobContext } from './compose-tenant.ts'
import { TenantStore } from './tenant-store.ts'

export interface TenantDefinition {
  /** The built-in Nouns. */
  readonly nouns: readonly NounSchema[]
  readonly hooks: Hooks
  /** Opens the reads of asynchronous BEFORE handlers. */
  readonly openReads?: () => HandlerReads
  /** Creates the jobs of services. */
  readonly jobs?: (context: JobContext) => readonly Job[]
  /** Checks what services keep, for `verify`. */
  readonly verify?: VerifyMore | undefined
  /** Names of the services outside of the tenant that verbs may use. By default none. */
  readonly connections?: Connections
  /** Decides what keys prove. Without it, they prove nothing. */
  readonly identity?: Identity | undefined
  /** Encrypt the secret store. Without them, it stores nothing. */
  readonly secretKeys?: SecretKeys | undefined
  readonly validate: (schema: NounSchema, fields: EntityFields) => EntityFields
  /** The object store for files, and the flush's settings. Without it, all data stays in the object. */
  readonly lake?: { readonly store: ObjectStore; readonly settings: FlushSettings }
  /** Set only by tests. */
  readonly slices?: Partial<SliceSettings>
  /** Makes the pauses of long work. By default they are brief. */
  readonly pausing?: Pausing
  /** Room on the disk. Without it, the disk counts as endless. */
  readonly space?: StorageSpace | undefined
}

/** The parts of a tenant that its handlers may use. */
export interface DefinedTenant {
  /** Writes a change. A function is called in the write lane, so that it can use the definitions of that time. */
  readonly write: (change: Change | (() => Change)) => Promise<Written>
  /** Finds a Noun by its current definition. */
  readonly lookup: NounLookup
  /** The tenant's store, once the object has started. */
  readonly store: () => TenantStore
  /** Call it when something besides an event may have changed what keys prove. */
  readonly keysChanged: () => void
  /** Keeps the object alive until the work has ended. */
  readonly background: (work: Promise<void>) => void
}

const alarmSoonMs = 50
const restedMessage = 'the object was idle and has ended'
/** More than clocks of two machines differ by. */
const aheadMsMax = 5 * 60_000

/** Whether a call failed because the object ended by `rest`, before the call began. It can be repeated. */
export function hasRested(error: unknown): boolean {
  return error instanceof Error && error.message === restedMessage
}

export abstract class TenantDurableObject<Env> extends DurableObject<Env> {
  protected readonly store: TenantStore
  readonly #hub: Hub
  readonly #queries: QuerySource
  /** Calls, alarms and handlers that run. */
  #works = 0
  readonly #erasuresFollowed: Promise<void>
  /** The last `seq` that is on disk. Later events must not be sent yet. */
  #durableSeq: number

  constructor(ctx: DurableObjectState, env: Env, define: (tenant: DefinedTenant) => TenantDefinition) {
    super(ctx, env)
    const makeId = idMaker({ random: (count) => crypto.getRandomValues(new Uint8Array(count)) })
    this.store = new TenantStore({
      ...define({
        write: (change) => this.store.write(change),
        lookup: (name) => this.store.catalog.lookup(name),
        store: () => this.store,
        keysChanged: () => this.#keysChanged(),
        background: (work) => ctx.waitUntil(this.working(() => work)),
      }),
      storage: ctx.storage,
      makeId: (prefix, nowMs) => makeId({ prefix, nowMs }),
      makeEpoch: () => Math.floor(Math.random() * 36 ** 8).toString(36),
      now: () => Date.now(),
      log: (message) => console.error(formatInternalError(message)),
      committed: (written) => this.#committed(written),
    })
    this.#durableSeq = this.store.events.head
    this.#reportClock()
    this.#erasuresFollowed = this.store.isReady ? this.working(() => this.#followErasures()) : Promise.resolve()
    ctx.waitUntil(this.#erasuresFollowed)
    this.#queries = new QuerySource({
      log: this.store.events,
      state: this.store.state,
      catalog: () => this.store.catalog.current,
      context: () => this.store.context,
      concernsRights: (noun) => this.store.keys.concerns(noun),
    })
    this.#hub = new Hub({
      ctx,
      rules: {
        schemas: (authority) => this.#schemasOf(authority),
        current: (authority) => this.store.keys.current(authority),
        checkQuery: (audience) => this.#queries.check(audience),
      },
      authorityOf: (key) => this.store.keys.verdictOf(key)?.authority,
      endsMsOf: (key) => this.store.keys.verdictOf(key)?.endsMs,
      source: {
        now: Date.now,
        head: () => this.#durableSeq,
        bookmarkOf: (seq) => this.store.bookmarkOf(seq),
        commitEnd: (seq) => this.store.events.commitEnd(seq),
        commitOf: (seq) => this.store.events.commitOf(seq),
        read: (options) => this.#readLive(options),
        textFor: (event, audience) => this.#liveText(event, audience),
        messageFor: (commit, audience) => this.#liveMessage(commit, audience),
        retryAfter: (error) => (error instanceof ArchivedEvents ? this.store.fetchArchived(error.seqs) : undefined),
      },
    })
  }

  /** Whether nobody may read yet, since this database is from a backup and has values that were erased since. */
  async isClosed(): Promise<boolean> {
    await this.#erasuresFollowed
    return this.store.erasures.isClosed
  }

  /** The refusal of all calls while `isClosed`. */
  protected async closed(): Promise<ObjectError | undefined> {
    await this.#erasuresFollowed
    return this.store.erasures.refusal
  }

  /** Takes over erasures that a restored backup does not know. */
  async #followErasures(): Promise<void> {
    try {
      await this.store.erasures.followRecorded()
    } catch (error) {
      console.error(formatInternalError(`${this.store.name}: the list of erasures could not be read: ${String(error)}`))
    }
  }

  /** Reports a clock that was wrong when this process started, which nothing but the events can tell. */
  #reportClock(): void {
    const { aheadMs } = this.store.clockStatus()
    if (aheadMs <= aheadMsMax) return
    const days = (aheadMs / 86_400_000).toFixed(1)
    const message =
      `${this.store.name}: its newest event is ${days} days ahead of this server's time: new events get the time of that ` +
      'one until the clock has passed it; if the clock is wrong, set it right'
    console.error(formatInternalError(message))
  }

  /** Returns the tenant's name, or null if it has no data. */
  identify(): string | null {
    return this.store.name ?? null
  }

  /** See `ErasableTenant`. */
  erase(name: string): Promise<{ readonly isDone: boolean }> {
    return this.store.erase(name)
  }

  /** See `ErasableTenant`. */
  async end(): Promise<void> {
    await this.ctx.storage.sync()
    this.ctx.abort('the object has ended')
  }

  /** Serves live events, over a WebSocket or as a stream of server-sent events. */
  override async fetch(request: Request): Promise<Response> {
    const closed = await this.closed()
    if (closed !== undefined) return Response.json(closed.toData(), { status: 503 })
    try {
      this.store.refuseIfErasing()
    } catch (error) {
      if (!(error instanceof ObjectError)) throw error
      return Response.json(error.toData(), { status: 409 })
    }
    return this.#hub.accept(request)
  }

  override webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): void {
    this.#hub.webSocketMessage(socket, message)
  }

  override webSocketClose(socket: WebSocket): void {
    this.#hub.webSocketClose(socket)
  }

  override webSocketError(socket: WebSocket): void {
    this.#hub.webSocketClose(socket)
  }

  override alarm(): Promise<void> {
    return this.working(() => this.store.alarm())
  }

  /** Runs work that must not be interrupted by `rest`. */
  protected async working<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#works++
    try {
      return await work()
    } finally {
      this.#works--
    }
  }

  /** Ends the object, which rejects this call, unless it works or has listeners; then it returns false. */
  async rest(): Promise<boolean> {
    if (this.#isInUse) return false
    // An alarm that fires while the object ends would fail.
    const alarmMs = await this.ctx.storage.getAlarm()
    if (alarmMs !== null && alarmMs < Date.now() + alarmSoonMs) return false
    await this.ctx.storage.sync()
    if (this.#isInUse) return false
    // Nothing is awaited between the check and this, so no call that has begun is lost.
    this.ctx.abort(restedMessage)
    return true
  }

  get #isInUse(): boolean {
    return this.#works > 0 || this.#hub.hasListeners || this.#hasRunningJob
  }

  /** A step may go on after the alarm that began it. */
  get #hasRunningJob(): boolean {
    return this.store.jobs().some(({ state }) => state === 'running')
  }

  /** Ends the listeners whose keys or sessions prove something else now. */
  protected endListeners(): void {
    this.#hub.checkKeys()
  }

  #keysChanged(): void {
    this.store.keys.forget()
    this.endListeners()
  }

  #committed(written: readonly Written[]): void {
    const last = written.at(-1)
    if (last === undefined) return
    this.#durableSeq = last.row.seq
    const { context, keys } = this.store
    if (written.some(({ row }) => keys.concerns(row.type.slice(0, row.type.indexOf('.'))))) this.#hub.checkKeys()
    this.#hub.publish(written.map(({ row }) => new LiveRow(row, context)))
    if (written.some(({ hasHandlers }) => hasHandlers)) this.ctx.waitUntil(this.working(() => this.store.runOutbox()))
  }

  #readLive(options: Parameters<EventSource['read']>[0]): ReturnType<EventSource['read']> {
    const through = this.#durableSeq
    const { after, limit, audience, isWhole } = options
    if (isOfQuery(audience)) return this.#queries.read({ after, through, limit, audience })
    if (after >= through) return { events: [], readThrough: after }
    const { entity, pattern, actor } = audience
    const visibility = this.#visibilityOf(audience)
    const isVisible = (head: EventHead): boolean =>
      (entity === undefined || head.target === entity) && (visibility?.isVisible(head) ?? true)
    const { rows, readThrough } = this.store.events.read({
      after,
      limit,
      through,
      isWhole,
      pattern,
      actor,
      ...(visibility === undefined && entity === undefined ? {} : { isVisible }),
    })
    const { context } = this.store
    return { events: rows.map((row) => new LiveRow(visibility?.shown(row) ?? row, context)), readThrough }
  }

  #liveText(event: LiveEvent, audience: Audience): string | undefined {
    const visibility = this.#visibilityOf(audience)
    if (visibility === undefined) return event.text
    const row = visibility.isVisible(event) ? this.store.events.at(event.seq) : undefined
    return row === undefined ? undefined : logRowToText(visibility.shown(row), this.store.context)
  }

  #liveMessage(heads: CommitEvents, audience: QueryAudience): LiveEvent | undefined {
    const [first] = heads
    const { commit } = first
    return this.#queries.messageOf({ commit, end: heads.at(-1)?.seq ?? first.seq, heads }, audience)
  }

  #schemasOf(authority: Authority): readonly NounSchema[] {
    const { nouns, lookup } = this.store.catalog.current
    const { visibility } = compileAuthority(authority, lookup)
    return nouns.filter(({ name }) => visibility.lookup(name) !== undefined)
  }

  /** Compiles the listener's authority for each use, because definitions may change while it listens. */
  #visibilityOf({ authority }: Audience): EventVisibility | undefined {
    if (authority === undefined) return undefined
    const { visibility } = compileAuthority(authority, this.store.catalog.current.lookup)
    return this.store.eventVisibility(visibility)
  }
}

/** Makes the text only if a listener receives the event. */
class LiveRow implements LiveEvent {
  readonly seq: number
  readonly commit: number
  readonly type: string
  readonly target: string
  readonly actor: string
  readonly atMs: number
  readonly #row: LogRow
  readonly #context: string
  #text: string | undefined

  constructor(row: LogRow, context: string) {
    this.seq = row.seq
    this.commit = row.commit
    this.atMs = row.atMs
    this.type = row.type
    this.target = row.target
    this.actor = row.actor
    this.#row = row
    this.#context = context
  }

  get text(): string {
    this.#text ??= logRowToText(this.#row, this.#context)
    return this.#text
  }
}
