import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalJson, isSameJson } from './canonical-json.ts'
import type { JsonValue } from './entity.ts'

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1_000_000))
const anyJson = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as JsonValue) // without -0

/** The same value with the keys of every object in reverse. */
function reversed(value: JsonValue): JsonValue {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(reversed)
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, inner]) => [key, reversed(inner)]),
  )
}

test(`the order of keys makes no other value, and anything else does (seed ${seed})`, () => {
  fc.assert(
    fc.property(anyJson, anyJson, (value, other) => {
      expect(JSON.parse(canonicalJson(value))).toEqual(value)
      expect(canonicalJson(reversed(value))).toBe(canonicalJson(value))
      expect(isSameJson(reversed(value), value)).toBe(true)
      expect(isSameJson(value, other)).toBe(canonicalJson(value) === canonicalJson(other))
    }),
    { seed, numRuns: 500 },
  )
})
