// A bulk job as clients see it.

import type { BulkJob } from '@dotdo/do'

/** The job as JSON, as its reads show it. */
export function formatBulkJob(job: BulkJob): string {
  const { id, kind, noun, state, done, total, refused, refusals, error, createdMs, finishedMs } = job
  const shown = {
    id,
    kind,
    noun: noun === '' ? null : noun,
    state,
    done,
    total,
    refused,
    refusals: JSON.parse(refusals) as unknown, // written by the job
    isAtomic: false,
    createdAt: new Date(createdMs).toISOString(),
    finishedAt: finishedMs === null ? null : new Date(finishedMs).toISOString(),
    error,
  }
  return JSON.stringify(shown)
}
