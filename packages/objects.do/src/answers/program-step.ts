// The part of a message that says to which program its calls belong. A program is a run of code whose calls see one snapshot
// of the tenant and its own writes, which become one commit at its end.

import type { ObjectError, ObjectErrorData } from 'digital-objects'

export type ProgramStep =
  /** Answers the calls of the message. The first message opens the program. */
  | { readonly kind: 'calls'; readonly id: string; readonly isFirst: boolean }
  /** Looks for an earlier run of the same request, which may have had a key for each of its writes. Answers a FoundRun. */
  | { readonly kind: 'find'; readonly key: ProgramKey; readonly firstWriteKey: string }
  /** Commits the program's writes, together with the answer of the request. */
  | { readonly kind: 'commit'; readonly id: string; readonly key: ProgramKey; readonly answer: string }
  /** Answers with the events that `commit` would make, and a plan that makes them: `{ events, plan }`. */
  | { readonly kind: 'rehearse'; readonly id: string; readonly answer: string }
  /** Forgets the program. */
  | { readonly kind: 'close'; readonly id: string }

/** Covers the whole commit of a program. */
export interface ProgramKey {
  readonly key: string
  /** The request as a string that is the same for equal requests. */
  readonly request: string
}

/** An earlier run of a request; empty if there was none. */
export interface FoundRun {
  /** The answer that its commit has stored. */
  readonly answer?: string
  /** The number of its commit. */
  readonly commit?: number
  /** True if its writes were commits of their own. */
  readonly isEachWrite?: boolean
}

/** The fate of a program that cannot continue: its code may run again from its start, or has failed. */
export type ProgramFate = 'again' | 'failed'

/** The answer to each call of a program that cannot continue. Nothing of it was written. */
export interface ProgramEnd {
  readonly error: ObjectErrorData
  readonly fate: ProgramFate
}

const fateName = 'programFate'

/** The error as a message's answers carry it. */
export function programEndToError({
  error,
  fate,
}: {
  readonly error: ObjectError
  readonly fate: ProgramFate
}): ObjectErrorData {
  return { ...error.toData(), detail: { ...error.detail, [fateName]: fate } }
}

/** Reverses `programEndToError`; undefined for the error of a call. */
export function programEndIn(data: ObjectErrorData): ProgramEnd | undefined {
  const { [fateName]: fate, ...detail } = data.detail ?? {}
  return fate === 'again' || fate === 'failed' ? { error: { ...data, detail }, fate } : undefined
}
