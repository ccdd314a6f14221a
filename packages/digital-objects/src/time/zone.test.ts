// Local times against Luxon, at random instants and around the changes of clocks.

import fc from 'fast-check'
import { DateTime } from 'luxon'
import { expect, test } from 'vitest'
import { instantOf, localTime, parseTimeZone } from './zone.ts'

const zones = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'America/St_Johns',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  // Changes its clocks by half an hour.
  'Australia/Lord_Howe',
  'Pacific/Auckland',
  'Africa/Casablanca',
  'America/Santiago',
] as const
const zone = fc.constantFrom(...zones)
const instant = fc.integer({ min: Date.UTC(1980, 0), max: Date.UTC(2045, 0) })

test('the local time of an instant is that of Luxon', () => {
  fc.assert(
    fc.property(zone, instant, (name, ms) => {
      const { year, month, day, hour, minute, second } = DateTime.fromMillis(ms, { zone: name })
      expect(localTime(name, ms)).toEqual({ year, month, day, hour, minute, second })
    }),
    { numRuns: 500 },
  )
})

test('the instant of a local time has that local time, and is the first one that has it', () => {
  fc.assert(
    fc.property(zone, instant, (name, ms) => {
      const second = Math.floor(ms / 1_000) * 1_000
      const found = instantOf(name, localTime(name, second))
      expect(localTime(name, found)).toEqual(localTime(name, second))
      expect(found).toBeLessThanOrEqual(second)
      // Clocks that are set back repeat at most two hours.
      if (found !== second) expect(second - found).toBeLessThanOrEqual(7_200_000)
    }),
    { numRuns: 500 },
  )
})

test.each([
  ['a skipped hour counts as an hour later', 'Europe/Berlin', [2026, 3, 29, 2, 30, 0], '2026-03-29T01:30:00.000Z'],
  ['a repeated hour is the first of the two', 'Europe/Berlin', [2026, 10, 25, 2, 30, 0], '2026-10-25T00:30:00.000Z'],
  ['a repeated half hour too', 'Australia/Lord_Howe', [2026, 4, 5, 1, 45, 0], '2026-04-04T14:45:00.000Z'],
  ['hour 24 is midnight', 'America/New_York', [2026, 1, 31, 24, 0, 0], '2026-02-01T05:00:00.000Z'],
] as const)('%s', (_, name, [year, month, day, hour, minute, second], expected) => {
  expect(new Date(instantOf(name, { year, month, day, hour, minute, second })).toISOString()).toBe(expected)
})

test('names of zones are taken in any case, and anything else is refused', () => {
  expect(parseTimeZone('europe/berlin')).toBe('Europe/Berlin')
  expect(parseTimeZone('utc')).toBe('UTC')
  expect(['Berlin', '+02:00', '', 'Europe/Berlin2', '../etc', 'UTC+1'].map(parseTimeZone)).toEqual(
    Array.from({ length: 6 }, () => undefined),
  )
})
