// The part of `$.access` about approvals: commits that wait for the consent of a person, and the rules that demand it.

import { type ApprovalRule, isObject, type ObjectEvent } from 'digital-objects'
import { HeadlesslyError } from '../base/headlessly-error.ts'
import type { CallOptions } from '../calls/call-options.ts'
import type { Session } from '../calls/session.ts'

/** A commit that waits for the consent of a person, or has got it or not. */
export interface Approval {
  readonly id: string
  readonly status: 'Pending' | 'Approved' | 'Refused' | 'Outdated' | 'Expired'
  /** The caller who asked, as whom the commit is made. */
  readonly requestedBy: string
  readonly onBehalfOf?: string
  readonly key?: string
  readonly via: string
  readonly requestedAt: string
  readonly expiresAt: string
  readonly reasons: readonly { readonly rule: string; readonly call: string; readonly id: string }[]
  readonly eventCount: number
  /** The first events that the commit would make; lists leave them out. */
  readonly events?: readonly ObjectEvent[]
  readonly decidedAt?: string
  readonly decidedBy?: string
  readonly note?: string
  readonly commit?: number
  /** The answer that the request has now, right after its approval. */
  readonly result?: unknown
  /** The approval that took the place of this outdated one. */
  readonly next?: string
}

export interface Approvals {
  /** Returns the rules that say what needs the approval of a person. */
  approvalRules(options?: CallOptions): Promise<readonly ApprovalRule[]>
  setApprovalRules(rules: readonly ApprovalRule[], options?: CallOptions): Promise<readonly ApprovalRule[]>
  /** Returns the newest approvals, newest first. */
  approvals(options?: CallOptions & { readonly status?: Approval['status'] | undefined }): Promise<readonly Approval[]>
  approval(id: string, options?: CallOptions): Promise<Approval>
  /** Makes the commit as it was shown, once. */
  approve(id: string, options?: CallOptions): Promise<Approval>
  refuse(id: string, options?: CallOptions & { readonly reason?: string | undefined }): Promise<Approval>
}

interface Written {
  readonly verb: string
  readonly id?: string
  readonly body?: object
}

export function makeApprovals(session: () => Session): Approvals {
  const read = (name: string, parameters: Readonly<Record<string, string>>, { signal }: CallOptions) =>
    session().send({ kind: 'read', read: name, parameters }, signal)
  const write = ({ body = {}, ...call }: Written, { signal }: CallOptions) =>
    session().send({ kind: 'write', noun: '', ...call, body: JSON.stringify(body) }, signal)
  return {
    approvalRules: async (options = {}) => approvalsOf((await read('rules', {}, options)).body),
    setApprovalRules: async (approvals, options = {}) =>
      approvalsOf((await write({ verb: 'rules.put', body: { approvals } }, options)).body),
    approvals: async ({ status, ...options } = {}) => {
      const { body } = await read('approvals', status === undefined ? {} : { status }, options)
      return (checked(body, 'results') as { readonly results: readonly Approval[] }).results
    },
    approval: async (id, { signal } = {}) => {
      const call = { kind: 'read', read: 'approval', id, parameters: {} } as const
      return checked((await session().send(call, signal)).body, 'status') as Approval
    },
    approve: async (id, options = {}) =>
      checked((await write({ verb: 'approvals.approve', id }, options)).body, 'status') as Approval,
    refuse: async (id, { reason, ...options } = {}) => {
      const given = reason === undefined ? {} : { reason }
      return checked((await write({ verb: 'approvals.refuse', id, body: given }, options)).body, 'status') as Approval
    },
  }
}

function approvalsOf(body: unknown): readonly ApprovalRule[] {
  return (checked(body, 'approvals') as { readonly approvals: readonly ApprovalRule[] }).approvals
}

/** The form of the answer is the server's own; one of its members shows that it is the answer. */
export function checked(body: unknown, member: string): object {
  if (isObject(body) && member in body) return body
  throw new HeadlesslyError({ code: 'unexpected_answer', message: `expected '${member}' from the server` })
}
