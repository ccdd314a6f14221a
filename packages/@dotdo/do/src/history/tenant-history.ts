// The load of a tenant's past, as its users need it: each part of it is a series of commits in the write lane.

import type { JsonValue, LoadedHistory } from 'digital-objects'
import type { JobRunner } from '../jobs/job-runner.ts'
import type { CommitSeries } from '../write/commit-series.ts'
import type { Commits } from '../write/commits.ts'
import type { Rehearsed } from '../write/rehearse.ts'
import type { TenantName } from '../write/store-commit-options.ts'
import type { ExternalIds } from './external-ids.ts'
import type { LoadPosition, PastLoad } from './past-load.ts'

/** Performs a write of a tenant, or rehearses it for a tenant without data. */
export type PerformWrite = <Result>(
  tenant: TenantName,
  write: { readonly rehearse: () => Rehearsed<Result>; readonly make: () => Result | Promise<Result> },
) => Promise<Result>

export interface TenantHistoryOptions {
  readonly parts: {
    readonly pastLoad: PastLoad
    readonly externalIds: ExternalIds
    readonly commits: Pick<Commits, 'series' | 'rehearseSeries'>
    readonly runner: Pick<JobRunner, 'rescheduleAll'>
  }
  readonly storage: DurableObjectStorage
  readonly perform: PerformWrite
}

export class TenantHistory {
  /** The ids that entities have in the system of which the history is. */
  readonly externalIds: Pick<ExternalIds, 'find' | 'add'>
  readonly #options: TenantHistoryOptions

  constructor(options: TenantHistoryOptions) {
    this.#options = options
    this.externalIds = options.parts.externalIds
  }

  state(): LoadedHistory {
    return this.#options.parts.pastLoad.state()
  }

  /** Returns where the load continues. Throws an ObjectError `conflict` if the tenant has live writes. */
  requirePosition(): LoadPosition {
    return this.#options.parts.pastLoad.requirePosition()
  }

  /** Records the position. Call it at the end of the work of `load`. */
  advance(position: LoadPosition): void {
    this.#options.parts.pastLoad.advance(position)
  }

  /** Runs the work in the write lane, in one transaction. If it throws an ObjectError, nothing has changed. */
  load<Result extends JsonValue>(work: (series: CommitSeries) => Result, tenant: TenantName): Promise<Result> {
    const { parts, perform } = this.#options
    return perform(tenant, {
      rehearse: () => {
        const { result, written } = parts.commits.rehearseSeries(work)
        return { result, isWrite: written.length > 0 }
      },
      make: async () => (await parts.commits.series(work)).result,
    })
  }

  /** Ends the load. Jobs that have waited for its end run. */
  end(tenant: TenantName): Promise<LoadedHistory> {
    const { parts, storage, perform } = this.#options
    return perform(tenant, {
      rehearse: () => ({ result: this.state(), isWrite: true }),
      make: () =>
        storage.transactionSync(() => {
          parts.pastLoad.end()
          parts.runner.rescheduleAll()
          return this.state()
        }),
    })
  }
}
