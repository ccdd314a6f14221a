// A program: a run of a service's code whose calls see one snapshot of the tenant and their own writes, which become one
// commit at its end, or nothing.

import type { Call, ObjectErrorData } from 'digital-objects'

export interface ServiceProgram {
  /**
   * Answers one message of calls, as `ServiceRequest.answerMessage` does. Nobody else sees its writes.
   */
  readonly answerMessage: (
    text: string,
    admit: (calls: readonly Call[]) => readonly Call[],
  ) => Promise<readonly string[]>
  /** Resolves if the program cannot continue. Nothing of it was written. */
  readonly ended: Promise<ProgramEnd>
  /**
   * Makes the writes permanent as one commit, together with the answer that is stored under its key. A commit under the same
   * key that was made before is the outcome, with its answer.
   */
  readonly commit: (key: ProgramKey, answer: string) => Promise<ProgramOutcome<Committed>>
  /** Returns what `commit` would do. */
  readonly rehearse: (answer: string) => Promise<ProgramOutcome<Rehearsed>>
  /** Forgets the program, unless it has committed. */
  readonly close: () => void
}

export interface ProgramKey {
  readonly key: string
  /** The request as a string that is the same for equal requests. */
  readonly request: string
}

export interface EarlierRun {
  /** The answer that its commit has stored. */
  readonly answer?: string
  /** The number of its commit. */
  readonly commit?: number
  /** True if its writes were commits of their own, under keys of their own. */
  readonly isEachWrite?: boolean
  readonly bookmark: string
}

export interface ProgramEnd {
  readonly error: ObjectErrorData
  /** Whether the code may run again, in a new program. */
  readonly mayRunAgain: boolean
}

export type ProgramOutcome<Result> =
  | { readonly kind: 'done'; readonly result: Result }
  | { readonly kind: 'ended'; readonly end: ProgramEnd }

export interface Committed {
  readonly answer: string
  /** The commit's number; absent if nothing was changed. */
  readonly commit?: number
  /** The newest bookmark that the program saw; undefined if it asked its tenant nothing. */
  readonly bookmark: string | undefined
}

/** A dry run. */
export interface Rehearsed {
  /** A JSON object: `events`, and `plan`, the id of a plan that makes them, or null. */
  readonly body: string
}
