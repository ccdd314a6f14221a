// A principal of the tenant that acts by the server's own work, such as an agent whose runs the server makes. Its own id stands
// for its key, so its rights, limits and budget are those of now, and are checked again in the lane.

import { type BudgetKind, influencedBy, type TenantStore, unauthorized } from '@dotdo/do'
import type { Acting } from '@dotdo/service'
import type { Call } from 'digital-objects'
import type { Answer } from './answers/answer.ts'
import type { Caller } from './answers/caller.ts'
import { noteTextsRead } from './answers/note-texts-read.ts'

export interface ActingParts {
  readonly store: () => TenantStore
  readonly answer: (call: Call, caller: Caller) => Promise<Answer>
}

/** Writes that are used up are refused one by one. */
const paidKinds: readonly BudgetKind[] = ['tokens', 'cost']

export function actingAs(principal: string, { store, answer }: ActingParts): Acting {
  const { keys } = store()
  const verdict = store().isReady ? keys.verdictOf(principal) : undefined
  return {
    mayAct: verdict !== undefined,
    answer: async (call, { via, causedBy }) => {
      const { name = '', context, bookmark } = store()
      // A verdict is of now: another round, or another call of this one, may have taken rights away.
      const authority = keys.verdictOf(principal)?.authority
      if (authority === undefined) return { ok: false, error: unauthorized().toData(), bookmark }
      const caller = { tenant: name, context, authority, via, ...(causedBy === undefined ? {} : { causedBy }) }
      const answered = await answer(call, caller)
      noteTextsRead(store(), caller, { calls: [call], answers: [answered] })
      return answered
    },
    requireBudget: () => {
      const budget = keys.identity?.budgetOf?.(principal)
      if (budget !== undefined) keys.budgets.require(budget, store().nowMs, paidKinds)
    },
    hasReadStrangers: () => store().consent.origins.isInfluenced(influencedBy({ actor: principal, key: principal })),
  }
}
