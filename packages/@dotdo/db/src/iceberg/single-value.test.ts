import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bytesToSingleValue, lowerBoundOf, singleValueToBytes, upperBoundOf } from './single-value.ts'

test("the bytes are those of the specification's examples", () => {
  expect([...singleValueToBytes(true, 'boolean')]).toEqual([1])
  expect([...singleValueToBytes(-2, 'int')]).toEqual([0xfe, 0xff, 0xff, 0xff])
  expect([...singleValueToBytes(1, 'date')]).toEqual([1, 0, 0, 0])
  expect([...singleValueToBytes(34, 'long')]).toEqual([34, 0, 0, 0, 0, 0, 0, 0])
  expect([...singleValueToBytes(-1, 'timestamptz')]).toEqual(Array(8).fill(0xff))
  expect([...singleValueToBytes(1, 'double')]).toEqual([0, 0, 0, 0, 0, 0, 0xf0, 0x3f])
  expect([...singleValueToBytes('é', 'string')]).toEqual([0xc3, 0xa9])
})

test('a value reads back from its bytes', () => {
  const values = fc.oneof(
    fc.record({ type: fc.constantFrom('int' as const, 'date' as const), value: fc.integer() }),
    fc.record({ type: fc.constantFrom('long' as const, 'timestamptz' as const), value: fc.maxSafeInteger() }),
    fc.record({ type: fc.constant('double' as const), value: fc.double({ noNaN: true }) }),
    fc.record({ type: fc.constant('boolean' as const), value: fc.boolean() }),
    fc.record({ type: fc.constant('string' as const), value: fc.string({ unit: 'binary' }) }),
  )
  fc.assert(
    fc.property(values, ({ type, value }) => {
      expect(bytesToSingleValue(singleValueToBytes(value, type), type)).toBe(value)
    }),
  )
})

test('a value of another type is refused', () => {
  expect(() => singleValueToBytes('1', 'long')).toThrow('a bound of a long column cannot be string 1')
  expect(() => singleValueToBytes(Number.NaN, 'double')).toThrow('cannot be number NaN')
  expect(() => bytesToSingleValue(new Uint8Array(3), 'int')).toThrow('a bound of a int column has 4 bytes, got 3')
})

test('a long string lies between its bounds, which are short', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 30, maxLength: 40 }), (text) => {
      const lower = String(lowerBoundOf(text))
      const upper = upperBoundOf(text)
      expect(compareBytes(lower, text)).toBeLessThanOrEqual(0)
      if (upper !== undefined) expect(compareBytes(text, String(upper))).toBeLessThanOrEqual(0)
      expect([...lower].length).toBeLessThanOrEqual(32)
      expect([...String(upper ?? '')].length).toBeLessThanOrEqual(32)
    }),
  )
})

test('a string that ends in the last character has a shorter upper bound, and that character alone has none', () => {
  const last = '\u{10ffff}'
  expect(upperBoundOf(`a${last.repeat(40)}`)).toBe('b')
  expect(upperBoundOf(last.repeat(40))).toBeUndefined()
  expect(upperBoundOf('\ud7ff'.repeat(40))).toBe(`${'\ud7ff'.repeat(31)}\ue000`)
})

function compareBytes(first: string, second: string): number {
  const [a, b] = [new TextEncoder().encode(first), new TextEncoder().encode(second)]
  const at = a.findIndex((byte, index) => byte !== b[index])
  return at === -1 ? a.length - b.length : (a[at] ?? 0) - (b[at] ?? -1)
}
