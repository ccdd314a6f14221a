// Cron expressions against a model that tries minute after minute of Luxon's local times.

import fc from 'fast-check'
import { DateTime } from 'luxon'
import { expect, test } from 'vitest'
import { nextCronTime, parseCron } from './cron.ts'

const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kathmandu'] as const

/** A field as text, and the values that it stands for. */
function field(min: number, max: number): fc.Arbitrary<{ readonly text: string; readonly values: readonly number[] }> {
  const value = fc.integer({ min, max })
  const all = Array.from({ length: max - min + 1 }, (_, at) => at + min)
  return fc.oneof(
    fc.constant({ text: '*', values: all }),
    value.map((one) => ({ text: `${one}`, values: [one] })),
    fc.tuple(value, value).map(([a, b]) => ({
      text: `${Math.min(a, b)}-${Math.max(a, b)}`,
      values: all.filter((one) => one >= Math.min(a, b) && one <= Math.max(a, b)),
    })),
    fc.integer({ min: 2, max: 9 }).map((step) => ({
      text: `*/${step}`,
      values: all.filter((one) => (one - min) % step === 0),
    })),
    fc.uniqueArray(value, { minLength: 2, maxLength: 4 }).map((values) => ({ text: values.join(','), values })),
  )
}

test('the next time is the first minute that fits, in each zone', () => {
  fc.assert(
    fc.property(
      fc.record({ minute: field(0, 59), hour: field(0, 23), day: field(1, 28), weekday: field(0, 6) }),
      fc.constantFrom(...zones),
      // Away from the changes of clocks, where minutes are skipped and repeated, and from days after the 28th.
      fc.integer({ min: Date.UTC(2026, 4, 2) / 60_000, max: Date.UTC(2026, 4, 20) / 60_000 }),
      ({ minute, hour, day, weekday }, zone, start) => {
        const cron = parseCron(`${minute.text} ${hour.text} ${day.text} * ${weekday.text}`)
        if (cron === undefined) throw new Error('not parsed')
        const isAll = (one: { readonly text: string }): boolean => one.text.startsWith('*')
        const fits = (ms: number): boolean => {
          const local = DateTime.fromMillis(ms, { zone })
          const [isDay, isWeekday] = [day.values.includes(local.day), weekday.values.includes(local.weekday % 7)]
          const isDate = isAll(day) || isAll(weekday) ? isDay && isWeekday : isDay || isWeekday
          return isDate && hour.values.includes(local.hour) && minute.values.includes(local.minute)
        }
        const found = nextCronTime(cron, zone, start * 60_000)
        const limit = (start + 6 * 1_440) * 60_000
        let ms = (start + 1) * 60_000
        while (ms < limit && !fits(ms)) ms += 60_000
        if (ms < limit) expect(found).toBe(ms)
        else expect(found).toBeGreaterThanOrEqual(limit)
      },
    ),
    { numRuns: 40 },
  )
})

test.each([
  ['a skipped time counts as that much later', '30 2 * * *', '2026-03-29T00:00:00Z', '2026-03-29T01:30:00.000Z'],
  ['a repeated time counts once', '30 2 * * *', '2026-10-25T00:30:00Z', '2026-10-26T01:30:00.000Z'],
  ['names of months and weekdays are known', '0 9 * JAN MON', '2026-01-05T08:00:00Z', '2026-01-12T08:00:00.000Z'],
  ['7 is Sunday', '0 0 * * 7', '2026-01-01T00:00:00Z', '2026-01-03T23:00:00.000Z'],
  ['29 February waits for a leap year', '0 0 29 2 *', '2026-01-01T00:00:00Z', '2028-02-28T23:00:00.000Z'],
])('%s', (_, text, from, expected) => {
  const cron = parseCron(text)
  const next = cron === undefined ? undefined : nextCronTime(cron, 'Europe/Berlin', Date.parse(from))
  expect(next === undefined ? undefined : new Date(next).toISOString()).toBe(expected)
})

test.each([
  '',
  '* * * *',
  '60 * * * *',
  '* 24 * * *',
  '* * 0 * *',
  '* * 31 2 *',
  '* * * 13 *',
  '5-1 * * * *',
  '*/0 * * * *',
  'a * * * *',
  '* * * * * *',
  '1/2/3 * * * *',
])("'%s' is no cron expression", (text) => expect(parseCron(text)).toBe(undefined))
