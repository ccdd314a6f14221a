// The open programs of one tenant. They live in memory only, for some seconds: after a restart of the object a program is
// unknown, and its code runs again. Nothing of a program is written before its commit.

import {
  ApprovalRequired,
  type ConsentReason,
  ReadRun,
  requireSpace,
  type StorageSpace,
  type TenantStore,
  type ThreadTurns,
} from '@dotdo/do'
import { type Call, ObjectError, unreachable } from 'digital-objects'
import type { Answer, Answered } from '../answers/answer.ts'
import type { Caller } from '../answers/caller.ts'
import { type FoundRun, programEndToError, type ProgramStep } from '../answers/program-step.ts'
import { eventTexts, outcomeText, rowsOf } from '../writes/commit-outcome.ts'
import { keepApproval } from '../writes/keep-approval.ts'
import { keepPlan, type Promised } from '../writes/keep-plan.ts'
import { ProgramOver } from '../writes/program-over.ts'
import { Program, sealPast } from './program.ts'

export interface ProgramsOptions {
  readonly store: TenantStore
  readonly turns: ThreadTurns
  readonly space: StorageSpace | undefined
}

/** The message that carries a step. */
export interface Carried {
  readonly caller: Caller
  readonly calls: readonly Call[]
  /** False if a tenant without data must not begin with this message. */
  readonly mayBegin: boolean
}

type StepOf<Kind extends ProgramStep['kind']> = Extract<ProgramStep, { readonly kind: Kind }>

/** Limits the open programs of a tenant. */
const programsMax = 64
/** Limits the bodies of the writes of all of them together, which are in memory. */
const charactersMax = 32_000_000
/**
 * A program takes at most this long from its first message to its commit. Time in which the tenant answers does not count,
 * since it is long while the machine is busy; the run as a whole has its own limit.
 */
const programMsMax = 5_000
/** Messages of a program whose time is over may come for as long, since its run takes longer. */
const rememberedMs = 15_000

/** A commit that was made before, under the same key. */
type Earlier = Required<Pick<FoundRun, 'answer'>> & Pick<FoundRun, 'commit'>

interface TriedProgram {
  readonly store: TenantStore
  readonly events: readonly string[]
  /** Undefined if the program writes nothing. */
  readonly promised: Promised | undefined
  readonly reasons: readonly ConsentReason[]
}

interface Open {
  /** The program; undefined once its time is over. */
  program: Program | undefined
  timer: ReturnType<typeof setTimeout>
  /** The rest of its time, which runs since then while no step is in progress. */
  leftMs: number
  sinceMs: number
  steps: number
  /** Resolves when the step in progress has ended: a program takes one step at a time. */
  last: Promise<unknown>
}

export class Programs {
  readonly #options: ProgramsOptions
  readonly #open = new Map<string, Open>()

  constructor(options: ProgramsOptions) {
    this.#options = options
  }

  /** Returns the answers to the calls, or to the step alone. Throws a FirstWrite if the tenant would begin with the commit. */
  async answer(step: ProgramStep, carried: Carried): Promise<readonly Answer[]> {
    const { store } = this.#options
    try {
      store.refuseIfErasing()
      if (!store.isReady) await store.loss.requireDatabase(carried.caller.tenant)
      const { bookmark } = carried.caller
      if (bookmark !== undefined) store.checkBookmark(bookmark)
      return await this.#take(step, carried)
    } catch (error) {
      if (!(error instanceof ObjectError)) throw error
      const isOver = error instanceof ProgramOver
      if (isOver && 'id' in step) this.#close(step.id)
      const data = isOver ? programEndToError({ error, fate: error.fate }) : error.toData()
      const refused = { ok: false, error: data, bookmark: store.bookmark } as const
      return step.kind === 'calls' ? carried.calls.map(() => refused) : [refused]
    }
  }

