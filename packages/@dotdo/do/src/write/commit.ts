// A commit: changes that are made together or not at all. Its events have one number, the `seq` of the first, and one
// timestamp. Both forms run inside the lane's transaction: `commitChange` for one change, `commitWork` for any number.

import { assert, commitChangesMax, type JsonValue, ObjectError } from 'digital-objects'
import type { TenantClock } from '../clock/tenant-clock.ts'
import type { EventsStore } from '../log/events-store.ts'
import type { Change, Written } from './change.ts'
import type { ConsentMode, ConsentReason } from './consent.ts'
import type { HandlerDecisions } from './handler-decisions.ts'
import type { IdempotencyKey, IdempotencyStore } from './idempotency.ts'
import { type AloneParts, performAlone } from './perform-alone.ts'
import { isFollowed, performFollowed } from './follow-change.ts'
import { isHeldAtEnd, KeptRules } from './kept-rules.ts'
import { type ChangeParts, type CommitPoint, performChange } from './perform-change.ts'
import type { Performed } from './write-lane.ts'

/** Limits the characters of a commit's events. */
export const commitCharactersMax = 8_000_000

export interface CommitParts extends ChangeParts, AloneParts {
  readonly idempotency: IdempotencyStore
  readonly clock: TenantClock
}

/** A commit while its work runs. */
export interface Committing extends CommitPoint {
  /**
   * Performs a change and its effects on other entities, which later changes and reads of the work see. Throws an ObjectError
   * that refuses all of them. An idempotency key of the change has no effect, since the commit's key covers it.
   */
  write(change: Change): Written
  /** Performs a change once for its own key. A repeated one returns the event of the first, and changes nothing. */
  writeOnce(change: Change): Written
}

/** Must not await. Whatever it throws undoes all its changes. */
export type CommitWork<Result> = (commit: Committing) => Result

export interface CommitOptions {
  /** Covers the whole commit. A repeated request gets the result of the first one. */
  readonly idempotency?: IdempotencyKey | undefined
  /** The preferred timestamp, which must not be in the future. Without it, or if the log has moved on, it is the present. */
  readonly atMs?: number
  /** Returns the next id, which may have been promised before. `make` makes a new one. */
  readonly nextId?: (prefix: string, make: () => string) => string
  /** By default `enforced`. */
  readonly consent?: ConsentMode
  /** The decisions of asynchronous handlers in earlier commits with the same changes, such as those of one program. */
  readonly decisions?: HandlerDecisions
}

export interface Committed<Result> {
  readonly result: Result
  /** The commit's number; undefined if nothing was changed. */
  readonly commit: number | undefined
  /** The changes with a new event, in order; none if this is a replay. */
  readonly written: readonly Written[]
  /** True if an earlier request with the same key made the commit. */
  readonly isReplay: boolean
  /** The changes that need consent, of a commit that is tried or approved. */
  readonly reasons?: readonly ConsentReason[]
}

/** The result of a commit of one change: the change, and all that was written with its effects. */
export interface CommittedChange extends Performed {
  readonly change: Written
}

/** Commits one change. It costs no nested transaction unless effects may follow, because a refused change has written nothing. */
export function commitChange(parts: CommitParts, change: Change, decisions: HandlerDecisions): CommittedChange {
  const { events, clock } = parts
  const point = { number: events.head + 1, nowMs: clock.next(decisions.nowMs), decisions }
  const perform = (): CommittedChange => performAsked(parts, change, point)
  return change.idempotency === undefined ? perform() : performOnce(parts, change.idempotency, perform)
}

function performOnce(
  { events, idempotency, clock }: Pick<CommitParts, 'events' | 'idempotency' | 'clock'>,
  key: IdempotencyKey,
  perform: () => CommittedChange,
): CommittedChange {
  const next = events.head + 1
  const earlier = idempotency.claim(key, { seq: next, nowMs: clock.realMs() })
  if (earlier !== undefined) return { change: replayed(events, earlier.seq), written: [] }
  try {
    const committed = perform()
    const { row, isUnchanged } = committed.change
    if (isUnchanged) idempotency.settle(key, { seq: -row.seq })
    else if (row.seq !== next) idempotency.settle(key, { seq: row.seq })
    return committed
  } catch (error) {
    // A refused write may be tried again under its key.
    idempotency.release(key)
    throw error
  }
}

function performAsked(parts: CommitParts, change: Change, point: CommitPoint): CommittedChange {
  const committed = performWithEffects(parts, change, point)
  if (change.schedule !== undefined) parts.schedules.fired(change.schedule, point.nowMs)
  return committed
}

function performWithEffects(parts: CommitParts, change: Change, point: CommitPoint): CommittedChange {
  const isHeld = isHeldAtEnd(change)
  if (isHeld || isFollowed(parts, change)) {
    const perform = (): Committed<Written> => new WorkCommit(parts, point).run((commit) => commit.write(change))
    const { result, written } = isHeld ? performAlone(parts, perform) : perform()
    return { change: result, written }
  }
  const written = performChange(parts, change, point)
  return { change: written, written: written.isUnchanged ? [] : [written] }
}

