import { expect, test } from 'vitest'
import { monthAfter, monthDays } from './month-days.ts'
import { monthFilter } from './month-filter.ts'

test('a month is shown in whole weeks that hold each of its days once', () => {
  for (let month = '2023-11', step = 0; step < 60; step++, month = monthAfter(month, 1)) {
    const days = monthDays(month)
    const own = days.filter((day) => day.startsWith(month))
    expect(days.length % 7).toBe(0)
    expect(new Date(`${days[0]}T00:00:00Z`).getUTCDay()).toBe(1)
    expect(own).toEqual([...new Set(own)])
    expect(own.at(-1)).toBe(new Date(Date.parse(`${monthAfter(month, 1)}-01T00:00:00Z`) - 1).toISOString().slice(0, 10))
  }
  expect(monthAfter('2026-01', -1)).toBe('2025-12')
})

test('the filter of a month ends where the next begins, by the clock of a zone for times, and by the calendar for dates', () => {
  const filterOf = (type: string, zone: string) => monthFilter({ name: 'closed', type }, '2026-12', zone)
  const dates = { $gte: '2026-12-01', $lt: '2027-01-01' }
  expect(filterOf('date', 'Europe/Berlin')).toEqual({ closed: dates })
  const times = { $gte: '2026-12-01T00:00:00.000Z', $lt: '2027-01-01T00:00:00.000Z' }
  expect(filterOf('datetime', 'UTC')).toEqual({ closed: times })
  const inBerlin = { $gte: '2026-11-30T23:00:00.000Z', $lt: '2026-12-31T23:00:00.000Z' }
  expect(filterOf('datetime', 'Europe/Berlin')).toEqual({ closed: inBerlin })
})
