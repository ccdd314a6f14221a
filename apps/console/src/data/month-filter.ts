// The filter of a range of days: from the first moment of the first day to that of the day after the last, in a time zone. A field
// of dates has no zone.

import type { Filter } from './filter-terms.ts'
import { dayStart } from './day-start.ts'
import { monthAfter } from './month-days.ts'

interface Dated {
  readonly name: string
  /** `date`, or that of a time. */
  readonly type?: string | undefined
}

/** Times that every record has. */
export const createdAt: Dated = { name: '$createdAt', type: 'datetime' }

/** `month` is such as `2026-03`. */
export function monthFilter(field: Dated, month: string, zone: string): Filter {
  return daysFilter(field, { first: `${month}-01`, after: `${monthAfter(month, 1)}-01` }, zone)
}

/** `after` is the first day that is not in the range. */
export function daysFilter(
  { name, type }: Dated,
  { first, after }: { readonly first: string; readonly after: string },
  zone: string,
): Filter {
  const border = (day: string): string => (type === 'date' ? day : dayStart(day, zone))
  return { [name]: { $gte: border(first), $lt: border(after) } }
}
