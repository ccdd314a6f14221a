// A write of many entities that the server performs in several commits, in the background.

import { isObject } from 'digital-objects'
import { HeadlesslyError, type HeadlesslyErrorCode } from '../base/headlessly-error.ts'
import type { Refusal } from './dry-run.ts'
import type { Session } from './session.ts'

export interface ServerJob {
  readonly id: string
  readonly state: 'running' | 'done' | 'failed'
  /** Entities that were processed, and how many there are; 0 if that is not known. */
  readonly done: number
  readonly total: number
  /** Entities that were refused and left out; the first hundred are listed. */
  readonly refused: number
  readonly refusals: readonly Refusal[]
  readonly error: string | null
}

const firstPauseMs = 25
const pauseMsMax = 1_000

/** Returns the job that an answer names; undefined for any other answer. */
export function jobIn(body: unknown): ServerJob | undefined {
  const job = isObject(body) ? body['job'] : undefined
  // The server's own.
  return isObject(job) && typeof job['id'] === 'string' ? (job as unknown as ServerJob) : undefined
}

/** Resolves when the job has ended. The server goes on with it if the caller aborts. */
export async function endOfJob(
  session: Pick<Session, 'send'>,
  job: ServerJob,
  { what, signal }: { readonly what: string; readonly signal: AbortSignal | undefined },
): Promise<ServerJob> {
  let now = job
  for (let pauseMs = firstPauseMs; now.state === 'running'; pauseMs = Math.min(pauseMs * 2, pauseMsMax)) {
    await new Promise((resolve) => void setTimeout(resolve, pauseMs))
    signal?.throwIfAborted()
    const { body } = await session.send(
      { kind: 'read', read: 'job', id: job.id, parameters: { strong: 'true' } },
      signal,
    )
    now = jobIn({ job: body }) ?? now
  }
  if (now.state === 'failed' || now.refused > 0) throw failure(now, what)
  return now
}

function failure({ id, done, refused, refusals, error }: ServerJob, what: string): HeadlesslyError {
  const [first] = refusals
  const why = error ?? first?.problem.detail ?? 'it was refused'
  const code: HeadlesslyErrorCode = first?.problem.code ?? 'conflict'
  return new HeadlesslyError({
    code,
    message: `${what}: ${done - refused} were written, ${refused} were refused: ${why}`,
    detail: { job: id, written: done - refused, refusals },
  })
}
