import { expect, test } from 'vitest'
import { formatInternalError } from './format-internal-error.ts'

test('an internal error is one line, with its place, message and stack, and a bounded length', () => {
  const place = { requestId: 'req_1', request: 'GET /~acme/Contact', tenant: 'acme' }
  const line = formatInternalError(new TypeError('a\nb'), place)
  expect(line).not.toContain('\n')
  expect(JSON.parse(line)).toEqual({
    internalError: {
      ...place,
      message: 'TypeError: a\nb',
      stack: expect.stringMatching(/^ +at .*format-internal-error/),
    },
  })
  expect(formatInternalError(new Error('x'.repeat(10_000))).length).toBeLessThan(5_000)
  expect(JSON.parse(formatInternalError('a job failed'))).toEqual({ internalError: { message: 'a job failed' } })
})
