// Carries out what was tried before, exactly as it was promised: the commit is performed as its original caller, and compared
// with the promise before it is kept.

import { ApprovalRequired, type Change, type Committing, type Plan, type TenantStore } from '@dotdo/do'
import { ObjectError } from 'digital-objects'
import { outcomeText, rowsOf } from '../writes/commit-outcome.ts'
import { withCurrentAuthority } from '../writes/current-authority.ts'
import type { WriteParts, WriteResult } from '../writes/write.ts'
import { isProgram, performPlanned, type PlannedRequest } from './planned-request.ts'

export interface Planned {
  readonly plan: Pick<Plan, 'id' | 'ids' | 'nowMs'>
  /** The request that was tried, by its original caller. */
  readonly request: PlannedRequest
  readonly isPromised: (outcome: string) => boolean
}

/** The plan would do something else now. */
export class Outdated extends Error {
  readonly request: PlannedRequest
  /** The refusal of the request; undefined if it is performed, and does something else. */
  readonly reason: ObjectError | undefined

  constructor(request: PlannedRequest, reason?: ObjectError) {
    super('the plan is outdated')
    this.request = request
    this.reason = reason
  }
}

/** Runs in the lane, so that a plan is executed once. Throws Outdated, or an ObjectError if its caller's key is dead. */
export function carryOut(
  commit: Committing,
  parts: WriteParts,
  { planned, approvedBy }: { readonly planned: Planned; readonly approvedBy?: string | undefined },
): WriteResult {
  const { store } = parts
  const request = currentRequest(planned.request, store)
  const result = refusedIsOutdated(request, () =>
    performPlanned(asPlanned(commit, { ...planned, request }, approvedBy), parts, request),
  )
  const times = [planned.plan.nowMs, commit.nowMs]
  if (result === undefined || !planned.isPromised(outcomeText(rowsOf(store, commit), result, times)))
    throw new Outdated(request)
  return { body: result.body, commit: commit.number }
}

/** The request with what its callers may do now. Throws an ObjectError `unauthorized` if one of them had a key that is dead. */
function currentRequest(request: PlannedRequest, store: TenantStore): PlannedRequest {
  const caller = withCurrentAuthority(request.caller, store)
  if (!isProgram(request)) return { ...request, caller }
  const writes = request.program.writes.map((write) => ({
    ...write,
    caller: withCurrentAuthority(write.caller, store),
  }))
  return { ...request, caller, program: { ...request.program, writes } }
}

/** The commit in which changes are decided by the plan's time, and name who has approved them. */
function asPlanned(commit: Committing, { plan }: Planned, approvedBy: string | undefined): Committing {
  const approval = approvedBy === undefined ? {} : { approvedBy }
  const planned = (change: Change): Change => ({
    ...change,
    ...approval,
    decide: (context) => change.decide(change.atMs === undefined ? { ...context, nowMs: plan.nowMs } : context),
  })
  return {
    number: commit.number,
    nowMs: commit.nowMs,
    write: (change) => commit.write(planned(change)),
    writeOnce: (change) => commit.writeOnce(planned(change)),
  }
}

function refusedIsOutdated<Result>(request: PlannedRequest, performed: () => Result): Result {
  try {
    return performed()
  } catch (error) {
    if (error instanceof ObjectError && !(error instanceof ApprovalRequired)) throw new Outdated(request, error)
    throw error
  }
}
