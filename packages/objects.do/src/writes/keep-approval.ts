// Stores a commit that needs consent, until a person decides about it.

import { ApprovalRequired, approvalMsMax, type ConsentReason, pendingMax, type TenantStore } from '@dotdo/do'
import { ObjectError } from 'digital-objects'
import type { Caller } from '../answers/caller.ts'
import type { Promised } from './keep-plan.ts'

export interface ToApprove {
  /** The request as its plan repeats it. */
  readonly request: { readonly caller: Caller }
  readonly promised: Promised
  /** The events that it would make, as JSON. */
  readonly events: readonly string[]
  readonly reasons: readonly ConsentReason[]
}

/** Limit the events that are kept for people to see. */
const eventsMax = 100
const eventCharactersMax = 200_000

/** Returns the refusal of the commit, which names the approval that it waits for; one without it if no more can wait. */
export function keepApproval({ requests, keys }: TenantStore, asked: ToApprove): ObjectError {
  const { reasons } = asked
  const required = new ApprovalRequired(reasons)
  if (requests.isRehearsal) return required
  const { bookmark: _bookmark, ...caller } = asked.request.caller
  const { who: actor, onBehalfOf, through } = caller.authority
  const { realMs } = requests
  const request = JSON.stringify({ ...asked.request, caller })
  const same = requests.approvals.same(actor, request, realMs)
  if (same !== undefined) return waiting(required, { id: same.id, expiresMs: same.expiresMs })
  const about = JSON.stringify({ reasons, ...shownEvents(asked.events) })
  const kept = requests.approvals.put({ ...asked.promised, request, actor, about, realMs })
  if ('refused' in kept) return noRoom(required, kept.refused)
  requests.changed()
  const calls = reasons.map(({ call }) => call).join()
  keys.audit.record({ kind: 'approval_asked', actor, onBehalfOf, key: through?.id, about: calls, target: kept.id })
  return waiting(required, { id: kept.id, expiresMs: realMs + approvalMsMax })
}

function shownEvents(events: readonly string[]): { readonly events: readonly unknown[]; readonly eventCount: number } {
  let characters = 0
  const shown = events.slice(0, eventsMax).filter((text) => (characters += text.length) <= eventCharactersMax)
  return { events: shown.map((text): unknown => JSON.parse(text)), eventCount: events.length }
}

function waiting(
  { message, reasons }: ApprovalRequired,
  { id, expiresMs }: { readonly id: string; readonly expiresMs: number },
): ObjectError {
  return new ObjectError({
    code: 'approval_required',
    message: `${message}; it waits as ${id} until a person approves it`,
    detail: { approval: id, expiresAt: new Date(expiresMs).toISOString(), reasons },
  })
}

function noRoom({ message, reasons }: ApprovalRequired, refused: 'size' | 'count' | 'room'): ObjectError {
  const why = {
    size: 'it is too large to wait for one; divide it',
    count: `and ${pendingMax} requests of this caller wait already`,
    room: 'and too many requests wait already',
  }[refused]
  return new ObjectError({ code: 'approval_required', message: `${message}; ${why}`, detail: { reasons } })
}
