// `$.plans`: performs what a dry run has shown.

import { HeadlesslyError } from '../base/headlessly-error.ts'
import type { CallOptions } from '../calls/call-options.ts'
import { type DryRun, finishPlan } from '../calls/dry-run.ts'
import { makeKey } from '../calls/make-key.ts'
import type { Session } from '../calls/session.ts'

export interface Plans {
  /**
   * Performs the write of a dry run, once, and returns what the write returns. Throws `plan_outdated` if it would do
   * something else now; `detail.dryRun` is the dry run of now.
   */
  execute<Result>(plan: DryRun<Result, never> | DryRun<Result>, options?: CallOptions): Promise<Result>
  /** Takes the id of a plan, as an agent hands it to somebody who approves it. */
  execute(plan: string, options?: CallOptions): Promise<unknown>
}

export function makePlans(session: () => Session): Plans {
  const execute = async (tried: DryRun<unknown> | string, { signal }: CallOptions = {}): Promise<unknown> => {
    const plan = typeof tried === 'string' ? tried : tried.plan
    if (typeof plan !== 'string' || plan === '') {
      const message = 'plans.execute expects a dry run that has a plan, or its id: a refused write has none'
      throw new HeadlesslyError({ code: 'invalid_id', field: 'plan', message })
    }
    const call = {
      kind: 'write',
      noun: '',
      verb: 'commits.plan',
      id: plan,
      body: '{}',
      idempotencyKey: makeKey(),
    } as const
    return finishPlan(tried, (await session().send(call, signal)).body)
  }
  return Object.freeze<Plans>({ execute })
}
