import { expect, test } from 'vitest'
import { writeConditions } from './write-conditions.ts'

test.each([
  ['"3"', 3],
  [' "3" ', 3],
  ['*', 'any'],
  ['"1", "2"', { oneOf: [1, 2] }],
  ['"1","other"', 1],
  ['"other"', { oneOf: [] }],
  ['""', { oneOf: [] }],
  ['"a,b", "2"', 2],
  ['W/"1"', { oneOf: [] }],
  ['W/"1", "2"', 2],
])('If-Match: %s', (header, ifVersion) => {
  expect(writeConditions(new Headers({ 'if-match': header }))).toEqual({ ifVersion })
})

test.each([
  ['*', { noneOf: 'any' }],
  ['"1"', { noneOf: [1] }],
  ['W/"1", "2", "other"', { noneOf: [1, 2] }],
])('If-None-Match: %s', (header, ifVersion) => {
  expect(writeConditions(new Headers({ 'if-none-match': header }))).toEqual({ ifVersion })
})

test.each(['nope', '"1', '3', '"1" "2"', '"1", nope', 'w/"1"', '*, "1"'])('%s is no list of ETags', (header) => {
  for (const name of ['If-Match', 'If-None-Match'])
    expect(() => writeConditions(new Headers({ [name]: header }))).toThrow(
      expect.objectContaining({ code: 'invalid_parameter', field: name }),
    )
})
