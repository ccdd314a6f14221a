// The money that a dispute moves at Stripe: its amount is withdrawn when the dispute begins, and reinstated if it is won. The fee is
// beside it, in the currency of the account.

import type { Values } from './object-fields.ts'
import type { StripeObject } from './stripe-api.ts'
import { listAt, numberAt, textAt, timeAt } from './stripe-value.ts'

const nothing = {
  withdrawnAmount: null,
  withdrawnAt: null,
  reinstatedAmount: null,
  reinstatedAt: null,
  fee: null,
  feeCurrency: null,
} as const satisfies Values

/** Returns the fields of the entity: amounts in the currency of the dispute, and the fee in its own. */
export function disputeFunds(object: StripeObject): Values {
  if (!Array.isArray(object['balance_transactions'])) return presumedFunds(object)
  const moved = listAt(object, 'balance_transactions')
  const currency = textAt(moved[0] ?? {}, 'currency')
  const disputed = numberAt(object, 'amount') ?? 0
  /** An account in another currency has moved the amount at a rate of the day, which says nothing of the amount here. */
  const amountOf = (parts: readonly StripeObject[]): number =>
    currency === textAt(object, 'currency') ? Math.abs(sumOf(parts, 'amount')) : disputed
  const out = moved.filter((one) => (numberAt(one, 'amount') ?? 0) < 0)
  const back = moved.filter((one) => (numberAt(one, 'amount') ?? 0) > 0)
  const fee = Math.max(0, sumOf(moved, 'fee'))
  return {
    ...nothing,
    ...(out.length === 0 ? {} : { withdrawnAmount: amountOf(out), withdrawnAt: timeOf(out) }),
    ...(back.length === 0 ? {} : { reinstatedAmount: amountOf(back), reinstatedAt: timeOf(back) }),
    ...(fee === 0 || currency === undefined ? {} : { fee, feeCurrency: currency.toUpperCase() }),
  }
}

const withdrawing: readonly string[] = ['needs_response', 'under_review', 'lost']

/** Without the movements, the state says what must have become of the amount; an inquiry moves nothing. */
function presumedFunds(object: StripeObject): Values {
  if (!withdrawing.includes(textAt(object, 'status') ?? '')) return nothing
  const withdrawnAt = timeAt(object, 'created') ?? null
  return { ...nothing, withdrawnAmount: numberAt(object, 'amount') ?? 0, withdrawnAt }
}

function sumOf(parts: readonly StripeObject[], name: 'amount' | 'fee'): number {
  return parts.reduce((sum, part) => sum + (numberAt(part, name) ?? 0), 0)
}

function timeOf(parts: readonly StripeObject[]): string | null {
  return timeAt(parts[0] ?? {}, 'created') ?? null
}
