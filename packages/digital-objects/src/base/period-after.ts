// The end of the next billing period. Months are calendar months: a period that starts on the 31st ends on the last day
// of a shorter month, and the one after that ends on the 31st again.

import { formatDatetime } from './datetime.ts'
import { daysInMonth } from './days-in-month.ts'

/**
 * `start` and `end` are RFC 3339 timestamps. If the period is not a whole number of months, the next one has the same
 * length in milliseconds. Returns undefined if the period ends before it starts, or the next one ends after the year 9999.
 */
export function periodAfter({ start, end }: { readonly start: string; readonly end: string }): string | undefined {
  const [from, to] = [new Date(start), new Date(end)]
  if (!(from < to)) return undefined
  const months = wholeMonths(from, to)
  if (months === undefined) return formatDatetime(2 * to.getTime() - from.getTime())
  const next = new Date(to)
  next.setUTCDate(1)
  next.setUTCMonth(next.getUTCMonth() + months)
  next.setUTCDate(Math.min(anchorDay(from, to), daysInMonth(next)))
  return formatDatetime(next.getTime())
}

function wholeMonths(from: Date, to: Date): number | undefined {
  const months = (to.getUTCFullYear() - from.getUTCFullYear()) * 12 + to.getUTCMonth() - from.getUTCMonth()
  const day = anchorDay(from, to)
  const isOnAnchor = [from, to].every((date) => date.getUTCDate() === Math.min(day, daysInMonth(date)))
  const isSameTime = from.getTime() % 86_400_000 === to.getTime() % 86_400_000
  return months > 0 && isOnAnchor && isSameTime ? months : undefined
}

/** Returns the billing day: the later day of the two, since a shorter month may have cut the other. */
function anchorDay(from: Date, to: Date): number {
  return Math.max(from.getUTCDate(), to.getUTCDate())
}
