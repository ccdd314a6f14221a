// A write that the server performs in several commits, in the background.

import { isObject } from 'digital-objects'
import { HeadlesslyError, type HeadlesslyErrorCode } from '../base/headlessly-error.ts'
import type { Refusal } from './dry-run.ts'
import type { Session } from './session.ts'

export interface ServerJob {
  readonly id: string
  readonly state: 'running' | 'done' | 'failed'
  /** Entities or changes that were processed, and how many there are; 0 if that is not known. */
  readonly done: number
  readonly total: number
  /** Entities among them that were refused and left out; the first refusals are listed. */
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

interface Awaiting {
  readonly what: string
  /** The job's work on each, in the past tense. */
  readonly did?: string
  readonly signal: AbortSignal | undefined
}

/** Resolves when the job has ended. The server goes on with it if the caller aborts. Throws if some of it was refused. */
export async function endOfJob(
  session: Pick<Session, 'send'>,
  job: ServerJob,
  { what, did = 'written', signal }: Awaiting,
): Promise<ServerJob> {
  const ended = await watchJob(session, job, { signal })
  if (ended.state === 'failed' || ended.refused > 0) throw failure(ended, { what, did })
  return ended
}

/** Resolves when the job has ended, however it has. */
export async function watchJob(
  session: Pick<Session, 'send'>,
  job: ServerJob,
  { signal, onProgress }: Pick<Awaiting, 'signal'> & { readonly onProgress?: ((job: ServerJob) => void) | undefined },
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
    onProgress?.(now)
  }
  return now
}

function failure(
  { id, done, refused, refusals, error }: ServerJob,
  { what, did }: { readonly what: string; readonly did: string },
): HeadlesslyError {
  const [first] = refusals
  const why = error ?? first?.problem.detail ?? 'it was refused'
  const code: HeadlesslyErrorCode = first?.problem.code ?? 'conflict'
  return new HeadlesslyError({
    code,
    message: `${what}: ${done - refused} were ${did}, ${refused} were refused: ${why}`,
    detail: { job: id, written: done - refused, refusals },
  })
}
