// An approval as clients see it.

import type { Approval } from '@dotdo/do'
import type { Caller } from './caller.ts'

/** The approval as JSON: with the events that its commit would make if it `isWhole`. */
export function formatApproval(approval: Approval, { isWhole }: { readonly isWhole: boolean }): string {
  const { id, status, createdMs, expiresMs, decidedMs, decidedBy, note, commit, next } = approval
  const { reasons, events, eventCount } = JSON.parse(approval.about) as About // written when it was asked for
  const { caller } = JSON.parse(approval.request) as { readonly caller: Caller } // as well
  const { who, onBehalfOf, through } = caller.authority
  const shown = {
    id,
    status,
    requestedBy: who,
    ...(onBehalfOf === undefined ? {} : { onBehalfOf }),
    ...(through === undefined ? {} : { key: through.id }),
    via: caller.via,
    requestedAt: toIso(createdMs),
    expiresAt: toIso(expiresMs),
    reasons,
    eventCount,
    ...(isWhole ? { events } : {}),
    ...(decidedMs === undefined ? {} : { decidedAt: toIso(decidedMs) }),
    ...(decidedBy === undefined ? {} : { decidedBy }),
    ...(note === undefined ? {} : { note }),
    ...(commit === undefined ? {} : { commit }),
    ...(next === undefined ? {} : { next }),
  }
  return JSON.stringify(shown)
}

interface About {
  readonly reasons: readonly object[]
  readonly events: readonly object[]
  readonly eventCount: number
}

function toIso(ms: number): string {
  return new Date(ms).toISOString()
}
