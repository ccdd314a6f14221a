// The managed Digital Object of one tenant. It passes each call, which is plain data, to the read, write or command that the
// call names, and answers with plain data. A caller's mistake is an answer; a bug throws.

import {
  type AuditEntry,
  type AuthorizationRequest,
  FirstWrite,
  type ReadRun,
  requireSpace,
  type Session,
  type TenantDefinition,
  TenantDurableObject,
  ThreadTurns,
  unauthorized,
} from '@dotdo/do'
import {
  composeCommands,
  composeConnections,
  composeHooks,
  composeIdentity,
  composeImporter,
  composeJobs,
  composeVerify,
  type Connect,
  type Service,
} from '@dotdo/service'
import {
  type Authority,
  type Call,
  type CallOf,
  createdFields,
  formatInternalError,
  ObjectError,
  unreachable,
  fullAuthority,
} from 'digital-objects'
import type {
  Answer,
  Answered,
  AnswersCalls,
  CommandOutcome,
  KeyVerdict,
  SentAuthority,
  SentCommand,
  SentMessage,
} from './answers/answer.ts'
import { formatAnswer, formatAnswers, formatProgramAnswer } from './answers/answer-text.ts'
import { Begin } from './answers/begin.ts'
import { keyOf, nameOf, unknownCommand } from './answers/call-name.ts'
import type { Caller } from './answers/caller.ts'
import { requireFullAuthority } from './answers/require-full-authority.ts'
import { answerCalls } from './calls/answer-calls.ts'
import { answerRead, type ReadFrom } from './calls/answer-read.ts'
import { callsWithin, callTable } from './calls/call-table.ts'
import { RecordingReads } from './calls/handler-reads.ts'
import { findCommand, findWrite } from './calls/operations.ts'
import { builtInWith } from './entities/built-in-nouns.ts'
import { BulkJobs } from './many/bulk-job.ts'
import { noteTextsRead, withOwnText } from './answers/note-texts-read.ts'
import { issueTicket, takeTicket } from './answers/tickets.ts'
import { withToken } from './answers/with-token.ts'
import { FollowJob } from './product/follow-job.ts'
import { performOrAsk } from './plans/ask-approval.ts'
import { ObjectProgram } from './programs/object-program.ts'
import { Programs } from './programs/programs.ts'
import type { ReadResult } from './reads/read.ts'
import { type Commands, serveCommand } from './serve-command.ts'
import { servicePartsOf } from './service-parts.ts'
import { changedBy } from './writes/changed-by.ts'
import { dryRun } from './writes/dry-run.ts'
import { withManyOfBody } from './writes/many-of-body.ts'
import { requireForceable } from './writes/require-forceable.ts'
import type { WriteAsked, WriteParts } from './writes/write.ts'

export interface TenantObjectOptions<Env extends object> {
  readonly services: readonly Service<Env>[]
  /** The object store for files. Without it, all data stays in the object. */
  readonly lake?: TenantDefinition['lake']
  /** Shared by all that run on one thread. */
  readonly turns?: ThreadTurns
  /** Set only by tests. */
  readonly slices?: TenantDefinition['slices']
  readonly space?: TenantDefinition['space']
  /** Opens connections to the world outside. Without it, there are none. */
  readonly connect?: Connect
  /** Encrypt the secret store. Without them, it stores nothing. */
  readonly secretKeys?: TenantDefinition['secretKeys']
}

/** Calls of a message to name in an internal error. */
const callsNamedMax = 3

export class TenantObject<Env extends object = object> extends TenantDurableObject<Env> implements AnswersCalls {
  readonly #turns: ThreadTurns
  readonly #space: TenantDefinition['space']
  readonly #programs: Programs
  readonly #commands: Commands
  readonly #importer: ReturnType<typeof composeImporter>
  readonly #readFrom: ReadFrom
  #sender = fullAuthority('')
  /** Callers whose bookmark the log contains. */
  readonly #covered = new WeakSet<Caller>()

