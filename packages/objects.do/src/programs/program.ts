// A program in progress: its recorded reads, its own writes, and the snapshot on which both stand. Each message is answered
// in one synchronous step on the snapshot with the writes, by the ordinary reads and writes, in a transaction that is rolled
// back. Before, the recorded reads are checked against the events since the snapshot, which then advances to the log's end.

import { type Committing, type HandlerDecisions, ReadRun, type TenantStore } from '@dotdo/do'
import { type Call, type CallOf, ObjectError } from 'digital-objects'
import { AnswerRoom, noRoom, noRoomForWrite } from '../answers/answer-room.ts'
import type { Answer } from '../answers/answer.ts'
import type { Caller } from '../answers/caller.ts'
import { answerRead } from '../calls/answer-read.ts'
import { callsWithin } from '../calls/call-table.ts'
import { putReferred } from '../calls/put-referred.ts'
import { parseTimestamp } from '../entities/parameters.ts'
import { RecordedReads } from '../entities/recorded-reads.ts'
import type { PlannedProgram } from '../plans/planned-request.ts'
import type { ReadResult } from '../reads/read.ts'
import { OwnWrites } from '../writes/own-writes.ts'
import { ProgramOver } from '../writes/program-over.ts'

/** A message of the program, over its attempts. */
export interface ProgramMessage {
  readonly store: TenantStore
  readonly caller: Caller
  readonly calls: readonly Call[]
  /** Results that each read has read in slices. */
  readonly runs: readonly ReadRun[]
}

/** A key that the client makes for each write. */
const clientKey = /^sdk-[0-9a-f]{32}/

export class Program {
  /** The preferred timestamp of the commit, so that code sees the times that are stored. */
  readonly atMs: number
  readonly writes = new OwnWrites()
  /** Each message and the commit make its writes again, with the same decisions of handlers. */
  readonly decisions: HandlerDecisions
  readonly #reads = new RecordedReads()
  /** The event after which all recorded reads saw what they would see now. */
  #seq: number

  constructor(store: TenantStore) {
    this.atMs = store.nowMs
    this.decisions = store.commits.openDecisions()
    this.#seq = store.events.head
    // Every call is parsed by them.
    this.#reads.definitions()
  }

  /** Whether the message needs a transaction. */
  needsCommit(calls: readonly Call[]): boolean {
    return this.writes.count > 0 || calls.some(({ kind }) => kind === 'write')
  }

  /** Answers a message in one step, which may be repeated. Without writes it needs no commit. Throws ProgramOver. */
  answer(message: ProgramMessage, commit: Committing | undefined): readonly Answer[] {
    const { store } = message
    const step = new ProgramStepRun({ program: this, message, commit, seq: this.advance(store) })
    if (commit !== undefined) this.writes.redo({ commit, parts: { store, calls: callsWithin } })
    const answers = step.answers()
    this.#reads.add(step.reads)
    return answers
  }

  /** Performs all writes, at the program's end. Throws ProgramOver. */
  commit(store: TenantStore, commit: Committing): void {
    this.advance(store)
    this.writes.redo({ commit, parts: { store, calls: callsWithin } })
  }

  /** The program as data with which a plan performs it again. */
  toPlanned(answer: string): PlannedProgram['program'] {
    return { seq: this.#seq, reads: this.#reads.toJson(), writes: this.writes.all, answer }
  }

  /** Advances the snapshot to the log's end and returns it. Throws ProgramOver if a recorded read has changed. */
  advance(store: TenantStore): number {
    const through = store.events.head
    const conflict = this.#reads.conflict(store, { after: this.#seq, through })
    if (conflict !== undefined) throw new ProgramOver(conflict, 'again')
    this.#seq = through
    return through
  }
}

interface StepOptions {
  readonly program: Program
  readonly message: ProgramMessage
  readonly commit: Committing | undefined
  /** The snapshot. */
  readonly seq: number
}

/** An attempt to answer a message. */
class ProgramStepRun {
  readonly reads = new RecordedReads()
  readonly #options: StepOptions
  readonly #room = new AnswerRoom()
  readonly #bookmark: string

  constructor(options: StepOptions) {
    this.#options = options
    this.#bookmark = options.message.store.bookmarkOf(options.seq)
  }

