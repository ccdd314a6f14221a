// `commits.plan`: executes a dry run as it was promised, once, or refuses since something it depends on has changed. The
// commit is performed as its original caller, and compared with the promise before it is kept.

import type { Committing, Plan } from '@dotdo/do'
import { isFullAuthority, type JsonValue, ObjectError } from 'digital-objects'
import { jsonResponse } from '../openapi/components.ts'
import { createHeaders } from '../openapi/parameters.ts'
import { commitCall } from '../writes/commit-call.ts'
import { dryRun } from '../writes/dry-run.ts'
import type { Write, WriteAsked, WriteParts, WriteResult } from '../writes/write.ts'
import { carryOut, Outdated } from './carry-out.ts'
import { isProgram, type PlannedRequest } from './planned-request.ts'
import { PromisedIds } from './promised-ids.ts'

export const executePlan: Write = {
  kind: 'write',
  name: 'commits.plan',
  about: 'Execute a dry run as it was promised, once; refused if something it depends on has changed',
  routes: [{ methods: ['POST'], path: '/commits/plan/{id}' }],
  listedAs: { tag: 'log', operationId: 'commits.executePlan' },
  parameters: createHeaders,
  responses: () => ({ 200: jsonResponse('The answer of the write that was tried', {}) }),
  isWhole: true,

  async perform(parts, asked) {
    if (asked.call.at !== undefined) throw timeOfDryRun()
    const planned = findPlan(parts, asked)
    const ids = new PromisedIds(planned?.plan.ids ?? [])
    const options = planned === undefined ? {} : { nextId: ids.next, atMs: planned.plan.nowMs }
    try {
      return await commitCall(parts, { ...asked, options }, (commit) => {
        ids.reset()
        return perform(commit, parts, asked)
      })
    } catch (error) {
      if (!(error instanceof Outdated)) throw error
      throw await outdated(parts, error)
    }
  },
}

interface Found {
  readonly plan: Plan
  readonly request: PlannedRequest
}

/** Returns undefined if there is no such plan for this caller. A caller who may do everything may execute the plan of another one. */
function findPlan({ store }: WriteParts, { call, caller }: WriteAsked): Found | undefined {
  const { requests } = store
  const plan = store.isReady ? requests.plans.find(call.id ?? '', requests.realMs) : undefined
  if (plan === undefined) return undefined
  const request = JSON.parse(plan.request) as PlannedRequest // stored by a dry run
  const isOwn = JSON.stringify(request.caller.authority) === JSON.stringify(caller.authority)
  return isOwn || isFullAuthority(caller.authority) ? { plan, request } : undefined
}

/** Runs in the lane, so that a plan is executed once. */
function perform(commit: Committing, parts: WriteParts, by: WriteAsked): WriteResult {
  const found = findPlan(parts, by)
  if (found === undefined) throw noPlan(by.call.id)
  const { plan, request } = found
  if (plan.commit !== undefined) throw executedBefore(plan.commit)
  const { plans } = parts.store.requests
  const { who } = by.caller.authority
  const planned = { plan, request, isPromised: (outcome: string) => plans.isPromised(plan.id, outcome) }
  const approvedBy = who === request.caller.authority.who ? undefined : who
  const result = carryOut(commit, parts, { planned, approvedBy })
  plans.executed(plan.id, commit.number)
  return result
}

/** The error has the dry run of now, with a plan of its own. The code of a program is not kept, so it has the reason instead. */
async function outdated(parts: WriteParts, { request, reason }: Outdated): Promise<ObjectError> {
  const changed = 'something it depends on has changed'
  const why = isProgram(request) ? (reason?.message ?? changed) : changed
  return new ObjectError({
    code: 'plan_outdated',
    message: `the plan would not do what its dry run promised, since ${why}: nothing was changed`,
    detail: isProgram(request) ? { ...reason?.detail } : { dryRun: await dryRunOf(parts, request) },
  })
}

async function dryRunOf(parts: WriteParts, request: WriteAsked): Promise<JsonValue> {
  const { body } = await dryRun(parts.calls.findWrite(request.call), parts, request)
  return JSON.parse(body) as JsonValue // made by the dry run
}

function noPlan(id = ''): ObjectError {
  const message = `there is no plan '${id.slice(0, 64)}': plans are kept for an hour`
  return new ObjectError({ code: 'not_found', field: 'id', message })
}

function timeOfDryRun(): ObjectError {
  const message = 'at belongs to the dry run, whose plan performs exactly what it has shown'
  return new ObjectError({ code: 'invalid_parameter', field: 'at', message })
}

function executedBefore(commit: number): ObjectError {
  const message = `the plan was executed as commit ${commit}; a plan is executed once`
  return new ObjectError({ code: 'conflict', field: 'id', message, detail: { commit } })
}
