// `approvals.approve` and `approvals.refuse`: a person decides about a commit that waits for consent. Approval performs it in
// the same transaction, exactly as the person has seen it, as the caller who asked.

import type { Approval, Committing } from '@dotdo/do'
import { ObjectError } from 'digital-objects'
import { formatApproval } from '../answers/approval-text.ts'
import type { Caller } from '../answers/caller.ts'
import { findApproval } from '../answers/find-approval.ts'
import { mayWithdraw, requireApprover } from '../answers/require-approver.ts'
import { jsonResponse, ref } from '../openapi/components.ts'
import { commitCall } from '../writes/commit-call.ts'
import { parseBody } from '../writes/parse-body.ts'
import type { Write, WriteAsked, WriteParts, WriteResult } from '../writes/write.ts'
import { askApproval } from './ask-approval.ts'
import { carryOut, Outdated } from './carry-out.ts'
import { isProgram, type PlannedRequest } from './planned-request.ts'
import { PromisedIds } from './promised-ids.ts'
import { withoutSession } from './without-session.ts'

const noteCharactersMax = 500

const decision = {
  kind: 'write',
  parameters: {},
  responses: () => ({ 200: jsonResponse('The approval', ref('Approval')) }),
  isWhole: true,
} as const

export const approve: Write = {
  ...decision,
  name: 'approvals.approve',
  about: 'Approve a commit that waits for consent, which performs it once as it was shown',
  routes: [{ methods: ['POST'], path: '/approvals/{id}/approve' }],
  listedAs: { tag: 'approvals', operationId: 'approvals.approve' },

  async perform(parts, asked) {
    const { approval } = find(parts, asked)
    const ids = new PromisedIds(approval.ids)
    const options = { nextId: ids.next, consent: 'given' } as const
    try {
      return await commitCall(parts, { ...asked, options }, (commit) => {
        ids.reset()
        return perform(commit, parts, asked)
      })
    } catch (error) {
      if (error instanceof Outdated) throw await outdated(parts, { error, asked, approval })
      if (error instanceof ObjectError && error.code === 'unauthorized') throw goneAsker(parts, approval)
      throw error
    }
  },
}

export const refuse: Write = {
  ...decision,
  name: 'approvals.refuse',
  about: 'Refuse a commit that waits for consent, or withdraw an own one',
  routes: [{ methods: ['POST'], path: '/approvals/{id}/refuse' }],
  listedAs: { tag: 'approvals', operationId: 'approvals.refuse' },
  body: { isRequired: false, schema: () => ref('ApprovalRefusal') },

  async perform(parts, asked) {
    const note = parseNote(asked.call.body)
    const { approval, request } = find(parts, asked)
    const { caller } = asked
    if (!mayWithdraw(caller, request.caller)) requireApprover(caller, { id: approval.id, asked: request.caller })
    if (!decide(parts, { approval, by: caller, status: 'Refused', note })) throw decidedBefore(approval)
    return shown(parts, asked)
  },
}

interface Found {
  readonly approval: Approval
  readonly request: PlannedRequest
}

/** Throws an ObjectError `not_found` unless the caller may see it. */
function find({ store }: WriteParts, { call, caller }: WriteAsked): Found {
  const approval = findApproval(store, { id: call.id, caller })
  return { approval, request: JSON.parse(approval.request) as PlannedRequest } // stored when it was asked for
}

/** Runs in the lane, so that of several people at once one approves. */
function perform(commit: Committing, parts: WriteParts, asked: WriteAsked): WriteResult {
  const { store } = parts
  const { approval, request } = find(parts, asked)
  const { caller } = asked
  requireApprover(caller, { id: approval.id, asked: request.caller })
  if (approval.status !== 'Pending') throw decidedBefore(approval)
  const isPromised = (outcome: string): boolean => store.requests.approvals.isPromised(approval.id, outcome)
  const planned = { plan: approval, request: withoutSession(request, store), isPromised }
  const { body: result } = carryOut(commit, parts, { planned, approvedBy: caller.authority.who })
  if (!decide(parts, { approval, by: caller, status: 'Approved', commit: commit.number })) throw decidedBefore(approval)
  const { body } = shown(parts, asked)
  return { body: `${body.slice(0, -1)},"result":${result === '' ? 'null' : result}}`, commit: commit.number }
}

