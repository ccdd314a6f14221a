// Asks the person behind a client whether a change may be made (elicitation), and carries the answer out. The question's state
// is the id of the approval, which the tenant's object has bound to its caller, so the arguments of the second call count nothing.

import { acceptedContent, inputRequired, type InputRequiredResult } from '@modelcontextprotocol/server'
import { isPlainObject } from 'digital-objects'
import { describeChanges } from './describe-changes.ts'
import type { AskTenant, TenantReply } from './tenant-requests.ts'
import { acceptedBody, describeProblem, type ToolAnswer, ToolError } from './tool-answer.ts'

const key = 'approve'
const idPattern = /^approval_[0-9A-Za-z]{12,64}$/

/** A change waits for the consent of a person. */
export class ApprovalNeeded extends ToolError {
  readonly approval: string
  readonly question: string

  constructor(message: string, { approval, question }: { readonly approval: string; readonly question: string }) {
    super(message)
    this.approval = approval
    this.question = question
  }
}

/** Throws ApprovalNeeded for the refusal of a change that waits now. */
export async function throwIfApprovalNeeded(ask: AskTenant, { isOk, body }: TenantReply): Promise<void> {
  const { approval } = body
  if (isOk || body['code'] !== 'approval_required' || typeof approval !== 'string') return
  const { events, reasons } = acceptedBody(await ask({ path: ['approvals', approval] }))
  const rules = (Array.isArray(reasons) ? reasons : []).filter(isPlainObject).map(({ rule }) => String(rule))
  const lines = describeChanges(events).join('\n')
  throw new ApprovalNeeded(`${describeProblem(body)} (fetch with type Approval and this id)`, {
    approval,
    question: `Make this change? The rule ${[...new Set(rules)].join(', ')} asks for your consent.\n${lines}`,
  })
}

export function askPerson({ approval, question }: ApprovalNeeded): InputRequiredResult {
  const approve = { type: 'boolean', title: 'Approve', description: 'Make the change exactly as shown' } as const
  return inputRequired({
    inputRequests: {
      [key]: inputRequired.elicit({
        message: question,
        requestedSchema: { type: 'object', properties: { [key]: approve }, required: [key] },
      }),
    },
    requestState: approval,
  })
}

/** An answer that does not approve is a refusal. */
export async function takeAnswer(
  ask: AskTenant,
  approval: string,
  responses: Record<string, unknown> | undefined,
): Promise<ToolAnswer> {
  if (!idPattern.test(approval)) throw new ToolError('the state of this call is not one of this server')
  if (acceptedContent(responses, key)?.[key] !== true) {
    const body = { reason: 'the person did not consent' }
    acceptedBody(await ask({ method: 'POST', path: ['approvals', approval, 'refuse'], body }))
    throw new ToolError('the person did not consent, so nothing was changed')
  }
  const done = acceptedBody(
    await ask({ method: 'POST', path: ['approvals', approval, 'approve'], body: {}, answers: approval }),
  )
  const { result, events } = done
  return {
    result: isPlainObject(result) && 'result' in result ? result['result'] : (result ?? null),
    commit: Number(done['commit']),
    changes: describeChanges(events),
    approvedBy: String(done['decidedBy']),
  }
}
