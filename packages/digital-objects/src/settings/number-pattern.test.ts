import { expect, test } from 'vitest'
import { countedPeriod, formatNumber, isNumberPattern } from './number-pattern.ts'

const atMs = Date.parse('2026-12-31T23:30:00Z')

test.each([
  ['INV-{year}-{number:4}', 'UTC', 7, 'INV-2026-0007', '2026'],
  ['INV-{year}-{number:4}', 'Europe/Berlin', 7, 'INV-2027-0007', '2027'],
  ['{number}', 'UTC', 12_345, '12345', ''],
  ['R{year}{month}/{number:2}', 'UTC', 100, 'R202612/100', '2026-12'],
  ['{day}.{month}.{year}-{number}', 'UTC', 1, '31.12.2026-1', '2026-12-31'],
])('%s in %s makes of %i the number %s, counted within %s', (pattern, zone, number, expected, period) => {
  expect(isNumberPattern(pattern)).toBe(true)
  expect(formatNumber(pattern, { atMs, zone, number })).toBe(expected)
  expect(countedPeriod(pattern, { atMs, zone })).toBe(period)
})

test.each(['INV', '{number}{number}', '{number:0}', '{year', '{other}{number}'])('%s is no pattern', (pattern) => {
  expect(isNumberPattern(pattern)).toBe(false)
})
