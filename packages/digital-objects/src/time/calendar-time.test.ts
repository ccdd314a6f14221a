// Durations on a zone's calendar, against Luxon.

import fc from 'fast-check'
import { DateTime } from 'luxon'
import { expect, test } from 'vitest'
import { addInZone, repeatedTime } from './calendar-time.ts'

const zone = fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Pacific/Auckland')
const instant = fc.integer({ min: Date.UTC(2000, 0), max: Date.UTC(2040, 0) })
const dayMs = 86_400_000

test('months and days are added on the calendar, the rest as it passes', () => {
  fc.assert(
    fc.property(zone, instant, fc.nat(30), fc.nat(60), fc.nat(dayMs - 1), (name, ms, months, days, rest) => {
      const expected = DateTime.fromMillis(ms, { zone: name }).plus({ months, days })
      const found = addInZone(name, ms, { months, ms: days * dayMs + rest })
      // Luxon and this module agree except for local times that clocks skip or repeat.
      const isPlain = [-1, 1].every((sign) => expected.plus({ hours: 3 * sign }).offset === expected.offset)
      if (isPlain) expect(found).toBe(expected.toMillis() + rest)
      else expect(Math.abs(found - expected.toMillis() - rest)).toBeLessThanOrEqual(3_600_000)
    }),
    { numRuns: 400 },
  )
})

test('a repetition is the first of its times after an instant', () => {
  const every = fc.constantFrom(
    { months: 1, ms: 0 },
    { months: 0, ms: dayMs },
    { months: 0, ms: 7_200_000 },
    { months: 12, ms: 0 },
  )
  fc.assert(
    fc.property(
      zone,
      instant,
      every,
      fc.integer({ min: -dayMs, max: 3_000 * dayMs }),
      (name, fromMs, length, laterMs) => {
        const times = { fromMs, every: length, afterMs: fromMs + laterMs }
        const found = repeatedTime(name, times)
        expect(found).toBeGreaterThan(times.afterMs)
        // It is one of the times, and its predecessor is not after the instant.
        const count = Math.round((found - fromMs) / (length.months * 30.4375 * dayMs + length.ms))
        const at = (one: number): number =>
          addInZone(name, fromMs, { months: length.months * one, ms: length.ms * one })
        const place = [count - 1, count, count + 1].find((one) => one >= 0 && at(one) === found)
        expect(place).toBeDefined()
        if (place !== undefined && place > 0) expect(at(place - 1)).toBeLessThanOrEqual(times.afterMs)
      },
    ),
    { numRuns: 300 },
  )
})
