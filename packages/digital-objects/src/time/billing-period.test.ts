// Billing periods, compared with luxon over generated anchors, zones and intervals.

import fc from 'fast-check'
import { DateTime } from 'luxon'
import { expect, test } from 'vitest'
import { type BillingCycle, periodAt, periodStart, prorate } from './billing-period.ts'

const zones = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'America/Sao_Paulo',
  'Australia/Lord_Howe',
  'Asia/Kolkata',
  'Pacific/Apia',
  'Pacific/Chatham',
] as const
const months = { Monthly: 1, Quarterly: 3, Yearly: 12 } as const

const cycle: fc.Arbitrary<BillingCycle> = fc.record({
  anchorMs: fc
    .integer({ min: Date.UTC(2012, 0, 1) / 60_000, max: Date.UTC(2030, 0, 1) / 60_000 })
    .map((minutes) => minutes * 60_000),
  interval: fc.constantFrom('Monthly', 'Quarterly', 'Yearly'),
  count: fc.integer({ min: 1, max: 5 }),
  zone: fc.constantFrom(...zones),
})

function luxonStart({ anchorMs, interval, count, zone }: BillingCycle, index: number): number {
  return DateTime.fromMillis(anchorMs, { zone }).plus(stepOf({ interval, count }, index)).toMillis()
}

function stepOf({ interval, count }: Pick<BillingCycle, 'interval' | 'count'>, index: number): { months: number } {
  return { months: months[interval as keyof typeof months] * count * index }
}

const wallOf = (time: DateTime): string => time.toFormat('yyyy-MM-dd HH:mm')

/**
 * Whether the time has the wall clock of the period, which luxon misses just after a skipped hour, or luxon's: both then
 * chose a side of the same skipped or repeated hour.
 */
function isRightWall(ours: number, given: BillingCycle, index: number): boolean {
  const { anchorMs, zone } = given
  const wall = wallOf(DateTime.fromMillis(ours, { zone }))
  const wanted = DateTime.fromMillis(anchorMs, { zone })
    .setZone('utc', { keepLocalTime: true })
    .plus(stepOf(given, index))
  return wall === wallOf(wanted) || wall === wallOf(DateTime.fromMillis(luxonStart(given, index), { zone }))
}

test('the nth period begins where luxon says, across daylight saving and short months', () => {
  fc.assert(
    fc.property(cycle, fc.integer({ min: -20, max: 60 }), (given, index) => {
      const ours = periodStart(given, index)
      expect(ours === luxonStart(given, index) || isRightWall(ours, given, index)).toBe(true)
    }),
    {
      numRuns: 1_000,
      // The clocks of Apia skipped half an hour at the beginning of 1950.
      examples: [[{ anchorMs: 1_893_411_000_000, interval: 'Yearly', count: 5, zone: 'Pacific/Apia' }, -16]],
    },
  )
})

test('a year has exactly 12 months of billing from any start, and periods leave no gap', () => {
  fc.assert(
    fc.property(cycle, (given) => {
      const monthly = { ...given, interval: 'Monthly', count: 1 } as const
      let at = monthly.anchorMs
      for (let count = 0; count < 12; count++) {
        const { startMs, endMs } = periodAt(monthly, at)
        expect(startMs).toBe(at)
        expect(endMs).toBeGreaterThan(startMs)
        at = endMs
      }
      expect(at).toBe(periodStart({ ...monthly, interval: 'Yearly' }, 1))
    }),
    { numRuns: 300 },
  )
})

test('the period at a time contains it', () => {
  fc.assert(
    fc.property(cycle, fc.integer({ min: -2e11, max: 2e11 }), (given, distance) => {
      const atMs = given.anchorMs + distance
      const { startMs, endMs } = periodAt(given, atMs)
      expect(startMs <= atMs && atMs < endMs).toBe(true)
    }),
    { numRuns: 500 },
  )
})

test.each([
  ['the 31st', '2026-01-31T10:00:00Z', ['2026-02-28', '2026-03-31', '2026-04-30', '2026-05-31']],
  ['29 February', '2028-02-29T10:00:00Z', ['2028-03-29', '2028-04-29', '2028-05-29', '2028-06-29']],
])('months from %s return to that day', (_, anchor, starts) => {
  const given: BillingCycle = { anchorMs: Date.parse(anchor), interval: 'Monthly', count: 1, zone: 'UTC' }
  const found = starts.map((_start, at) => new Date(periodStart(given, at + 1)).toISOString().slice(0, 10))
  expect(found).toEqual(starts)
})

test('years from 29 February end on the last day of February', () => {
  const given: BillingCycle = { anchorMs: Date.UTC(2028, 1, 29), interval: 'Yearly', count: 1, zone: 'UTC' }
  const found = [1, 2, 3, 4].map((index) => new Date(periodStart(given, index)).toISOString().slice(0, 10))
  expect(found).toEqual(['2029-02-28', '2030-02-28', '2031-02-28', '2032-02-29'])
})

test('a period that crosses the change to summer time begins and ends at the same hour of the wall clock', () => {
  const given: BillingCycle = {
    anchorMs: Date.parse('2026-03-15T09:00:00+01:00'),
    interval: 'Monthly',
    count: 1,
    zone: 'Europe/Berlin',
  }
  expect(periodStart(given, 1)).toBe(Date.parse('2026-04-15T09:00:00+02:00'))
})

test('the parts of an amount before and after a time add up to it, within a minor unit', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 1e9 }),
      fc.integer({ min: 1, max: 366 }),
      fc.nat(400),
      (amount, days, day) => {
        const period = { startMs: 0, endMs: days * 86_400_000 }
        const rest = prorate(amount, period, day * 86_400_000)
        const used = Math.round((amount * Math.min(day, days)) / days)
        expect(Math.abs(amount - rest - used)).toBeLessThanOrEqual(1)
        expect(prorate(-amount, period, day * 86_400_000)).toBe(rest === 0 ? rest : -rest)
      },
    ),
    { numRuns: 300 },
  )
  expect(prorate(100, { startMs: 0, endMs: 10 }, 0)).toBe(100)
  expect(prorate(100, { startMs: 0, endMs: 10 }, 10)).toBe(0)
})
