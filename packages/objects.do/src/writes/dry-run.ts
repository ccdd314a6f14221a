// A dry run performs a write as a commit and rolls it back. The answer says what the write would do: its events, as far as the
// caller may see them, its refusals and its result.

import type { Committing, ConsentReason, TenantStore } from '@dotdo/do'
import { ObjectError, type ObjectErrorData } from 'digital-objects'
import { problemOf } from '../answers/problem.ts'
import { tenantOf } from './commit-call.ts'
import { eventTexts, idsOf, outcomeText, rowsOf } from './commit-outcome.ts'
import { keepPlan, type Promised } from './keep-plan.ts'
import type { Write, WriteAsked, WriteParts, WriteResult } from './write.ts'

/** Throws an ObjectError if the write has no dry run. What the write itself would refuse is part of the answer. */
export async function dryRun(write: Write, parts: WriteParts, asked: WriteAsked): Promise<WriteResult> {
  const { events, result, refusals, reasons, plan: promised, store } = await tryOut(write, parts, asked)
  const plan = promised === null ? null : keepPlan(store, withoutKey(asked), promised)
  const needs = reasons.length === 0 ? '' : `,"approval":${JSON.stringify(reasons)}`
  return {
    body: `{"dryRun":true,"events":[${events.join(',')}],"refusals":${refusals},"result":${result},"plan":${JSON.stringify(plan)}${needs}}`,
  }
}

export interface TriedOut extends Tried {
  readonly reasons: readonly ConsentReason[]
  readonly store: TenantStore
}

/** Performs the write and rolls it back. Throws an ObjectError if the write has no dry run. */
export async function tryOut(write: Write, parts: WriteParts, asked: WriteAsked): Promise<TriedOut> {
  const { performIn } = write
  if (performIn === undefined) {
    const message = `${write.name} has no dry run: it is not made of changes that could be rolled back`
    throw new ObjectError({ code: 'invalid_parameter', field: 'dryRun', message })
  }
  // A tenant without data is tried with all its tables, which are rolled back as well.
  const store = parts.store.isReady ? parts.store : parts.store.rehearsal()
  const work = (commit: Committing): Tried => {
    const done = performIn(commit, { ...parts, store }, asked)
    const { body, refusals = [], commits } = done
    const rows = rowsOf(store, commit)
    // Commits of several parts and those that change nothing are not executed as a plan.
    const isPlan = commits === undefined && rows.length > 0
    return {
      events: eventTexts(rows, { store, caller: asked.caller, commits: commits ?? [] }),
      result: body === '' ? 'null' : body,
      refusals: JSON.stringify(refusals),
      plan: isPlan ? { nowMs: commit.nowMs, ids: idsOf(rows), outcome: outcomeText(rows, done, [commit.nowMs]) } : null,
    }
  }
  const { result, reasons = [] } = await tryCommit(() =>
    store.commit(work, { tenant: tenantOf(asked), isDryRun: true }),
  )
  return { ...result, reasons, store }
}

/** The request as its plan repeats it. */
export function withoutKey({ call, caller }: WriteAsked): WriteAsked {
  const { isDryRun: _isDryRun, idempotencyKey: _key, ...own } = call
  return { call: own, caller }
}

/** All texts are JSON. */
type Tried = {
  readonly events: readonly string[]
  readonly result: string
  readonly refusals: string
  readonly plan: Promised | null
}

interface TriedCommit {
  readonly result: Tried
  readonly reasons?: readonly ConsentReason[]
}

async function tryCommit(commit: () => Promise<TriedCommit>): Promise<TriedCommit> {
  try {
    return await commit()
  } catch (error) {
    if (!(error instanceof ObjectError) || error.code === 'overloaded') throw error
    return { result: { events: [], result: 'null', refusals: JSON.stringify(refusalsOf(error.toData())), plan: null } }
  }
}

/** Returns the refusals of a batch's operations, or the one of any other write. */
function refusalsOf(error: ObjectErrorData): readonly unknown[] {
  const details = error.code === 'batch_failed' ? error.detail?.['details'] : undefined
  if (Array.isArray(details)) return details
  const problem = problemOf(error)
  return [{ status: problem.status, problem }]
}
