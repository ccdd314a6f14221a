// Billing periods: they follow each other from an anchor, by an interval, on the wall clock of a time zone. The nth begins n
// intervals after the anchor, so a month that is shorter than the anchor's day moves none of the later ones, and a year has
// exactly twelve of a month.

import { formatDatetime } from '../base/datetime.ts'
import { daysInMonth } from '../base/days-in-month.ts'
import { instantOf, localTime } from './zone.ts'

export interface BillingCycle {
  /** The start of a period. */
  readonly anchorMs: number
  readonly interval: BillingInterval
  /** Intervals in one period, from 1. */
  readonly count: number
  /** A zone of the runtime, such as `Europe/Berlin`. */
  readonly zone: string
}

export interface BillingPeriod {
  readonly startMs: number
  /** Exclusive: the start of the next period. */
  readonly endMs: number
}

export type BillingInterval = keyof typeof units

const units = {
  Daily: { days: 1 },
  Weekly: { days: 7 },
  Monthly: { months: 1 },
  Quarterly: { months: 3 },
  Yearly: { months: 12 },
} as const
const dayMs = 86_400_000
const monthMs = 30.436_875 * dayMs

export function isBillingInterval(text: string): text is BillingInterval {
  return Object.hasOwn(units, text)
}

/** Returns the period that contains the time. The period may begin before the anchor. */
export function periodAt(cycle: BillingCycle, atMs: number): BillingPeriod {
  const unit = units[cycle.interval]
  const lengthMs = cycle.count * ('days' in unit ? unit.days * dayMs : unit.months * monthMs)
  let index = Math.floor((atMs - cycle.anchorMs) / lengthMs)
  while (periodStart(cycle, index) > atMs) index--
  while (periodStart(cycle, index + 1) <= atMs) index++
  return { startMs: periodStart(cycle, index), endMs: periodStart(cycle, index + 1) }
}

/** Returns the start of the nth period; the anchor is that of period 0. */
export function periodStart({ anchorMs, interval, count, zone }: BillingCycle, index: number): number {
  if (index === 0) return anchorMs
  const unit = units[interval]
  const local = localTime(zone, anchorMs)
  const ms = anchorMs - Math.floor(anchorMs / 1_000) * 1_000
  if ('days' in unit) return ms + instantOf(zone, { ...local, day: local.day + index * count * unit.days })
  const month = new Date(Date.UTC(local.year, local.month - 1 + index * count * unit.months, 1))
  return (
    ms +
    instantOf(zone, {
      ...local,
      year: month.getUTCFullYear(),
      month: month.getUTCMonth() + 1,
      day: Math.min(local.day, daysInMonth(month)),
    })
  )
}

/** Returns the part of an amount for the rest of the period from a time on, rounded to the nearest minor unit. */
export function prorate(amount: number, { startMs, endMs }: BillingPeriod, atMs: number): number {
  const rest = Math.min(Math.max(endMs - atMs, 0), endMs - startMs)
  const share = Math.round(Math.abs((amount * rest) / (endMs - startMs)))
  return amount < 0 && share > 0 ? -share : share
}

/** Returns an edge of the period as a timestamp; undefined after the year 9999. */
export function periodEdge(cycle: BillingCycle, atMs: number, edge: 'start' | 'end'): string | undefined {
  const { startMs, endMs } = periodAt(cycle, atMs)
  return formatDatetime(edge === 'start' ? startMs : endMs)
}
