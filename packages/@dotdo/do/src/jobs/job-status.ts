// The status of a job: idle, waiting, due, running or failing, and the amount of parked work.

import type { JobStatus } from 'digital-objects'
import type { Job, JobFailure } from './job.ts'

export interface JobSituation {
  readonly isRunning: boolean
  /** The time of its next step on the real clock; undefined if none is planned. */
  readonly nextMs: number | undefined
  readonly failure: JobFailure | undefined
  readonly nowMs: number
}

export function jobToStatus(job: Job, situation: JobSituation): JobStatus {
  const { nextMs, failure } = situation
  return {
    name: job.name,
    state: stateOf(situation),
    next: nextMs === undefined ? null : toIso(nextMs),
    failure:
      failure === undefined
        ? null
        : { message: failure.message, attempts: failure.attempts, nextTry: toIso(failure.retryAtMs) },
    parked: job.parkedCount?.() ?? 0,
  }
}

function stateOf({ isRunning, nextMs, failure, nowMs }: JobSituation): JobStatus['state'] {
  if (isRunning) return 'running'
  if (failure !== undefined) return 'failing'
  if (nextMs === undefined) return 'idle'
  return nextMs <= nowMs ? 'due' : 'waiting'
}

function toIso(ms: number): string {
  return new Date(ms).toISOString()
}
