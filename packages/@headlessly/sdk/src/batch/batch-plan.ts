// The writes of a batch while its function runs. Instead of being sent, they are recorded in their order.

import { callsMax } from 'digital-objects'
import { HeadlesslyError } from '../base/headlessly-error.ts'
import { PlannedCall } from '../calls/planned-call.ts'
import { EntityCalls, type Planner } from '../entities/entity-calls.ts'

export class BatchPlan implements Planner {
  readonly writes: PlannedCall[] = []
  #isClosed = false

  /** Later calls are refused, since nothing would send them. */
  close(): void {
    this.#isClosed = true
  }

  plan(...[call, options = {}]: Parameters<Planner['plan']>): PlannedCall {
    if (call.kind !== 'write') throw unsupported('takes plain fields of the results of its writes, and no relations')
    if (this.#isClosed) throw unsupported('is over: its function must not wait for anything before it writes')
    if (this.writes.length === callsMax) throw unsupported(`holds at most ${callsMax} writes`)
    const foreign = (options.links ?? []).find(({ to }) => to.settled === undefined && !this.writes.includes(to))
    if (foreign !== undefined) throw unsupported('takes results of its own writes; await others first')
    const planned = new PlannedCall(call, options)
    this.writes.push(planned)
    // The batch itself reports its failure.
    planned.answer().catch(() => {})
    return planned
  }

  whenTickEnds(): void {}
}

/** Throws at the write that cannot be part of the batch, instead of failing it later. */
export class BatchCalls extends EntityCalls<BatchPlan> {
  override plan(...[draft, options]: Parameters<EntityCalls['plan']>): PlannedCall {
    const { call, links = [] } = draft()
    return this.session().plan(call, { links, ...options })
  }
}

export function unsupported(why: string): HeadlesslyError {
  return new HeadlesslyError({ code: 'invalid_body', field: 'operations', message: `a batch ${why}` })
}
