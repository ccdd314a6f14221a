import fc from 'fast-check'
import { xxhash64 as independent } from 'hyparquet/src/xxhash.js'
import { expect, test } from 'vitest'
import { xxhash64 } from './xxhash64.ts'

function hashOf(bytes: Uint8Array): bigint {
  const { high, low } = xxhash64(bytes)
  return (BigInt(high) << 32n) | BigInt(low)
}

test.each([
  ['', 0xef46db3751d8e999n],
  ['a', 0xd24ec4f1a98c6e5bn],
  ['as', 0x1c330fb2d66be179n],
  ['asd', 0x631c37ce72a97393n],
  ['asdf', 0x415872f599cea71en],
  ['Call me Ishmael. Some years ago--never mind how long precisely-', 0x02a2e85470d6fd96n],
])('%j has the hash of the published test vector', (text, hash) => {
  expect(hashOf(new TextEncoder().encode(text))).toBe(hash)
})

test('hashes equal those of an independent implementation at every length and alignment', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    // Halves of all ones and all zeros exercise the carries.
    fc.array(fc.constantFrom(0x00, 0x01, 0x7f, 0x80, 0xff), { maxLength: 200 }).map((array) => Uint8Array.from(array)),
  )
  fc.assert(
    fc.property(bytes, fc.nat({ max: 9 }), (content, offset) => {
      const within = new Uint8Array(offset + content.length + 3).fill(0xee)
      within.set(content, offset)
      expect(hashOf(within.subarray(offset, offset + content.length))).toBe(independent(content))
    }),
    { numRuns: 2_000 },
  )
  for (let length = 0; length <= 200; length++) {
    const content = Uint8Array.from({ length }, (_, at) => (at * 167 + length) & 0xff)
    expect(hashOf(content)).toBe(independent(content))
  }
})