  constructor(
    ctx: DurableObjectState,
    env: Env,
    { services, lake, slices, turns, space, secretKeys, connect }: TenantObjectOptions<Env>,
  ) {
    let commands: Commands = new Map()
    const importer = composeImporter(services)
    super(ctx, env, (tenant) => {
      const parts = servicePartsOf({
        tenant,
        connect,
        files: lake?.store,
        answer: (call, caller) => this.working(() => this.#answer(call, { caller, begin: undefined })),
        openProgram: (caller) => new ObjectProgram(this.#programs, caller),
      })
      commands = composeCommands(services, { parts, env })
      return {
        nouns: builtInWith(services),
        hooks: composeHooks(services, { parts, env }),
        openReads: () => this.#openReads(),
        jobs: (context) => [
          ...composeJobs(services, { context, parts }),
          new FollowJob({ store: tenant.store, write: context.write }),
          new BulkJobs({
            requests: context.requests,
            store: tenant.store,
            calls: callsWithin,
            importer,
          }),
        ],
        connections: composeConnections(services, parts),
        identity: composeIdentity(services, parts),
        verify: composeVerify(services, parts),
        validate: (schema, fields) => createdFields(schema, fields, schema.name),
        space,
        secretKeys,
        ...(lake === undefined ? {} : { lake }),
        ...(slices === undefined ? {} : { slices }),
        ...(turns === undefined ? {} : { pausing: () => turns.pausing() }),
      }
    })
    this.#commands = commands
    this.#importer = importer
    this.#readFrom = { store: this.store, services }
    this.#turns = turns ?? new ThreadTurns()
    this.#space = space
    this.#programs = new Programs({ store: this.store, turns: this.#turns, space })
  }

  #openReads(): RecordingReads {
    const { store } = this
    return new RecordingReads({ store, inTurn: (attempt) => this.#turns.run(store.name ?? '', attempt) })
  }

  answer(message: SentMessage): Promise<string> {
    return this.working(() => this.#answerMessage(message))
  }

  async #answerMessage({ caller: sent, calls, mayBegin = true, program }: SentMessage): Promise<string> {
    // Reads need the clock too: a past time that was read can no longer be written to.
    if (this.#space?.isStale === true) await this.#space.refresh()
    const closed = await this.closed()
    if (closed !== undefined) return this.#formatRefusal(closed, calls)
    const authority = this.#authorityOf(sent.authority)
    if (authority instanceof ObjectError) return this.#refuseAll(authority, { calls, key: keyOf(sent.authority) })
    const caller: Caller = { ...sent, authority }
    try {
      if (program !== undefined) {
        const answers = await this.#programs.answer(program, { caller, calls, mayBegin })
        noteTextsRead(this.store, caller, { calls, answers })
        return formatAnswers(answers.map((answer, index) => formatProgramAnswer(answer, calls[index])))
      }
      const begin = mayBegin ? undefined : new Begin()
      const answered = await answerCalls(calls, (call) => this.#answer(call, { caller, begin }))
      noteTextsRead(this.store, caller, { calls, answers: answered })
      const answers = withOwnText(this.store, caller, answered)
      return formatAnswers(
        answers.map((answer, index) => (calls[index]?.isSilent === true ? '' : formatAnswer(answer))),
      )
    } catch (error) {
      if (error instanceof FirstWrite) return ''
      // Its stack does not cross to the Worker.
      const call = calls.slice(0, callsNamedMax).map(nameOf).join()
      console.error(formatInternalError(error, { tenant: caller.tenant, call }))
      throw error
    }
  }

  async authenticate(hash: string, { isSession = false, isKeyId = false } = {}): Promise<string> {
    return this.working(async () => {
      const { keys, isReady } = this.store
      if (isKeyId) {
        const verdict = isReady ? keys.verdictOf(hash) : undefined
        return verdict === undefined ? '' : JSON.stringify(verdict satisfies KeyVerdict)
      }
      const token = isReady ? keys.identity?.tokenOf?.(hash) : undefined
      const key = isReady ? (token?.key ?? keys.credentials.proofOf(hash)) : undefined
      const verdict = key === undefined ? undefined : keys.verdictOf(key)
      if (key === undefined || verdict === undefined) {
        // A session that is unknown or over is opened next.
        if (isSession) return ''
        this.#audit({ kind: 'unauthorized', about: key === undefined ? 'an unknown key' : 'a key that ended', key })
        return ''
      }
      if (verdict.authority.through?.kind === 'key')
        this.ctx.waitUntil(this.working(async () => keys.identity?.used(key)))
      return JSON.stringify((token === undefined ? verdict : withToken(verdict, token)) satisfies KeyVerdict)
    })
  }

  async serve(sent: SentCommand): Promise<string> {
    const closed = await this.closed()
    if (closed !== undefined) return JSON.stringify({ ok: false, error: closed.toData() } satisfies CommandOutcome)
    const { store } = this
    const authority = this.#authorityOf(sent.caller.authority)
    const answer = (call: Call, caller: Caller): Promise<Answer> => this.#answer(call, { caller, begin: undefined })
    const read: Parameters<typeof serveCommand>[1]['read'] = ({ tenant }, attempt) =>
      store.reading(attempt, (work) => this.#turns.run(tenant, work))
    return this.working(() => serveCommand(sent, { store, commands: this.#commands, authority, answer, read }))
  }

  issueTicket(key: string): Promise<string> {
    return this.working(async () => {
      const { keys, isReady } = this.store
      return isReady && keys.verdictOf(key) !== undefined ? JSON.stringify(issueTicket(keys.values, key)) : ''
    })
  }

  takeTicket(hash: string): Promise<string> {
    return this.working(async () => (this.store.isReady ? takeTicket(this.store.keys.values, hash) : ''))
  }

  async authorize(request: AuthorizationRequest): Promise<string> {
    return this.working(async () => {
      this.store.refuseIfErasing()
      const { keys, isReady } = this.store
      // The front door's verdict may be a second old, and what a person allows lasts.
      const { key } = request.by ?? {}
      const isOver = key !== undefined && isReady && keys.verdictOf(key) === undefined
      const current = isOver ? { ...request, by: undefined } : request
      const answer = isReady ? await keys.identity?.authorize?.(current) : undefined
      return answer === undefined ? '' : JSON.stringify(answer)
    })
  }

  /** See `AnswersCalls.audit`. */
  audit(entry: AuditEntry): Promise<void> {
    return this.working(async () => this.#audit(entry))
  }

  /** A tenant without tables has no members, and a full disk no room for entries. */
  #audit(entry: AuditEntry): void {
    if (this.store.isReady && this.#space?.isFull !== true) this.store.keys.audit.record(entry)
  }

  #auditRefusal(error: ObjectError, call: Call, { who, onBehalfOf, through }: Authority): void {
    const { code } = error
    const kind =
      code === 'budget_exceeded' ? 'rate_limited' : code === 'forbidden' || code === 'unauthorized' ? code : undefined
    if (kind !== undefined) this.#audit({ kind, actor: who, onBehalfOf, key: through?.id, about: nameOf(call) })
  }

  async openSession(session: Session): Promise<boolean> {
    return this.working(async () => {
      const { keys, isReady } = this.store
      if (!isReady) return false
      const { id, entity: actor } = session
      const isKnown = keys.credentials.sessionOf(id) !== undefined
      const isOpen = keys.openSession(session)
      const about = isOpen ? 'a session was opened' : 'a session was not opened'
      if (!isOpen || !isKnown) this.#audit({ kind: isOpen ? 'signed_in' : 'sign_in_refused', actor, key: id, about })
      return isOpen
    })
  }

  async endSession(id: string): Promise<void> {
    return this.working(async () => {
      const { keys, isReady } = this.store
      if (!isReady) return
      const actor = keys.credentials.sessionOf(id)?.entity
      keys.endSession(id)
      if (actor !== undefined) this.#audit({ kind: 'signed_out', actor, key: id, about: 'a session was ended' })
      this.endListeners()
    })
  }

  /** Returns what the sender of a message may do now. The front door says who it is, and this object what its key proves. */
  #authorityOf(sent: SentAuthority): Authority | ObjectError {
    if (typeof sent === 'string') return this.#fullAuthorityOf(sent)
    if ('who' in sent) return sent
    return this.store.keys.verdictOf(sent.key)?.authority ?? unauthorized()
  }

  #refuseAll(
    error: ObjectError,
    { calls, key }: { readonly calls: readonly Call[]; readonly key: string | undefined },
  ): string {
    this.#audit({ kind: 'unauthorized', about: calls.slice(0, callsNamedMax).map(nameOf).join(), key })
    return this.#formatRefusal(error, calls)
  }

  #formatRefusal(error: ObjectError, calls: readonly Call[]): string {
    const refusal = formatAnswer({ ok: false, error: error.toData(), bookmark: this.store.bookmark })
    // A step of a program has one answer, also without calls.
    return formatAnswers(calls.length === 0 ? [refusal] : calls.map(() => refusal))
  }

  /** Most messages come from the same principal as the one before. */
  #fullAuthorityOf(who: string): Authority {
    if (this.#sender.who !== who) this.#sender = fullAuthority(who)
    return this.#sender
  }

  async #answer(
    call: Call,
    { caller, begin }: { readonly caller: Caller; readonly begin: Begin | undefined },
  ): Promise<Answer> {
    try {
      this.store.refuseIfErasing()
      // Commands look for the database themselves, since one of them reports its loss.
      if (!this.store.isReady && call.kind !== 'command') await this.store.loss.requireDatabase(caller.tenant)
      switch (call.kind) {
        case 'read':
        case 'pipeline':
          return await this.#read(caller, (run) => answerRead(call, caller, { ...this.#readFrom, run }))
        case 'write':
          return await this.#writeOrRehearse(call, caller, begin)
        case 'command':
          return await this.#run(call, caller)
        default:
          return unreachable(call)
      }
    } catch (error) {
      if (!(error instanceof ObjectError)) throw error
      this.#auditRefusal(error, call, caller.authority)
      return { ok: false, error: error.toData(), bookmark: this.store.bookmark }
    }
  }

  /** Runs each attempt synchronously, so that it reflects one state of the tenant. */
  #read(caller: Caller, read: (run: ReadRun) => ReadResult): Promise<Answered> {
    const attempt = (run: ReadRun): Answered => {
      this.#checkBookmark(caller)
      const result = read(run)
      return { ok: true, ...result, bookmark: this.store.bookmarkOf(run.seq ?? this.store.events.head) }
    }
    // Slices between two attempts yield by themselves, and hold no turn.
    return this.store.reading(attempt, (work) => this.#turns.run(caller.tenant, work))
  }

  /** Tries the writes of a tenant without data until one would be accepted, with which the tenant begins. */
  async #writeOrRehearse(call: CallOf<'write'>, caller: Caller, begin: Begin | undefined): Promise<Answered> {
    const answer = (part: Call): Promise<Answer> => this.#answer(part, { caller, begin })
    const parts = { store: this.store, calls: callTable(answer), importer: this.#importer }
    const asked = { call: withManyOfBody(call), caller }
    if (begin === undefined || this.store.isReady) return this.#write(parts, asked)
    if (begin.first !== undefined) throw begin.first
    try {
      return await this.#write({ ...parts, store: this.store.rehearsal() }, asked)
    } catch (error) {
      if (error instanceof FirstWrite) begin.first = error
      throw error
    }
  }

  async #write(parts: WriteParts, asked: WriteAsked): Promise<Answered> {
    const { call, caller } = asked
    this.#checkBookmark(caller)
    requireSpace(this.#space)
    this.#space?.willWrite(call.body?.length ?? 0)
    const write = findWrite(call)
    requireForceable(write, call)
    if (write.does !== undefined && this.store.isReady)
      this.store.consent.requireFor(write.does, { ...changedBy(caller), call: write.name, nowMs: this.store.nowMs })
    const result = await (call.isDryRun === true ? dryRun : performOrAsk)(write, parts, asked)
    return { ok: true, ...result, bookmark: this.store.bookmark, source: 'object' }
  }

  async #run(call: CallOf<'command'>, caller: Caller): Promise<Answered> {
    const command = findCommand(call.command)
    if (command === undefined) throw unknownCommand(call.command)
    requireFullAuthority(caller, call.command)
    const body = JSON.stringify(await command.run(this.store, caller, call.parameters ?? {}))
    return { ok: true, body, bookmark: this.store.bookmark, source: 'object' }
  }

  /** Each message has a caller of its own. The log only grows, so what it has contained once need not be checked again. */
  #checkBookmark(caller: Caller): void {
    const { bookmark } = caller
    if (bookmark === undefined || this.#covered.has(caller)) return
    this.store.checkBookmark(bookmark)
    this.#covered.add(caller)
  }
}
