// The end of the next billing period. Months are calendar months: from the 31st the next ends on the last day of a
// shorter month, and on the 31st again after it.

import { formatDatetime } from './datetime.ts'
import { daysInMonth } from './days-in-month.ts'

/**
 * `start` and `end` are moments as RFC 3339. A period that is no whole number of months is followed by one of as many
 * milliseconds; one that ends before it starts, or would end after the year 9999, by none.
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

/** The day that both ends stand for: the later of the two, which the shorter month may have cut. */
function anchorDay(from: Date, to: Date): number {
  return Math.max(from.getUTCDate(), to.getUTCDate())
}
