import { expect, test } from 'vitest'
import { parseBody } from './parse-body.ts'

test.each([
  ['{"value":9007199254740993}', 'value'],
  ['{"metadata":{"a":[{"n":-12345678901234567890}]}}', 'metadata.a.0.n'],
  ['{"metadata":{"n":9.007199254740993e15}}', 'metadata.n'],
  ['{"metadata":{"n":1e400}}', 'metadata.n'],
])('%s is refused, since a number would be rounded, and %s is named', (body, field) => {
  expect(() => parseBody(body)).toThrow(
    expect.objectContaining({
      code: 'validation_error',
      field,
      faults: [{ field, message: expect.stringContaining('expects a number that a double holds exactly, got ') }],
    }),
  )
})

test('a number that keeps its value is accepted, and so is a string of digits', () => {
  expect(parseBody('{"a":9007199254740994,"b":1e23,"c":0.1234567890123456789,"d":"9007199254740993"}')).toEqual({
    a: 9_007_199_254_740_994,
    b: 1e23,
    c: 0.123_456_789_012_345_68,
    d: '9007199254740993',
  })
})