  async #take(step: ProgramStep, carried: Carried): Promise<readonly Answer[]> {
    switch (step.kind) {
      case 'calls':
        return this.#inStep(step, (program) => this.#answerCalls(program, carried))
      case 'find':
        return [this.#answered({ body: JSON.stringify(this.#findRun(step, carried.caller)) })]
      case 'commit': {
        const { answer: body, ...made } = this.#earlier(step, carried.caller) ?? {}
        if (body !== undefined) return [this.#answered({ body, isReplay: true, ...made })]
        return [await this.#inStep(step, (program) => this.#commit(program, step, carried))]
      }
      case 'rehearse':
        return [await this.#inStep(step, (program) => this.#rehearse(program, step, carried))]
      case 'close':
        this.#close(step.id)
        return [this.#answered({ body: '' })]
      default:
        return unreachable(step)
    }
  }

  async #inStep<Result>(
    step: { readonly id: string; readonly isFirst?: boolean },
    take: (program: Program) => Promise<Result>,
  ): Promise<Result> {
    const open = this.#open.get(step.id) ?? this.#begin(step)
    const { program } = open
    if (program === undefined) throw tooLate()
    if (open.steps++ === 0) {
      clearTimeout(open.timer)
      open.leftMs -= performance.now() - open.sinceMs
    }
    const taken = open.last.then(() => take(program))
    open.last = this.#ended(taken, step.id, open)
    return taken
  }

  async #ended(taken: Promise<unknown>, id: string, open: Open): Promise<void> {
    // The caller of the step gets its error.
    await taken.catch(() => {})
    if (--open.steps === 0 && this.#open.get(id) === open) this.#continue(id, open)
  }

  /** Lets the program's time run. */
  #continue(id: string, open: Open): void {
    open.sinceMs = performance.now()
    open.timer = setTimeout(() => this.#expire(id), Math.max(open.leftMs, 0))
  }

  #begin({ id, isFirst }: { readonly id: string; readonly isFirst?: boolean }): Open {
    if (isFirst !== true) throw unknownProgram()
    const { store } = this.#options
    const programs = [...this.#open.values()].flatMap(({ program }) => program ?? [])
    const characters = programs.reduce((sum, { writes }) => sum + writes.characters, 0)
    if (programs.length >= programsMax || characters > charactersMax) throw tooMany()
    const program = new Program(store)
    const timer = setTimeout(() => this.#expire(id), programMsMax)
    const time = { timer, leftMs: programMsMax, sinceMs: performance.now(), steps: 0 }
    const open: Open = { program, ...time, last: Promise.resolve() }
    this.#open.set(id, open)
    return open
  }

  /** Drops a program, but not the memory that there was one. */
  #expire(id: string): void {
    const open = this.#open.get(id)
    if (open === undefined) return
    open.program = undefined
    open.timer = setTimeout(() => this.#close(id), rememberedMs)
  }

  #close(id: string): void {
    clearTimeout(this.#open.get(id)?.timer)
    this.#open.delete(id)
  }

  async #answerCalls(program: Program, { caller, calls }: Carried): Promise<readonly Answer[]> {
    const { turns } = this.#options
    const needsCommit = program.needsCommit(calls)
    const store = needsCommit ? this.#storeToRehearse() : this.#options.store
    const message = { store, caller, calls, runs: calls.map(() => new ReadRun()) }
    sealPast(store, calls)
    if (!needsCommit)
      return store.reading(
        () => program.answer(message, undefined),
        (work) => turns.run(caller.tenant, work),
      )
    let answers: readonly Answer[] = []
    await turns.run(caller.tenant, () =>
      store.commit(
        (commit) => {
          answers = program.answer(message, commit)
          return null
        },
        { ...commitOptions(program, caller), isDryRun: true },
      ),
    )
    program.writes.keep()
    return answers
  }

  async #commit(
    program: Program,
    { id, key, answer }: StepOf<'commit'>,
    { caller, mayBegin }: Carried,
  ): Promise<Answer> {
    const { store, space } = this.#options
    if (program.writes.count === 0) {
      this.#close(id)
      return this.#answered({ body: answer })
    }
    requireSpace(space)
    const target = store.isReady || mayBegin ? store : store.rehearsal()
    const { result, commit, isReplay } = await target
      .commit(
        (committing) => {
          program.commit(target, committing)
          return answer
        },
        { ...commitOptions(program, caller), idempotency: { actor: caller.authority.who, ...key } },
      )
      .catch(async (error: unknown) => {
        throw error instanceof ApprovalRequired ? await this.#ask(program, { answer, caller, error }) : error
      })
    this.#close(id)
    const made = commit === undefined ? {} : { commit }
    return this.#answered({ body: result, ...made, ...(isReplay ? { isReplay } : {}) })
  }

  /** Answers with the events that the commit would have, and a plan that performs it. */
  async #rehearse(program: Program, { answer }: StepOf<'rehearse'>, { caller }: Carried): Promise<Answer> {
    const { store, events, promised, reasons } = await this.#tryOut(program, answer, caller)
    const request = { caller, program: program.toPlanned(answer) }
    const plan = promised === undefined ? null : keepPlan(store, request, promised)
    const needs = reasons.length === 0 ? '' : `,"approval":${JSON.stringify(reasons)}`
    return this.#answered({ body: `{"events":[${events.join(',')}],"plan":${JSON.stringify(plan)}${needs}}` })
  }

  /** Stores the program's writes for a person to approve. Returns the refusal of its commit. */
  async #ask(
    program: Program,
    { answer, caller, error }: { readonly answer: string; readonly caller: Caller; readonly error: ObjectError },
  ): Promise<ProgramOver> {
    const { store, events, promised, reasons } = await this.#tryOut(program, answer, caller)
    if (promised === undefined) return new ProgramOver(error, 'failed')
    const request = { caller, program: program.toPlanned(answer) }
    return new ProgramOver(keepApproval(store, { request, promised, events, reasons }), 'failed')
  }