  answers(): readonly Answer[] {
    const { calls } = this.#options.message
    const answers: Answer[] = []
    for (const [at, call] of calls.entries()) answers.push(this.#answer(call, { at, answers }))
    return answers
  }

  #answer(call: Call, { at, answers }: { readonly at: number; readonly answers: readonly Answer[] }): Answer {
    const { references = [], ...own } = call
    let resolved: Call = own
    for (const reference of references) {
      const answer = answers[reference.call]
      if (answer === undefined) throw new Error('references are checked when the message is parsed')
      const put = putReferred(resolved, reference, { call: this.#options.message.calls[reference.call], answer })
      if ('ok' in put) return put
      resolved = put
    }
    try {
      if (resolved.kind === 'read' || resolved.kind === 'pipeline') return this.#read(resolved, at)
      if (resolved.kind === 'write') return this.#write(resolved)
      throw new Error('a message has no commands')
    } catch (error) {
      if (!(error instanceof ObjectError) || error instanceof ProgramOver) throw error
      return { ok: false, error: error.toData(), bookmark: this.#bookmark }
    }
  }

  #read(call: CallOf<'read' | 'pipeline'>, at: number): Answer {
    const { message, commit, seq } = this.#options
    const { store, caller } = message
    if (this.#room.isFull) return { ok: false, error: noRoom, bookmark: this.#bookmark }
    if (commit !== undefined && JSON.stringify(call.parameters).includes('$text'))
      store.text.requireOwn(store.events.head)
    const run = message.runs[at] ?? new ReadRun()
    const recorder = new RecordedReads()
    const answer = this.#toAnswer(() => answerRead(call, caller, { store, run, recorder }))
    // A refusal of the call's form depends on definitions only, and a read that records nothing may depend on anything.
    if (!answer.ok && answer.error.code.startsWith('invalid_')) recorder.definitions()
    if (recorder.isEmpty) recorder.log()
    if (run.seq !== undefined) requireSliced(recorder, { store, readSeq: run.seq, seq })
    this.reads.add(recorder)
    return answer
  }

  #toAnswer(read: () => ReadResult): Answer {
    try {
      const result = read()
      const hasRoom = this.#room.take(result.body.length)
      if (!hasRoom) return { ok: false, error: noRoom, bookmark: this.#bookmark }
      return { ok: true, ...result, bookmark: this.#bookmark }
    } catch (error) {
      if (!(error instanceof ObjectError)) throw error
      return { ok: false, error: error.toData(), bookmark: this.#bookmark }
    }
  }

  #write(call: CallOf<'write'>): Answer {
    const { message, program, commit } = this.#options
    const { store, caller } = message
    if (commit === undefined) throw new Error('a message with writes is answered in a commit')
    if (call.idempotencyKey !== undefined && !clientKey.test(call.idempotencyKey)) throw ownKey()
    const outcome = program.writes.perform({ call, caller }, { commit, parts: { store, calls: callsWithin } })
    if (!outcome.ok) return { ok: false, error: outcome.error, bookmark: this.#bookmark }
    const { commit: _, ...result } = outcome.result
    if (call.isSilent !== true && !this.#room.take(result.body.length))
      return { ok: false, error: noRoomForWrite, bookmark: this.#bookmark }
    return { ok: true, ...result, bookmark: this.#bookmark, source: 'object' }
  }
}

/** A read in slices saw an earlier state, without the program's writes. It must have seen what it would see now. */
function requireSliced(
  reads: RecordedReads,
  of: { readonly store: TenantStore; readonly readSeq: number; readonly seq: number },
): void {
  const { store, readSeq, seq } = of
  // The events after the snapshot are those of the program, with the effects of its writes.
  const own = store.events.heads({ after: seq, through: store.events.head })
  const noun = own.map(({ type }) => type.slice(0, type.indexOf('.'))).find((name) => reads.nouns?.has(name) ?? true)
  if (noun !== undefined) throw slicedOwn(noun)
  const conflict = reads.conflict(store, { after: readSeq, through: seq })
  if (conflict !== undefined) throw new ProgramOver(conflict, 'again')
}

function slicedOwn(noun: string): ObjectError {
  return new ObjectError({
    code: 'scan_limit',
    field: 'filter',
    message:
      `the list has too many entities to be read together with this program's own changes of ${noun}: ` +
      'read it before the first of them, add a condition by an indexed field, or use atomic: false',
  })
}

function ownKey(): ObjectError {
  return new ObjectError({
    code: 'invalid_parameter',
    field: 'idempotencyKey',
    message: 'a program has one idempotency key, which covers its whole commit; give it to do, or use atomic: false',
  })
}

/** Fixes the past times that the calls read, which a transaction that is rolled back could not. */
export function sealPast(store: TenantStore, calls: readonly Call[]): void {
  if (!store.isReady) return
  for (const call of calls) {
    if (call.kind !== 'read' && call.kind !== 'pipeline') continue
    const { asOf } = call.parameters
    if (asOf === undefined) continue
    try {
      store.sealAt(parseTimestamp('asOf', asOf))
    } catch (error) {
      // The call is refused when it is answered.
      if (!(error instanceof ObjectError)) throw error
    }
  }
}
