// The server's own work for a principal of the tenant, such as a run of an agent. Its id stands for its key, so its rights, limits
// and budget are those of now, and are checked again in the lane.

import { type Budget, type BudgetKind, influencedBy, type TenantStore, unauthorized } from '@dotdo/do'
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

export function actingAs(work: string, { store, answer }: ActingParts): Acting {
  const authorityNow = (): Caller['authority'] | undefined =>
    store().isReady ? store().keys.verdictOf(work)?.authority : undefined
  /** A key has the budget of its agent. */
  const budgetNow = (): Budget | undefined =>
    store().isReady ? (store().keys.verdictOf(work)?.budget ?? store().keys.identity?.budgetOf?.(work)) : undefined
  return {
    mayAct: authorityNow() !== undefined,
    answer: async (call, { via, causedBy }) => {
      const { name = '', context, bookmark } = store()
      // A verdict is of now: another round, or another call of this one, may have taken rights away.
      const authority = authorityNow()
      if (authority === undefined) return { ok: false, error: unauthorized().toData(), bookmark }
      const caller = { tenant: name, context, authority, via, ...(causedBy === undefined ? {} : { causedBy }) }
      inherit(store(), authority.who, work)
      const answered = await answer(call, caller)
      if (noteTextsRead(store(), caller, { calls: [call], answers: [answered] }))
        store().consent.origins.influence(principalOf(authority.who))
      return answered
    },
    requireBudget: () => {
      const { keys, nowMs } = store()
      const budget = budgetNow()
      if (budget !== undefined) keys.budgets.require(budget, nowMs, paidKinds)
    },
    spend: (amounts) => {
      const { keys, nowMs } = store()
      const budget = budgetNow()
      if (budget !== undefined) keys.budgets.spend({ of: budget.of, amounts }, nowMs)
    },
    hasReadStrangers: () => {
      const who = authorityNow()?.who
      if (who === undefined) return false
      inherit(store(), who, work)
      return store().consent.origins.isInfluenced(influencedBy({ actor: who, key: work }))
    },
  }
}

/** The mark of a principal over all of its works, which share what it has learned. */
function principalOf(who: string): string {
  return influencedBy({ actor: who, key: who })
}

/** What a principal has read in another of its works counts in this one too. */
function inherit({ consent: { origins } }: TenantStore, who: string, work: string): void {
  const own = influencedBy({ actor: who, key: work })
  if (!origins.isInfluenced(own) && origins.isInfluenced(principalOf(who))) origins.influence(own)
}
