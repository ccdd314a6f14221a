// The request of a plan: a write that is performed again, or the reads and writes of a program, whose code is not run again.

import type { Committing } from '@dotdo/do'
import type { Caller } from '../answers/caller.ts'
import { RecordedReads, type ReadsJson } from '../entities/recorded-reads.ts'
import { type OwnWrite, OwnWrites } from '../writes/own-writes.ts'
import type { PartResult, WriteAsked, WriteParts } from '../writes/write.ts'

export type PlannedRequest = WriteAsked | PlannedProgram

export interface PlannedProgram {
  readonly caller: Caller
  readonly program: {
    /** The event after which all reads saw what the program saw. */
    readonly seq: number
    readonly reads: ReadsJson
    readonly writes: readonly OwnWrite[]
    /** The body of the answer. */
    readonly answer: string
  }
}

export function isProgram(request: PlannedRequest): request is PlannedProgram {
  return 'program' in request
}

/** Performs the request in a commit. Throws an ObjectError if it does something else now, after which nothing may be kept. */
export function performPlanned(commit: Committing, parts: WriteParts, request: PlannedRequest): PartResult | undefined {
  if (!isProgram(request)) return parts.calls.findWrite(request.call).performIn?.(commit, parts, request)
  const { seq, reads, writes, answer } = request.program
  const { store } = parts
  const conflict = RecordedReads.fromJson(reads).conflict(store, { after: seq, through: store.events.head })
  if (conflict !== undefined) throw conflict
  new OwnWrites(writes).redo({ commit, parts })
  return { body: answer }
}
