// The decisions of people about the proposals of a run. A run that has answered waits until all of them are decided.

import type { ApprovalState, ObjectParts } from '@dotdo/service'
import { isPlainObject, type JsonValue } from 'digital-objects'
import type { ChatMessage } from '../model/model.ts'

type ApprovalParts = Pick<ObjectParts, 'approval'>

export interface Decisions {
  /** Whether there was nothing to decide. */
  readonly isEmpty: boolean
  /** The proposals with the decision of each. */
  readonly proposals: readonly JsonValue[]
  /** Whether a person has approved one since the last time. */
  readonly hasApproved: boolean
  /** Tells the model what was decided. */
  readonly message: ChatMessage
  /** Tells people the same. */
  readonly summary: string
}

/** The time until which the earliest undecided proposal can be decided; undefined if there is none. */
export function pendingUntilMs(parts: ApprovalParts, proposals: readonly JsonValue[]): number | undefined {
  const times = undecidedOf(proposals).flatMap(({ approval }) => {
    const state = parts.approval(approval)
    return state?.status === 'Pending' ? [state.expiresMs] : []
  })
  return times.length === 0 ? undefined : Math.min(...times)
}

/** Returns undefined while a person has to decide about a proposal. */
export function decisionsOf(parts: ApprovalParts, proposals: readonly JsonValue[]): Decisions | undefined {
  if (pendingUntilMs(parts, proposals) !== undefined) return undefined
  const decided = undecidedOf(proposals).map(({ approval }) => ({ approval, state: parts.approval(approval) }))
  const lines = decided.map(({ approval, state }) => `${approval} ${describe(state)}`)
  const statusOf = new Map(decided.map(({ approval, state }) => [approval, state?.status ?? 'Expired']))
  return {
    isEmpty: decided.length === 0,
    proposals: proposals.map((proposal) => {
      const status = isUndecided(proposal) ? statusOf.get(proposal.approval) : undefined
      return status === undefined || !isPlainObject(proposal) ? proposal : { ...proposal, status }
    }),
    hasApproved: decided.some(({ state }) => state?.status === 'Approved'),
    message: {
      role: 'user',
      content: `People have decided about your proposals:\n${lines.join('\n')}\nGo on with the task. An approved write has been made: do not make it again. Do not propose again what was refused.`,
    },
    summary: lines.join('; '),
  }
}

function describe(state: ApprovalState | undefined): string {
  if (state === undefined) return 'no longer exists'
  const { status, decidedBy, note, commit } = state
  const why = note === undefined ? '' : `: ${note}`
  if (status === 'Approved') return `was approved by ${decidedBy ?? 'a person'}, as commit ${commit ?? '?'}`
  if (status === 'Refused') return `was refused by ${decidedBy ?? 'a person'}${why}`
  return status === 'Outdated' ? 'was not made, since what it depends on has changed' : 'has expired'
}

interface Undecided {
  readonly approval: string
}

function undecidedOf(proposals: readonly JsonValue[]): readonly Undecided[] {
  return proposals.filter(isUndecided)
}

/** The server has stored it, with its status once it was decided. */
function isUndecided(proposal: JsonValue): proposal is JsonValue & Undecided {
  return isPlainObject(proposal) && typeof proposal['approval'] === 'string' && proposal['status'] === undefined
}
