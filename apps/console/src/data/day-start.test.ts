import { expect, test } from 'vitest'
import { dayAfter, dayOf, dayStart } from './day-start.ts'

const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kathmandu', 'Pacific/Auckland', 'America/St_Johns']

test('each day of two years begins when the one before it ends, also where the clocks change', () => {
  for (const zone of zones)
    for (let day = '2025-01-01'; day < '2027-01-01'; day = dayAfter(day)) {
      const start = dayStart(day, zone)
      const before = new Date(Date.parse(start) - 1).toISOString()
      expect([zone, dayOf(start, zone)]).toEqual([zone, day])
      expect([zone, dayAfter(dayOf(before, zone))]).toEqual([zone, day])
    }
})

test('a day in Berlin begins an hour or two before that of UTC', () => {
  expect(dayStart('2026-03-29', 'Europe/Berlin')).toBe('2026-03-28T23:00:00.000Z')
  expect(dayStart('2026-03-30', 'Europe/Berlin')).toBe('2026-03-29T22:00:00.000Z')
})
