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

test('the filter of a month ends where the next begins', () => {
  const range = { $gte: '2026-12-01T00:00:00.000Z', $lt: '2027-01-01T00:00:00.000Z' }
  expect(monthFilter('closedAt', '2026-12')).toEqual({ closedAt: range })
})
