// Starts a bulk job: a write that is too large for one commit. It answers at once, and the job continues
// in the background in commits of its own, so it is not atomic.

import { FirstWrite } from '@dotdo/do'
import { ObjectError } from 'digital-objects'
import { formatBulkJob } from '../answers/bulk-job-text.ts'
import { commitCall } from '../writes/commit-call.ts'
import type { WriteAsked, WriteParts, WriteResult } from '../writes/write.ts'

/** The lane of the job that performs them. */
export const bulkLane = 'bulk'
/** The platform limits a row to 2 MB. */
const requestBytesMax = 1_900_000
const encoder = new TextEncoder()

interface BulkStart {
  readonly kind: string
  readonly total: number
  /** Where it begins. It is called in the lane. */
  readonly position?: () => string
  /** Is called with the job's id, in the transaction that adds it. */
  readonly started?: (job: string) => void
}

/** A repeated request with the same key gets the answer of the first one, and starts no second job. */
export function startBulkJob(
  parts: WriteParts,
  asked: WriteAsked,
  { kind, total, position = () => '', started }: BulkStart,
): Promise<WriteResult> {
  const { store } = parts
  const { call, caller } = asked
  const { idempotencyKey: _key, ...own } = call
  const { bookmark: _bookmark, ...who } = caller
  const { through } = caller.authority
  if (through !== undefined) store.keys.requireRoom(through.id, { changes: total })
  const request = JSON.stringify({ call: own, caller: who })
  if (encoder.encode(request).length > requestBytesMax)
    throw new ObjectError({
      code: 'payload_too_large',
      field: 'body',
      message: `a job holds at most ${requestBytesMax} bytes`,
    })
  return commitCall(parts, asked, () => {
    // The tenant begins with the job, although it has no event yet.
    if (store.requests.isRehearsal) throw new FirstWrite()
    const { bulkJobs, realMs } = store.requests
    const { who: actor } = caller.authority
    const id = bulkJobs.add({ kind, noun: call.noun, actor, request, total, position: position(), realMs })
    started?.(id)
    store.requests.changed(bulkLane)
    const job = bulkJobs.find(id)
    if (job === undefined) throw new Error('a job that was added is found')
    return { body: `{"job":${formatBulkJob(job)}}`, isUnfinished: true }
  })
}
