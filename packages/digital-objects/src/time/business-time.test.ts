// Business time against a model that counts the open minutes one by one, by Luxon's local times.

import fc from 'fast-check'
import { DateTime } from 'luxon'
import { expect, test } from 'vitest'
import { addBusinessTime, type BusinessCalendar, type BusinessHours, parseOpenings, weekdays } from './business-time.ts'

const minuteMs = 60_000

function isOpen({ timeZone, businessHours, holidays }: BusinessCalendar, ms: number): boolean {
  const local = DateTime.fromMillis(ms, { zone: timeZone })
  const day = weekdays[local.weekday - 1]
  const text = day === undefined ? undefined : businessHours?.[day]
  if (text === undefined || holidays.includes(local.toISODate() ?? '')) return false
  const minute = local.hour * 60 + local.minute
  return text.split(',').some((range) => {
    const [from = 0, to = 0] = range.split('-').map((time) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3)))
    return from <= minute && minute < to
  })
}

/** Returns the end of the open minute that completes the time. */
function model(calendar: BusinessCalendar, fromMs: number, minutes: number): number {
  let left = minutes
  for (let ms = fromMs; ; ms += minuteMs) if (isOpen(calendar, ms) && --left === 0) return ms + minuteMs
}

// Hours that no clock skips or repeats: openings are at local times, and the model counts minutes that pass.
const openings = fc.constantFrom('09:00-17:00', '08:30-12:00,13:15-18:00', '06:00-24:00', '10:00-10:01')
const calendar: fc.Arbitrary<BusinessCalendar> = fc.record({
  timeZone: fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kathmandu', 'Pacific/Auckland'),
  businessHours: fc
    .array(fc.option(openings, { nil: undefined }), { minLength: 7, maxLength: 7 })
    .map((texts) =>
      Object.fromEntries(weekdays.flatMap((day, at) => (texts[at] === undefined ? [] : [[day, texts[at]]]))),
    )
    .filter((hours: BusinessHours) => Object.keys(hours).length > 0),
  holidays: fc.subarray(['2026-03-27', '2026-03-30', '2026-04-06', '2026-10-26']),
})
/** The weeks around the changes of clocks of 2026. */
const from = fc
  .tuple(fc.constantFrom(Date.UTC(2026, 2, 5), Date.UTC(2026, 2, 27), Date.UTC(2026, 9, 23)), fc.nat(7 * 1_440))
  .map(([ms, minutes]) => ms + minutes * minuteMs)

test('business minutes are counted as by a clock on the wall', () => {
  fc.assert(
    fc.property(calendar, from, fc.integer({ min: 1, max: 2_000 }), (days, ms, minutes) => {
      fc.pre(!Object.values(days.businessHours ?? {}).every((text) => text === '10:00-10:01') || minutes < 5)
      expect(addBusinessTime(days, ms, minutes * minuteMs)).toBe(model(days, ms, minutes))
    }),
    { numRuns: 25 },
  )
})

test('adding twice is adding the sum', () => {
  fc.assert(
    fc.property(calendar, from, fc.nat(50_000), fc.nat(50_000), (days, ms, first, second) => {
      const once = addBusinessTime(days, ms, first * minuteMs)
      const sum = addBusinessTime(days, ms, (first + second) * minuteMs)
      // Times that are too far away have no sum.
      fc.pre(once !== undefined && sum !== undefined)
      expect(addBusinessTime(days, once, second * minuteMs)).toBe(first + second === 0 ? ms : sum)
    }),
    { numRuns: 60 },
  )
})

test.each([
  ['four hours from Friday afternoon end on Monday', '2026-11-27T14:00:00Z', 4, '2026-11-30T10:00:00.000Z'],
  ['a holiday is left out', '2026-12-24T14:00:00Z', 4, '2026-12-28T10:00:00.000Z'],
  ['time outside business hours counts from the opening', '2026-11-29T03:00:00Z', 1, '2026-11-30T09:00:00.000Z'],
  ['clocks that are set forward do not shorten a day', '2026-03-27T14:00:00Z', 4, '2026-03-30T09:00:00.000Z'],
] as const)('%s', (_, at, hours, expected) => {
  const businessHours = Object.fromEntries(weekdays.slice(0, 5).map((day) => [day, '09:00-17:00']))
  const days = { timeZone: 'Europe/Berlin', businessHours, holidays: ['2026-12-25'] }
  expect(new Date(addBusinessTime(days, Date.parse(at), hours * 3_600_000) ?? 0).toISOString()).toBe(expected)
})

test('without business hours, time passes as it does', () => {
  expect(addBusinessTime({ timeZone: 'UTC', businessHours: null, holidays: ['2026-01-01'] }, 0, 5)).toBe(5)
})

test('a calendar that never opens adds nothing', () => {
  expect(addBusinessTime({ timeZone: 'UTC', businessHours: {}, holidays: [] }, 0, 5)).toBe(undefined)
})

test('openings are in order, do not overlap, and end by midnight', () => {
  expect(parseOpenings('09:00-12:00,12:00-13:00')).toHaveLength(2)
  expect(
    ['', '9:00-17:00', '09:00-09:00', '10:00-12:00,11:00-13:00', '23:00-24:01', '09:60-10:00'].map(parseOpenings),
  ).toEqual(Array.from({ length: 6 }, () => undefined))
})
