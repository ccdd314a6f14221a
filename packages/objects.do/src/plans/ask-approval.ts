// Performs a write, or stores it for a person to approve if a rule demands that.

import { ApprovalRequired } from '@dotdo/do'
import type { ObjectError } from 'digital-objects'
import { tryOut, withoutKey } from '../writes/dry-run.ts'
import { keepApproval } from '../writes/keep-approval.ts'
import type { Write, WriteAsked, WriteParts, WriteResult } from '../writes/write.ts'

/** Throws an ObjectError `approval_required` that names the approval for which the write waits. */
export async function performOrAsk(write: Write, parts: WriteParts, asked: WriteAsked): Promise<WriteResult> {
  try {
    return await write.perform(parts, asked)
  } catch (error) {
    if (!(error instanceof ApprovalRequired) || write.performIn === undefined) throw error
    throw (await askApproval(write, parts, asked)) ?? error
  }
}

/** Stores the write, as it would be performed now. Returns its refusal; undefined if it cannot be performed now. */
export async function askApproval(
  write: Write,
  parts: WriteParts,
  asked: WriteAsked,
): Promise<ObjectError | undefined> {
  const { events, reasons, plan: promised, store } = await tryOut(write, parts, asked)
  return promised === null ? undefined : keepApproval(store, { request: withoutKey(asked), promised, events, reasons })
}
