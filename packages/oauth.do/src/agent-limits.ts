// The limits of an agent besides those of its person: mode, capabilities, scopes, an end, and a budget for each day. They are fields of `Agent`.

import type { Amounts, Budget } from '@dotdo/service'
import type { EntityFields } from 'digital-objects'

/** Fields that only a caller with full authority may set. */
export const agentLimits = [
  'mode',
  'capabilities',
  'scopes',
  'expiresAt',
  'writesPerDay',
  'tokensPerDay',
  'costPerDay',
] as const

/** Returns undefined for an agent without a budget. */
export function budgetOf(agent: string, fields: EntityFields): Budget | undefined {
  const { writesPerDay: writes, tokensPerDay: tokens, costPerDay: cost } = fields
  const limits = toAmounts({ writes, tokens, cost })
  return Object.keys(limits).length === 0 ? undefined : { of: agent, limits }
}

/** Returns what a change of an agent reports as used, if that has a limit. A total that shrinks reports nothing. */
export function reportedUse(
  agent: string,
  { before = {}, after }: { readonly before: EntityFields | undefined; readonly after: EntityFields | undefined },
): { readonly of: string; readonly amounts: Amounts } | undefined {
  if (after === undefined) return undefined
  const { tokens, cost } = budgetOf(agent, after)?.limits ?? {}
  const amounts = toAmounts({
    tokens: tokens === undefined ? null : growth(before['totalTokens'], after['totalTokens']),
    cost: cost === undefined ? null : growth(before['totalCost'], after['totalCost']),
  })
  return Object.keys(amounts).length === 0 ? undefined : { of: agent, amounts }
}

type Value = EntityFields[string] | undefined

function growth(before: Value, after: Value): number | null {
  const grown = (typeof after === 'number' ? after : 0) - (typeof before === 'number' ? before : 0)
  return grown > 0 ? grown : null
}

function toAmounts(values: Readonly<Partial<Record<keyof Amounts, Value>>>): Amounts {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => typeof value === 'number'))
}
