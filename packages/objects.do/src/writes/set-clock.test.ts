import { ObjectError } from 'digital-objects'
import { expect, test } from 'vitest'
import type { Body } from './parse-body.ts'
import { parseClockChange } from './set-clock.ts'

test('a clock is set to a time, or advanced by a duration or to a time', () => {
  expect(parseClockChange({ now: '2026-01-01T01:00:00+01:00' })).toEqual({ kind: 'set', nowMs: Date.UTC(2026, 0) })
  expect(parseClockChange({ advance: 'P1MT1H' })).toEqual({
    kind: 'advance',
    by: { months: 1, ms: 3_600_000 },
  })
  expect(parseClockChange({ advance: '2026-01-01T00:00:00Z' })).toEqual({
    kind: 'advance',
    by: { untilMs: Date.UTC(2026, 0) },
  })
})

test.each<[Body, string, string]>([
  [{}, 'body', 'got none'],
  [{ now: '2026-01-01T00:00:00Z', advance: 'P1D' }, 'body', 'got several fields'],
  [{ forward: 'P1D' }, 'body', 'got forward'],
  [{ now: '2026-01-01' }, 'now', 'got "2026-01-01"'],
  [{ now: 5 }, 'now', 'got 5'],
  [{ now: '2026-02-30T00:00:00Z' }, 'now', 'expects a time'],
  [{ advance: '1 month' }, 'advance', 'got "1 month"'],
  [{ advance: '-P1D' }, 'advance', 'expects an ISO 8601 duration'],
  [{ advance: null }, 'advance', 'got null'],
])('%j is refused, and %s is named', (body, field, message) => {
  let error: unknown
  try {
    parseClockChange(body)
  } catch (thrown) {
    error = thrown
  }
  expect(error).toBeInstanceOf(ObjectError)
  expect(error).toMatchObject({ code: 'validation_error', faults: [{ field }] })
  expect((error as ObjectError).message).toContain(message)
})
