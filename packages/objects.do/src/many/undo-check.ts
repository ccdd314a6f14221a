// Examines commits that a job will take back, before it takes back any: what cannot be undone, what the caller may not see, and
// what happened since. Each entity is examined once, with all its events of the whole undo. The undo itself examines again
// what has happened meanwhile.

import type { LogRow, TenantStore } from '@dotdo/do'
import { isShownWhole } from '../commits/logged-commit.ts'
import type { Caller } from '../answers/caller.ts'
import { StoreUndoState } from '../commits/store-undo-state.ts'
import { entityConflicts, isWholeHistory, referrerConflict, type UndoConflict } from '../commits/undo-conflicts.ts'
import { undoConflict } from '../commits/undo-refusal.ts'
import type { Referrer } from '../commits/undo-state.ts'
import type { EntityKey, UndoneEvent } from '../commits/undone-event.ts'
import { notWhole } from '../commits/undone-commits.ts'
import { onlookerOf, requireUndoable } from '../writes/undo-work.ts'

/** Events of one entity that are examined. Those of more are left to the undo. */
const eventsOfEntityMax = 1_000
/** References of one field to the entities of some commits that are examined. Others are left to the undo. */
const referrersMax = 1_000
/** Conflicts by references that are looked for in some commits. */
const referrerConflictsMax = 100

export interface UndoOfJob {
  readonly store: TenantStore
  readonly caller: Caller
  /** The job that lists the commits of the undo. */
  readonly job: string
}

/** Takes all events of some of the undo's commits, oldest first. Throws an ObjectError for which the whole undo is refused. */
export function checkUndo(rows: readonly LogRow[], of: UndoOfJob): void {
  const { store, caller } = of
  const [last] = rows.slice(-1)
  if (last === undefined) return
  const onlooker = onlookerOf(store, caller)
  if (!rows.every((row) => isShownWhole(row, onlooker.events))) throw notWhole()
  const state = new StoreUndoState(store, { referrersMax })
  const events = state.undoneEvents(rows)
  requireUndoable(events, { state, caller })
  const undo = new ExaminedUndo(of, state)
  const conflicts = [...undo.entityConflicts(events, last.seq), ...undo.referenceConflicts(events)]
  if (conflicts.length > 0) throw undoConflict(conflicts, onlooker)
}

class ExaminedUndo {
  readonly #of: UndoOfJob
  readonly #state: StoreUndoState
  /** The first event of the whole undo. */
  readonly #first: number

  constructor(of: UndoOfJob, state: StoreUndoState) {
    this.#of = of
    this.#state = state
    this.#first = of.store.requests.bulkJobs.targets.oldest(of.job) ?? 0
  }

  /** `lastSeq` ends the examined commits. Entities with later events of the undo were examined with those. */
  entityConflicts(events: readonly UndoneEvent[], lastSeq: number): readonly UndoConflict[] {
    return [...Map.groupBy(events, ({ id }) => id).values()].flatMap((own) => {
      const [first] = own
      // An entity whose type has no definition now may get it back by the undo of an earlier commit.
      if (first === undefined || this.#state.schema(first.noun) === undefined) return []
      const present = this.#state.present(first)
      if (present !== undefined && isWholeHistory(own, present)) return []
      const all = this.#eventsOf(first)
      if (all === undefined || all.some((seq) => seq > lastSeq)) return []
      const whole = all.length === own.length ? own : this.#state.undoneEvents(this.#of.store.events.many(all))
      return entityConflicts(whole, { state: this.#state, returning: new Set() })
    })
  }

  /** Returns the events of the entity in the whole undo; undefined if there are too many. */
  #eventsOf(key: EntityKey): readonly number[] | undefined {
    const events = this.#state.eventsOf(key, { after: this.#first - 1, limit: eventsOfEntityMax + 1 })
    if (events.length > eventsOfEntityMax) return undefined
    const selected = this.#among(events.map(({ commit }) => commit))
    return events.filter(({ commit }) => selected.has(commit)).map(({ seq }) => seq)
  }

  /** Finds entities that have come to refer to one that the undo deletes. */
  referenceConflicts(events: readonly UndoneEvent[]): readonly UndoConflict[] {
    const removed = events.filter(({ before, after }) => before === undefined && after !== undefined)
    const { referrers } = this.#state.referrers(removed, [])
    const others = referrers.filter((referrer) => !this.#isMade(referrer)).slice(0, referrerConflictsMax)
    const found = others.flatMap((referrer) =>
      referrerConflict(referrer, { state: this.#state, firstSeq: this.#first }),
    )
    const undone = this.#among(found.flatMap(({ commit }) => commit ?? []))
    return found.filter(({ commit }) => commit === null || !undone.has(commit))
  }

  /** Whether the undo deletes the entity too. */
  #isMade(referrer: Referrer): boolean {
    const [first] = this.#state.eventsOf(referrer, { after: 0, limit: 1 })
    return first !== undefined && this.#among([first.commit]).size > 0
  }

  #among(commits: readonly number[]): ReadonlySet<number> {
    const { store, job } = this.#of
    return store.requests.bulkJobs.targets.among(job, commits)
  }
}