/** Runs the work as one commit. Call it in a transaction of its own, which is rolled back if this throws. */
export function commitWork<Result extends JsonValue>(
  parts: CommitParts,
  work: CommitWork<Result>,
  {
    idempotency: key,
    atMs,
    nextId,
    decisions,
    consent = 'enforced',
  }: CommitOptions & { readonly decisions: HandlerDecisions },
): Committed<Result> {
  const { events, idempotency, clock } = parts
  const number = events.head + 1
  const makeId: CommitParts['makeId'] = (prefix, nowMs) => {
    // A repeated commit makes the same ids, which later changes of it may name.
    const make = (): string => decisions.nextId(prefix, () => parts.makeId(prefix, nowMs))
    return nextId === undefined ? make() : nextId(prefix, make)
  }
  const commit = new WorkCommit({ ...parts, makeId }, { number, nowMs: clock.next(decisions.nowMs ?? atMs), decisions })
  const run = (): Committed<Result> => {
    const { result: committed, reasons } = parts.consent.during(consent, () => commit.run(work))
    return reasons.length === 0 ? committed : { ...committed, reasons }
  }
  if (key === undefined) return run()
  const earlier = idempotency.claim(key, { seq: number, nowMs: clock.realMs() })
  if (earlier?.result !== undefined) {
    const result = JSON.parse(earlier.result) as Result // stored below for the same request
    return { result, commit: earlier.seq > 0 ? earlier.seq : undefined, written: [], isReplay: true }
  }
  assert(earlier === undefined, 'a request that was a commit of work has stored its result')
  const committed = run()
  idempotency.settle(key, { seq: committed.commit ?? -events.head, result: JSON.stringify(committed.result) })
  return committed
}

/** A commit of any number of changes. */
export class WorkCommit implements Committing {
  readonly number: number
  readonly nowMs: number
  readonly decisions?: HandlerDecisions
  readonly #parts: CommitParts
  readonly #written: Written[] = []
  readonly #keptRules: KeptRules
  #changes = 0
  /** The changes that the caller asked for, without effects. */
  #asked = 0
  #characters = 0
  #isDone = false

  constructor(parts: CommitParts, { number, nowMs, decisions }: CommitPoint) {
    this.#parts = parts
    this.#keptRules = new KeptRules(parts)
    if (decisions !== undefined) this.decisions = decisions
    this.number = number
    this.nowMs = nowMs
  }

  write(change: Change): Written {
    assert(!this.#isDone, 'a commit is written to only by its work')
    this.#keptRules.note(change)
    if (!isFollowed(this.#parts, change)) return this.#perform(change)
    const before = {
      written: this.#written.length,
      changes: this.#changes,
      asked: this.#asked,
      characters: this.#characters,
    }
    const perform = (one: Change): Written => this.#perform(one)
    try {
      const written = performAlone(this.#parts, () =>
        performFollowed({ ...this.#parts, nowMs: this.nowMs, perform }, change),
      )
      if (written.isUnchanged) return written
      // Effects may have changed the entity again.
      const { target } = written.row
      return { ...written, row: this.#written.findLast(({ row }) => row.target === target)?.row ?? written.row }
    } catch (error) {
      this.#written.length = before.written
      this.#changes = before.changes
      this.#asked = before.asked
      this.#characters = before.characters
      throw error
    }
  }

  writeOnce(change: Change): Written {
    const { idempotency: key } = change
    if (key === undefined) return this.write(change)
    return performOnce(this.#parts, key, () => ({ change: this.write(change), written: [] })).change
  }

  #perform(change: Change): Written {
    if (++this.#changes > commitChangesMax) throw commitTooLarge(`${commitChangesMax} changes, effects included`)
    if (change.key !== undefined && change.via !== 'effect')
      this.#parts.keys.requireRoom(change.key, { changes: ++this.#asked })
    const written = performChange(this.#parts, change, this)
    if (written.isUnchanged) return written
    const { data, changes } = written.row
    this.#characters += data.length + (changes?.length ?? 0)
    if (this.#characters > commitCharactersMax) throw commitTooLarge(`${commitCharactersMax} characters`)
    this.#written.push(written)
    return written
  }

  run<Result>(work: CommitWork<Result>): Committed<Result> {
    try {
      const result = work(this)
      this.#keptRules.check()
      const commit = this.#written.length === 0 ? undefined : this.number
      return { result, commit, written: this.#written, isReplay: false }
    } finally {
      this.#isDone = true
    }
  }
}

/** The refusal of a commit that has reached a limit. */
export function commitTooLarge(limit: string): ObjectError {
  return new ObjectError({
    code: 'payload_too_large',
    message: `a commit has at most ${limit}: nothing was changed; divide it into several`,
    detail: { limitOf: 'commit' },
  })
}

/** Whether an error is that of a commit, and not of one of its changes, which is too large by itself. */
export function isCommitTooLarge(error: unknown): boolean {
  return error instanceof ObjectError && error.code === 'payload_too_large' && error.detail?.['limitOf'] === 'commit'
}

/** `result` is the event's `seq`, negative if the request changed nothing. */
function replayed(events: EventsStore, result: number): Written {
  const seq = Math.abs(result)
  const row = events.at(seq)
  assert(row !== undefined, `the log contains event ${seq}, to which an idempotency key refers`)
  return {
    row,
    kind: row.type.endsWith('.Deleted') ? 'deleted' : row.version === 1 ? 'created' : 'changed',
    isReplay: true,
    isUnchanged: result < 0,
    hasHandlers: false,
  }
}
