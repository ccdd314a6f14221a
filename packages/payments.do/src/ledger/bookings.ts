// The bookings of a change of a document: their amounts, and the day to which they belong.

import { type EntityFields, isSameJson } from 'digital-objects'
import type { Amounts } from './accounts.ts'
import { type BookedNoun, contributionOf, differenceOf } from './contribution.ts'

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
}

/** Returns no bookings if the accounts stay as they are. */
export function bookingsOf(change: DocumentChange): readonly Booking[] {
  const { noun, before, after } = change
  const [from, to] = [currencyOf(before), currencyOf(after)]
  // A correction of the currency takes the amounts out of the accounts of the one and into those of the other.
  if (before !== undefined && after !== undefined && from !== to)
    return [
      ...bookStage({ noun, before, after: undefined }, from),
      ...bookStage({ noun, before: undefined, after }, to).map((booking) => ({ ...booking, bookedAt: undefined })),
    ]
  return stages(change).flatMap((stage) => bookStage(stage, to ?? from))
}

function bookStage(stage: DocumentChange, currency: string | undefined): readonly Booking[] {
  const { noun, before, after } = stage
  const amounts = differenceOf(contributionOf(noun, before), contributionOf(noun, after))
  return Object.keys(amounts).length === 0 ? [] : [{ currency, bookedAt: timeOf(stage), amounts }]
}

function currencyOf(document: EntityFields | undefined): string | undefined {
  const currency = document?.['currency']
  return typeof currency === 'string' ? currency : undefined
}

/** An invoice that was loaded in a late state is issued first, at its own time. For any other, the second stage books nothing. */
function stages(change: DocumentChange): readonly DocumentChange[] {
  const { noun, before, after } = change
  const isNew = Object.keys(contributionOf(noun, before)).length === 0
  if (noun !== 'Invoice' || !isNew || after === undefined) return [change]
  if (Object.keys(contributionOf(noun, after)).length === 0) return [change]
  const { voidedAt: _voided, uncollectibleAt: _uncollectible, creditedAt: _credited, ...open } = after
  const issued = { ...open, status: 'Open', creditedAmount: 0, creditedAfterPayment: 0 }
  return [
    { noun, before, after: issued },
    { noun, before: issued, after },
  ]
}

function timeOf({ noun, before, after }: DocumentChange): string | undefined {
  for (const name of times[noun]) {
    const value = after?.[name]
    if (typeof value === 'string' && !isSameJson(value, before?.[name] ?? null)) return value
  }
  return undefined
}
