// A series of commits in one transaction, each with a time of its own, for a tenant that is loaded with its past. AFTER
// handlers stay silent: what they would tell the world has happened long ago. Asynchronous BEFORE handlers do not see them.

import type { JsonValue } from 'digital-objects'
import type { Written } from './change.ts'
import { type CommitParts, type CommitWork, WorkCommit } from './commit.ts'
import type { Performed } from './write-lane.ts'

export interface PastCommit {
  /** The timestamp, which must not be before that of the last event. */
  readonly atMs: number
  /** The id of the first entity that it creates; by default a new one. */
  readonly newId?: string | undefined
}

export interface CommitSeries {
  /** Makes a commit of one change. If it throws an ObjectError, the commit has changed nothing, and the series may go on. */
  commit<Result>(past: PastCommit, work: CommitWork<Result>): Result
}

export interface SeriesResult<Result> extends Performed {
  readonly result: Result
}

/** Call it in a transaction of its own, which is rolled back if this throws. */
export function commitSeries<Result extends JsonValue>(
  parts: CommitParts,
  work: (series: CommitSeries) => Result,
): SeriesResult<Result> {
  const written: Written[] = []
  const commit: CommitSeries['commit'] = ({ atMs, newId }, perform) => {
    let promised = newId
    const makeId: CommitParts['makeId'] = (prefix, nowMs) => {
      if (promised?.startsWith(`${prefix}_`) !== true) return parts.makeId(prefix, nowMs)
      const id = promised
      promised = undefined
      return id
    }
    const silent = { ...parts, makeId, asyncBefore: [], outbox: { put: () => false } }
    const made = new WorkCommit(silent, { number: parts.events.head + 1, nowMs: atMs }).run(perform)
    written.push(...made.written)
    return made.result
  }
  return { result: work({ commit }), written }
}
