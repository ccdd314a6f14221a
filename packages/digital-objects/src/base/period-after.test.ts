import { expect, test } from 'vitest'
import { periodAfter } from './period-after.ts'

test.each([
  ['a month', '2026-01-15T10:00:00.000Z', '2026-02-15T10:00:00.000Z', '2026-03-15T10:00:00.000Z'],
  ['a month into the next year', '2026-11-15T10:00:00.000Z', '2026-12-15T10:00:00.000Z', '2027-01-15T10:00:00.000Z'],
  ['a quarter', '2026-01-01T00:00:00.000Z', '2026-04-01T00:00:00.000Z', '2026-07-01T00:00:00.000Z'],
  ['a year', '2026-02-01T00:00:00.000Z', '2027-02-01T00:00:00.000Z', '2028-02-01T00:00:00.000Z'],
  ['a month shortened by February', '2026-01-31T00:00:00.000Z', '2026-02-28T00:00:00.000Z', '2026-03-31T00:00:00.000Z'],
  [
    'the month after one shortened by February',
    '2026-02-28T00:00:00.000Z',
    '2026-03-31T00:00:00.000Z',
    '2026-04-30T00:00:00.000Z',
  ],
  ['the 30th across February', '2026-02-28T00:00:00.000Z', '2026-03-30T00:00:00.000Z', '2026-04-30T00:00:00.000Z'],
  ['a fortnight', '2026-01-01T00:00:00.000Z', '2026-01-15T00:00:00.000Z', '2026-01-29T00:00:00.000Z'],
  [
    'a month at another time of day',
    '2026-01-15T10:00:00.000Z',
    '2026-02-15T11:00:00.000Z',
    '2026-03-18T12:00:00.000Z',
  ],
])('%s is followed by a period of the same length', (_, start, end, next) => {
  expect(periodAfter({ start, end })).toBe(next)
})

test('no period follows one that ends before it starts, or one at the end of the last year', () => {
  expect(periodAfter({ start: '2026-02-15T10:00:00.000Z', end: '2026-01-15T10:00:00.000Z' })).toBeUndefined()
  expect(periodAfter({ start: '9998-06-01T00:00:00.000Z', end: '9999-06-01T00:00:00.000Z' })).toBeUndefined()
})
