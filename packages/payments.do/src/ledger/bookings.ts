// The bookings of a change of a document: their amounts, and the day to which they belong.

import { type EntityFields, isSameJson } from 'digital-objects'
import type { Amounts } from './accounts.ts'
import { type BookedNoun, type Contribution, contributionsOf, differenceOf } from './contribution.ts'

export interface Booking {
  /** ISO 4217 code; undefined for a document without one, whose amounts are in the currency of the tenant. */
  readonly currency: string | undefined
  /** The time to which it belongs, as the document says; undefined if the document has no time for it. */
  readonly bookedAt: string | undefined
  readonly amounts: Amounts
}

export interface DocumentChange {
  readonly noun: BookedNoun
  /** The document before and after; undefined for one that did not exist or was deleted. */
  readonly before: EntityFields | undefined
  readonly after: EntityFields | undefined
}

/** The times of a document that say when its amounts changed; the first of them that a change sets counts. */
const times: Readonly<Record<BookedNoun, readonly string[]>> = {
  Invoice: ['voidedAt', 'uncollectibleAt', 'creditedAt', 'issuedAt', 'paidAt'],
  Payment: ['capturedAt'],
  Refund: ['failedAt', 'canceledAt', 'refundedAt'],
  // No provider says when a dispute was lost: that belongs to the time at which it became known.
  Dispute: ['reinstatedAt', 'withdrawnAt'],
}

/** Returns no bookings if the accounts stay as they are. */
export function bookingsOf(change: DocumentChange): readonly Booking[] {
  const { before, after } = change
  // A correction of the currency takes the amounts out of the accounts of the one and into those of the other, when it is made.
  const isCorrection = before !== undefined && after !== undefined && before['currency'] !== after['currency']
  if (isCorrection) return bookStage(change).map((booking) => ({ ...booking, bookedAt: undefined }))
  return stages(change).flatMap(bookStage)
}

function bookStage(stage: DocumentChange): readonly Booking[] {
  const { noun, before, after } = stage
  const [from, to] = [contributionsOf(noun, before), contributionsOf(noun, after)]
  const currencies = new Set([...from, ...to].map(({ currency }) => currency))
  return [...currencies].flatMap((currency) => {
    const amounts = differenceOf(amountsIn(from, currency), amountsIn(to, currency))
    return Object.keys(amounts).length === 0 ? [] : [{ currency, bookedAt: timeOf(stage), amounts }]
  })
}

function amountsIn(contributions: readonly Contribution[], currency: string | undefined): Amounts {
  return contributions.find((one) => one.currency === currency)?.amounts ?? {}
}

/** An invoice that was loaded in a late state is issued first, at its own time. For any other, the second stage books nothing. */
function stages(change: DocumentChange): readonly DocumentChange[] {
  const { noun, before, after } = change
  if (noun !== 'Invoice' || after === undefined || isBooked(noun, before) || !isBooked(noun, after)) return [change]
  const { voidedAt: _voided, uncollectibleAt: _uncollectible, creditedAt: _credited, ...open } = after
  const issued = { ...open, status: 'Open', creditedAmount: 0, creditedAfterPayment: 0 }
  return [
    { noun, before, after: issued },
    { noun, before: issued, after },
  ]
}

function isBooked(noun: BookedNoun, document: EntityFields | undefined): boolean {
  return contributionsOf(noun, document).some(({ amounts }) => Object.keys(amounts).length > 0)
}

function timeOf({ noun, before, after }: DocumentChange): string | undefined {
  for (const name of times[noun]) {
    const value = after?.[name]
    if (typeof value === 'string' && !isSameJson(value, before?.[name] ?? null)) return value
  }
  return undefined
}
