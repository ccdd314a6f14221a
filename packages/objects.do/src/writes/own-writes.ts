// The writes of a program so far. Each message performs them again on the present state, in a transaction that is rolled
// back, and so does the commit. They get the ids that they promised, and must have the outcomes that the code has seen.

import type { Committing } from '@dotdo/do'
import { type CallOf, ObjectError, type ObjectErrorData } from 'digital-objects'
import type { Caller } from '../answers/caller.ts'
import { withCurrentAuthority } from './current-authority.ts'
import { ProgramOver } from './program-over.ts'
import type { WriteParts, WriteResult } from './write.ts'

export type WriteOutcome =
  | { readonly ok: true; readonly result: WriteResult }
  | { readonly ok: false; readonly error: ObjectErrorData }

/** A write as plain data, so that a plan can keep it. */
export interface OwnWrite {
  readonly call: CallOf<'write'>
  readonly caller: Caller
  /** The ids of the entities that it creates. */
  readonly ids: readonly string[]
  readonly outcome: WriteOutcome
  /** The timestamp of the commit in which it had the outcome. */
  readonly nowMs: number
}

/** A commit in progress, or one that will be rolled back. */
export interface Within {
  readonly commit: Committing
  readonly parts: WriteParts
}

export class OwnWrites {
  #writes: readonly OwnWrite[]
  /** Writes of the message that is being answered. */
  #added: OwnWrite[] = []
  #promised: readonly string[] = []
  #given: string[] = []

  /** `writes` are those of a plan. */
  constructor(writes: readonly OwnWrite[] = []) {
    this.#writes = writes
  }

  get count(): number {
    return this.#writes.length
  }

  /** The writes with the outcomes that they had last. */
  get all(): readonly OwnWrite[] {
    return this.#writes
  }

  /** The size of the calls. */
  get characters(): number {
    return this.#writes.reduce((sum, { call }) => sum + call.body.length, 0)
  }

  /** For the commit's option of the same name. */
  readonly nextId = (prefix: string, make: () => string): string => {
    // Events are never promised, since their ids tell when they were made.
    if (prefix === 'evt') return make()
    const promised = this.#promised[this.#given.length]
    const id = promised?.startsWith(`${prefix}_`) === true ? promised : make()
    this.#given.push(id)
    return id
  }

  /**
   * Performs all writes again, at the start of a transaction, with what their callers may do now. Throws ProgramOver if one has
   * another outcome than before, and an ObjectError `unauthorized` if its caller's key is dead.
   */
  redo(within: Within): void {
    this.#added = []
    this.#writes = this.#writes.map((asBefore) => {
      const caller = withCurrentAuthority(asBefore.caller, within.parts.store)
      const write = caller === asBefore.caller ? asBefore : { ...asBefore, caller }
      const outcome = this.#perform(write, within)
      const { nowMs } = within.commit
      if (!isSameOutcome(write, { outcome, nowMs })) throw changedOutcome(write, outcome)
      return { ...write, outcome, nowMs }
    })
  }

  /** Performs a further write, which `keep` adds to the others. */
  perform({ call, caller }: Pick<OwnWrite, 'call' | 'caller'>, within: Within): WriteOutcome {
    const key = call.idempotencyKey
    const repeated = [...this.#writes, ...this.#added].find((other) => other.call.idempotencyKey === key)
    // The client sends a write again if it did not get its answer.
    if (key !== undefined && repeated !== undefined) return repeated.outcome
    const write = { call, caller, ids: [], outcome: unknownOutcome, nowMs: within.commit.nowMs }
    const outcome = this.#perform(write, within)
    this.#added.push({ ...write, ids: this.#given, outcome })
    return outcome
  }

  /** Keeps the writes of a message that has been answered. */
  keep(): void {
    this.#writes = [...this.#writes, ...this.#added]
    this.#added = []
  }

  #perform({ call, caller, ids }: OwnWrite, { commit, parts }: Within): WriteOutcome {
    this.#promised = ids
    this.#given = []
    const { events } = parts.store
    const { head } = events
    try {
      const write = parts.calls.findWrite(call)
      if (write.performIn === undefined) throw notInProgram(call.verb)
      if (call.isDryRun === true) throw dryRunInProgram
      return { ok: true, result: write.performIn(commit, parts, { call, caller }) }
    } catch (error) {
      if (!(error instanceof ObjectError)) throw error
      // The change was made before the commit became too large for it.
      if (events.head !== head) throw new ProgramOver(error, 'failed')
      return { ok: false, error: error.toData() }
    }
  }
}

const dryRunInProgram = new ObjectError({
  code: 'invalid_parameter',
  field: 'dryRun',
  message: 'dryRun is for the whole program, not for one of its writes',
})

const unknownOutcome: WriteOutcome = { ok: true, result: { body: '' } }

interface Seen {
  readonly outcome: WriteOutcome
  readonly nowMs: number
}

/** Whether the code would see the same. The times of a commit move on with the log. */
function isSameOutcome(before: Seen, now: Seen): boolean {
  const [left, right] = [JSON.stringify(seenOf(before.outcome)), JSON.stringify(seenOf(now.outcome))]
  if (left === right) return true
  return before.nowMs !== now.nowMs && left.replaceAll(timestamps, '') === right.replaceAll(timestamps, '')
}

const timestamps = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g

/** The number of the commit is not known before its end, so the code does not see it. */
function seenOf(outcome: WriteOutcome): object {
  if (!outcome.ok) return outcome.error
  const { body, version, isUnchanged } = outcome.result
  return [body, version, isUnchanged]
}

function changedOutcome({ call }: OwnWrite, now: WriteOutcome): ProgramOver {
  const about = call.id === undefined ? `${call.noun}.${call.verb}` : `${call.noun}.${call.verb} of '${call.id}'`
  const why = now.ok ? '' : `: ${now.error.message}`
  return new ProgramOver(
    new ObjectError({
      code: 'read_conflict',
      message: `another commit has changed the outcome of ${about}${why}`,
      detail: {
        read: about,
        entityType: call.noun,
        ...(call.id === undefined ? {} : { id: call.id }),
      },
    }),
    'again',
  )
}

function notInProgram(verb: string): ObjectError {
  return new ObjectError({
    code: 'invalid_parameter',
    field: 'verb',
    message: `${verb} cannot be part of a commit; use atomic: false`,
  })
}
