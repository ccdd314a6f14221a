import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { jsonExceptionsMax, restoreExceptions, valueToJson } from './json-exceptions.ts'

const charactersMax = 1_000_000

function roundTrip(value: unknown): unknown {
  const { json, exceptions } = valueToJson(value, { charactersMax })
  const sent = JSON.parse(JSON.stringify({ value: JSON.parse(json) as unknown, exceptions })) as {
    value: unknown
    exceptions: typeof exceptions
  }
  return restoreExceptions(sent.value, sent.exceptions)
}

describe('values beyond JSON', () => {
  test('are restored exactly, at any depth and under any field name', () => {
    const leaf = fc.oneof(
      fc.constantFrom(undefined, Number.NaN, Infinity, -Infinity, -0, 0, null, 1e21, 5e-324),
      fc.string({ unit: 'binary' }),
      fc.boolean(),
      fc.double(),
    )
    const value = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'medium', withCrossShrink: true },
        leaf,
        fc.array(tie('value'), { maxLength: 5 }),
        fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', '0')), tie('value'), {
          maxKeys: 5,
          noNullPrototype: true,
        }),
      ),
    })).value
    fc.assert(
      fc.property(value, (original) => {
        const restored = roundTrip(original)
        expect(isDeepStrictEqual(restored, original)).toBe(true)
        expect(keysOf(restored)).toEqual(keysOf(original))
      }),
      { numRuns: 1_000 },
    )
  })

  test('keep the order of their fields', () => {
    expect(Object.keys(roundTrip({ first: undefined, second: 1 }) as object)).toEqual(['first', 'second'])
  })

  test('are an empty list for plain JSON', () => {
    expect(valueToJson({ a: [1, 'b', null] }, { charactersMax })).toEqual({
      json: '{"a":[1,"b",null]}',
      exceptions: [],
    })
  })

  test('are refused above the limit', () => {
    const many = (length: number) => Array.from({ length }, () => undefined)
    expect(valueToJson(many(jsonExceptionsMax), { charactersMax }).exceptions.length).toBe(jsonExceptionsMax)
    expect(() => valueToJson(many(jsonExceptionsMax + 1), { charactersMax })).toThrow('more than 10000 values')
  })
})

test('an object that stands for another value is written as the JSON of that value', () => {
  const entity = { kind: 'entity' }
  const jsonOf = (value: object): string | undefined => (value === entity ? '{"$id":"a"}' : undefined)
  expect(valueToJson([entity, { entity }], { charactersMax, jsonOf }).json).toBe('[{"$id":"a"},{"entity":{"$id":"a"}}]')
})

test('a value that contains another many times is refused before it fills memory', () => {
  let value: unknown = 'x'
  for (let at = 0; at < 60; at++) value = [value, value]
  expect(() => valueToJson(value, { charactersMax })).toThrow('1000000 characters')
})

test('a value nested too deeply is refused', () => {
  let value: unknown = 'x'
  for (let at = 0; at < 100_000; at++) value = [value]
  expect(() => valueToJson(value, { charactersMax })).toThrow('100 lists and objects deep')
})

test('a path that the answer does not contain is refused, so that no inherited property is changed', () => {
  expect(() => restoreExceptions({}, [{ path: ['__proto__', 'polluted'], value: 'NaN' }])).toThrow("no '__proto__'")
  expect(() => restoreExceptions([1], [{ path: [1], value: 'NaN' }])).toThrow("no '1'")
})

/** Returns all field names in order, at every depth. */
function keysOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  return Object.entries(value).map(([key, inner]) => [key, keysOf(inner)])
}