  async #tryOut(program: Program, answer: string, caller: Caller): Promise<TriedProgram> {
    const store = this.#storeToRehearse()
    const options = commitOptions(program, caller)
    const ids: string[] = []
    const nextId: typeof options.nextId = (prefix, make) => {
      const id = options.nextId(prefix, make)
      ids.push(id)
      return id
    }
    let events: readonly string[] = []
    let promised: Promised | undefined
    const { reasons = [] } = await store.commit(
      (commit) => {
        ids.length = 0
        program.commit(store, commit)
        const rows = rowsOf(store, commit)
        const { nowMs } = commit
        events = eventTexts(rows, { store, caller, commits: [] })
        promised = rows.length === 0 ? undefined : { nowMs, ids, outcome: outcomeText(rows, { body: answer }, [nowMs]) }
        return null
      },
      { ...options, nextId, isDryRun: true },
    )
    return { store, events, promised, reasons }
  }

  /** A tenant without data needs a new rehearsal for each attempt. */
  #storeToRehearse(): TenantStore {
    const { store } = this.#options
    return store.isReady ? store : store.rehearsal()
  }

  #findRun(step: StepOf<'find'>, caller: Caller): FoundRun {
    const earlier = this.#earlier(step, caller)
    if (earlier !== undefined) return earlier
    try {
      // The request of the write is not known here, so a known key is a mismatch.
      this.#options.store.outcomeOfKey({ actor: caller.authority.who, key: step.firstWriteKey, request: '' })
      return {}
    } catch (error) {
      if (error instanceof ObjectError && error.code === 'idempotency_mismatch') return { isEachWrite: true }
      throw error
    }
  }

  #earlier({ key }: StepOf<'find' | 'commit'>, caller: Caller): Earlier | undefined {
    const { seq, result } = this.#options.store.outcomeOfKey({ actor: caller.authority.who, ...key }) ?? {}
    if (result === undefined) return undefined
    const commit = seq !== undefined && seq > 0 ? { commit: seq } : {}
    return { answer: JSON.parse(result) as string, ...commit } // stored by `#commit`
  }

  #answered(answer: Pick<Answered, 'body' | 'commit' | 'isReplay'>): Answered {
    return { ok: true, bookmark: this.#options.store.bookmark, source: 'object', ...answer }
  }
}

function commitOptions({ atMs, decisions, writes: { nextId } }: Program, { tenant: name, context }: Caller) {
  return { atMs, nextId, decisions, tenant: { name, context } }
}

function unknownProgram(): ProgramOver {
  const message = "the tenant's object has restarted, and with it the program was lost; nothing was written, try again"
  return new ProgramOver(new ObjectError({ code: 'overloaded', message }), 'again')
}

function tooMany(): ProgramOver {
  const message = `${programsMax} programs of this tenant are running; nothing was written, try again shortly`
  return new ProgramOver(new ObjectError({ code: 'overloaded', message }), 'failed')
}

function tooLate(): ProgramOver {
  const message =
    `a program takes at most ${programMsMax} ms besides the time of its calls, and this one took longer; nothing was written: ` +
    'do less at a time, or use atomic: false'
  return new ProgramOver(new ObjectError({ code: 'timeout', field: 'code', message }), 'failed')
}
