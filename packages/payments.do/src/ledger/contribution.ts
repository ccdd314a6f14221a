// The amounts that a document of money adds to the accounts, as a pure function of its state. An event books the difference between
// the states before and after it, so that the accounts always equal the documents.

import { type EntityFields, unreachable } from 'digital-objects'
import { type Amounts, accountNames } from './accounts.ts'

/** The Nouns of documents that are booked. A credit note is booked with its invoice, which has the sums of its credits. */
export const bookedNouns = ['Invoice', 'Payment', 'Refund', 'Dispute'] as const

export type BookedNoun = (typeof bookedNouns)[number]

/** Amounts in one currency; it is undefined for a document without one, whose amounts are in the currency of the tenant. */
export interface Contribution {
  readonly currency: string | undefined
  readonly amounts: Amounts
}

/** Amounts in each currency once. `undefined` stands for a document that does not exist. */
export function contributionsOf(noun: BookedNoun, fields: EntityFields | undefined): readonly Contribution[] {
  if (fields === undefined) return []
  const currency = currencyOf(fields, 'currency')
  switch (noun) {
    case 'Invoice':
      return [{ currency, amounts: invoiceAmounts(fields) }]
    case 'Payment':
      return [{ currency, amounts: paymentAmounts(fields) }]
    case 'Refund':
      return [{ currency, amounts: refundAmounts(fields) }]
    case 'Dispute': {
      const [disputed, fee] = [disputeAmounts(fields), feeAmounts(fields)]
      const feeCurrency = currencyOf(fields, 'feeCurrency') ?? currency
      if (feeCurrency !== currency)
        return [
          { currency, amounts: disputed },
          { currency: feeCurrency, amounts: fee },
        ]
      return [{ currency, amounts: { ...disputed, ...fee, cash: (disputed.cash ?? 0) + (fee.cash ?? 0) } }]
    }
    default:
      return unreachable(noun)
  }
}

function currencyOf(fields: EntityFields, name: string): string | undefined {
  const currency = fields[name]
  return typeof currency === 'string' ? currency : undefined
}

/** Returns `after - before`, without accounts that do not change. */
export function differenceOf(before: Amounts, after: Amounts): Amounts {
  const changed = accountNames.flatMap((name) => {
    const amount = (after[name] ?? 0) - (before[name] ?? 0)
    return amount === 0 ? [] : [[name, amount] as const]
  })
  return Object.fromEntries(changed)
}

const isFinalized = new Set<unknown>(['Open', 'Paid', 'Voided', 'Uncollectible'])

function invoiceAmounts(fields: EntityFields): Amounts {
  const { status } = fields
  if (!isFinalized.has(status)) return {}
  const amount = (name: string): number => amountOf(fields, name)
  const [total, tax] = [amount('total'), amount('tax') + amount('includedTax')]
  const [creditedAmount, creditedAfterPayment] = [amount('creditedAmount'), amount('creditedAfterPayment')]
  const credited = creditedAmount + creditedAfterPayment
  const creditedTax = shareOf(tax, { part: credited, whole: total })
  const credits = credited - creditedTax
  // A voided invoice owes nothing; what it had credited stays visible beside as much revenue.
  if (status === 'Voided') return { revenue: -credits, credits }
  const badDebts = status === 'Uncollectible' ? total - amount('amountPaid') - creditedAmount : 0
  return {
    receivables: total - creditedAmount - badDebts,
    customerCredits: -creditedAfterPayment,
    taxPayable: creditedTax - tax,
    revenue: tax - total,
    credits,
    badDebts,
  }
}

function paymentAmounts(fields: EntityFields): Amounts {
  const { status, invoice } = fields
  // What is refunded is a document of its own.
  if (status !== 'Succeeded' && status !== 'Refunded') return {}
  const amount = amountOf(fields, 'amount')
  return { cash: amount, [invoice === undefined ? 'unallocatedPayments' : 'receivables']: -amount }
}

function refundAmounts(fields: EntityFields): Amounts {
  const { status, invoice, creditNote } = fields
  if (status !== 'Succeeded') return {}
  const amount = amountOf(fields, 'amount')
  const account =
    creditNote !== undefined ? 'customerCredits' : invoice === undefined ? 'unallocatedPayments' : 'refunds'
  return { cash: -amount, [account]: amount }
}

/** Money that a dispute has taken back waits for the decision, and is lost with the dispute. */
function disputeAmounts(fields: EntityFields): Amounts {
  const taken = amountOf(fields, 'withdrawnAmount') - amountOf(fields, 'reinstatedAmount')
  return { cash: -taken, [fields['status'] === 'Lost' ? 'disputeLosses' : 'disputedPayments']: taken }
}

function feeAmounts(fields: EntityFields): Amounts {
  const fee = amountOf(fields, 'fee')
  return { cash: -fee, disputeFees: fee }
}

function amountOf(fields: EntityFields, name: string): number {
  const value = fields[name]
  return typeof value === 'number' ? value : 0
}

/** Returns the share of an amount that belongs to a part of the whole, rounded half away from zero. */
function shareOf(amount: number, { part, whole }: { readonly part: number; readonly whole: number }): number {
  if (whole === 0 || part === 0 || amount === 0) return 0
  // The product of two amounts may exceed what a number holds exactly.
  const [numerator, denominator] = [2n * BigInt(amount) * BigInt(part) + BigInt(whole), 2n * BigInt(whole)]
  return Number(numerator / denominator)
}
