// Requests that are kept to be performed later.

import type { JobRunner } from '../jobs/job-runner.ts'
import type { ApprovalStore } from './approval-store.ts'
import type { BulkJobStore } from './bulk-job-store.ts'
import type { ImportStore } from './import-store.ts'
import type { PlanStore } from './plan-store.ts'
import { requestsLane } from './request-sweep-job.ts'

export class StoredRequests {
  readonly plans: PlanStore
  readonly approvals: ApprovalStore
  readonly bulkJobs: BulkJobStore
  readonly imports: ImportStore
  /** Whether the tenant has no data, and its first write is only tried. */
  readonly isRehearsal: boolean
  readonly #now: () => number
  readonly #runner: () => Pick<JobRunner, 'reschedule' | 'rescheduleAll'>

  constructor(options: {
    readonly plans: PlanStore
    readonly approvals: ApprovalStore
    readonly bulkJobs: BulkJobStore
    readonly imports: ImportStore
    readonly isRehearsal: boolean
    readonly now: () => number
    readonly runner: () => Pick<JobRunner, 'reschedule' | 'rescheduleAll'>
  }) {
    this.plans = options.plans
    this.approvals = options.approvals
    this.bulkJobs = options.bulkJobs
    this.imports = options.imports
    this.isRehearsal = options.isRehearsal
    this.#now = options.now
    this.#runner = options.runner
  }

  /** The server's clock. */
  get realMs(): number {
    return this.#now()
  }

  /** Lets jobs of services that wait for a decision look again. Call it in the transaction of the decision, or right after. */
  approvalEnded(): void {
    this.#runner().rescheduleAll()
  }

  /** Sets the alarm for what is due now. Call it in the transaction that makes it due, or right after. */
  changed(lane = requestsLane): void {
    this.#runner().reschedule(lane)
  }
}
