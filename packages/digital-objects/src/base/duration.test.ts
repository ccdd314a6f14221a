import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addDuration, parseDuration } from './duration.ts'

function add(start: string, duration: string): string {
  const parsed = parseDuration(duration)
  if (parsed === undefined) throw new Error(`'${duration}' is not a duration`)
  return new Date(addDuration(Date.parse(start), parsed)).toISOString()
}

test.each([
  ['2026-01-01T00:00:00.000Z', 'P1M', '2026-02-01T00:00:00.000Z'],
  ['2026-01-31T10:00:00.000Z', 'P1M', '2026-02-28T10:00:00.000Z'],
  ['2028-01-31T10:00:00.000Z', 'P1M', '2028-02-29T10:00:00.000Z'],
  ['2028-02-29T00:00:00.000Z', 'P1Y', '2029-02-28T00:00:00.000Z'],
  ['2026-11-30T00:00:00.000Z', 'P3M', '2027-02-28T00:00:00.000Z'],
  ['2026-01-31T00:00:00.000Z', 'P1M1D', '2026-03-01T00:00:00.000Z'],
  ['2026-01-01T00:00:00.000Z', 'P2W', '2026-01-15T00:00:00.000Z'],
  ['2026-03-28T12:00:00.000Z', 'P1D', '2026-03-29T12:00:00.000Z'],
  ['2026-01-01T00:00:00.000Z', 'P1DT2H3M4S', '2026-01-02T02:03:04.000Z'],
  ['2026-01-01T00:00:00.000Z', 'PT36H', '2026-01-02T12:00:00.000Z'],
  ['2026-12-31T23:59:59.999Z', 'PT1S', '2027-01-01T00:00:00.999Z'],
])('%s and %s is %s', (start, duration, end) => {
  expect(add(start, duration)).toBe(end)
})

test.each([
  '',
  'P',
  'PT',
  'P1',
  '1M',
  'p1m',
  'P-1D',
  'P1.5D',
  'P1H',
  'PT1D',
  'P1DT',
  'P1M1Y',
  'P1234567D',
  ' P1D',
  'P1D ',
])("'%s' is not a duration", (string) => {
  expect(parseDuration(string)).toBeUndefined()
})

test('adding months keeps the day of the month, or ends on the last day of a shorter month', () =>
  fc.assert(
    fc.property(
      fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true }),
      fc.integer({ min: 0, max: 500 }),
      (start, months) => {
        const end = new Date(addDuration(start.getTime(), { months, ms: 0 }))
        const nextDay = new Date(end.getTime() + 86_400_000)
        expect(end.getUTCDate() === start.getUTCDate() || nextDay.getUTCDate() === 1).toBe(true)
        const monthOf = (date: Date): number => date.getUTCFullYear() * 12 + date.getUTCMonth()
        expect(monthOf(end) - monthOf(start)).toBe(months)
        expect(end.getTime() % 86_400_000).toBe(start.getTime() % 86_400_000)
      },
    ),
  ))
