// Durations on the calendar of a time zone: a month or a day later is at the same local time.

import { daysInMonth } from '../base/days-in-month.ts'
import type { Duration } from '../base/duration.ts'
import { instantOf, localTime } from './zone.ts'

const dayMs = 86_400_000
const monthMs = 30.4375 * dayMs

/** Adds months, then whole days, then the rest. A day beyond the end of its month becomes the last day. */
export function addInZone(zone: string, atMs: number, { months, ms }: Duration): number {
  const days = Math.floor(ms / dayMs)
  if (months === 0 && days === 0) return atMs + ms
  const { year, month, day, ...time } = localTime(zone, atMs)
  const target = new Date(Date.UTC(year, month - 1 + months))
  const date = Math.min(day, daysInMonth(target)) + days
  const instant = instantOf(zone, {
    year: target.getUTCFullYear(),
    month: target.getUTCMonth() + 1,
    day: date,
    ...time,
  })
  return instant + (ms % dayMs) + (((atMs % 1_000) + 1_000) % 1_000)
}

/** Returns the first of the times `from`, `from` plus the duration, plus twice the duration and so on that is after an instant. */
export function repeatedTime(
  zone: string,
  { fromMs, every, afterMs }: { readonly fromMs: number; readonly every: Duration; readonly afterMs: number },
): number {
  const lengthMs = every.months * monthMs + every.ms
  // Months and days differ from their mean by less than this many repetitions.
  const guess = Math.floor((afterMs - fromMs) / lengthMs) - 2
  for (let count = Math.max(0, guess); ; count++) {
    const time = addInZone(zone, fromMs, { months: every.months * count, ms: every.ms * count })
    if (time > afterMs) return time
  }
}