interface Decided {
  readonly approval: Approval
  readonly by: Caller
  readonly status: 'Approved' | 'Refused' | 'Outdated'
  readonly note?: string | undefined
  readonly commit?: number
}

/** Returns false if somebody else has decided before. */
function decide({ store }: WriteParts, { approval, by, ...decided }: Decided): boolean {
  const { requests, keys } = store
  const { who, onBehalfOf, through } = by.authority
  const isMine = requests.approvals.decide(approval.id, { ...decided, by: who, realMs: requests.realMs })
  const kind = ({ Approved: 'approved', Refused: 'approval_refused', Outdated: 'approval_outdated' } as const)[
    decided.status
  ]
  if (!isMine) return false
  requests.approvalEnded()
  keys.audit.record({ kind, actor: who, onBehalfOf, key: through?.id, about: approval.actor, target: approval.id })
  return true
}

/** Ends the approval, and asks again for what the request would do now. The code of a program is not kept. */
async function outdated(
  parts: WriteParts,
  { error, asked, approval }: { readonly error: Outdated; readonly asked: WriteAsked; readonly approval: Approval },
): Promise<ObjectError> {
  const { request, reason } = error
  const { approvals } = parts.store.requests
  decide(parts, { approval, by: asked.caller, status: 'Outdated' })
  const again = isProgram(request) ? undefined : await askApproval(parts.calls.findWrite(request.call), parts, request)
  const next = again?.detail?.['approval']
  if (typeof next === 'string') approvals.replaceBy(approval.id, next)
  const offered = typeof next === 'string' ? `; ${next} shows what it would do now` : '; whoever asked has to ask again'
  return new ObjectError({
    code: 'plan_outdated',
    message: `the commit would not do what it has shown, since ${reason?.message ?? 'something it depends on has changed'}: nothing was changed${offered}`,
    ...(typeof next === 'string' ? { detail: { approval: next } } : {}),
  })
}

/** Nobody gets more by asking early: whoever may do nothing now, does nothing later. */
function goneAsker(parts: WriteParts, approval: Approval): ObjectError {
  const { requests } = parts.store
  const note = 'the key or the sign-in of the one who asked is no longer valid'
  requests.approvals.decide(approval.id, { status: 'Refused', by: 'system', realMs: requests.realMs, note })
  requests.approvalEnded()
  return new ObjectError({ code: 'conflict', field: 'id', message: `${note}: nothing was changed` })
}

function shown({ store }: WriteParts, { call, caller }: WriteAsked): WriteResult {
  return { body: formatApproval(findApproval(store, { id: call.id, caller }), { isWhole: true }) }
}

function parseNote(text: string): string | undefined {
  const { reason, ...unknown } = parseBody(text)
  const [stray] = Object.keys(unknown)
  if (stray !== undefined) throw invalid(stray.slice(0, 64), 'is unknown: expected reason')
  if (reason === undefined || reason === null) return undefined
  if (typeof reason !== 'string' || reason.length > noteCharactersMax || !reason.isWellFormed())
    throw invalid('reason', `expects a text of at most ${noteCharactersMax} characters`)
  return reason
}

function invalid(field: string, message: string): ObjectError {
  return new ObjectError({ code: 'validation_error', field, message: `${field} ${message}` })
}

function decidedBefore({ id, status, commit, decidedBy }: Approval): ObjectError {
  const how =
    status === 'Expired' || status === 'Pending' ? 'has expired' : `is ${status.toLowerCase()} by ${decidedBy}`
  const detail = commit === undefined ? {} : { detail: { commit } }
  return new ObjectError({ code: 'conflict', field: 'id', message: `${id} ${how}; it is decided once`, ...detail })
}
