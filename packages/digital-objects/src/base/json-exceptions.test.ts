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
  test('are restored exactly, wherever they are and whatever a field is called', () => {
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

  test('leave their fields where they were', () => {
    expect(Object.keys(roundTrip({ first: undefined, second: 1 }) as object)).toEqual(['first', 'second'])
  })

  test('cost nothing where there are none', () => {
    expect(valueToJson({ a: [1, 'b', null] }, { charactersMax })).toEqual({
      json: '{"a":[1,"b",null]}',
      exceptions: [],
    })
  })

  test('are refused beyond their limit', () => {
    const many = (length: number) => Array.from({ length }, () => undefined)
    expect(valueToJson(many(jsonExceptionsMax), { charactersMax }).exceptions.length).toBe(jsonExceptionsMax)
    expect(() => valueToJson(many(jsonExceptionsMax + 1), { charactersMax })).toThrow('more than 10000 values')
  })
})

test('what stands for something else is written as that', () => {
  const entity = { kind: 'entity' }
  const textOf = (value: object): string | undefined => (value === entity ? '{"$id":"a"}' : undefined)
  expect(valueToJson([entity, { entity }], { charactersMax, textOf }).json).toBe('[{"$id":"a"},{"entity":{"$id":"a"}}]')
})

test('a value that holds itself many times over is refused before it fills memory', () => {
  let value: unknown = 'x'
  for (let at = 0; at < 60; at++) value = [value, value]
  expect(() => valueToJson(value, { charactersMax })).toThrow('1000000 characters')
})

test('a value that is deeper than any that is meant is refused', () => {
  let value: unknown = 'x'
  for (let at = 0; at < 100_000; at++) value = [value]
  expect(() => valueToJson(value, { charactersMax })).toThrow('100 lists and objects deep')
})

test('places that are not there are refused, so that an answer cannot reach what it does not hold', () => {
  expect(() => restoreExceptions({}, [{ path: ['__proto__', 'polluted'], value: 'NaN' }])).toThrow("no '__proto__'")
  expect(() => restoreExceptions([1], [{ path: [1], value: 'NaN' }])).toThrow("no '1'")
})

/** Names in their order, all the way down. */
function keysOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  return Object.entries(value).map(([key, inner]) => [key, keysOf(inner)])
}
