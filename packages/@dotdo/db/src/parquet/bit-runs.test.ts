import fc from 'fast-check'
import { readRleBitPackedHybrid } from 'hyparquet/src/encoding.js'
import { expect, test } from 'vitest'
import { encodeBitRuns } from './bit-runs.ts'

/** Mostly long runs, with some noise between them. */
const anyBits = fc
  .array(fc.tuple(fc.boolean(), fc.oneof(fc.nat({ max: 3 }), fc.nat({ max: 100 }))), { maxLength: 40 })
  .map((runs) => runs.flatMap(([bit, length]) => Array.from({ length }, () => bit)))

function decode(bytes: Uint8Array, count: number): readonly boolean[] {
  const output = Array.from({ length: count }, () => 0)
  const reader = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length), offset: 0 }
  readRleBitPackedHybrid(reader, 1, output, bytes.length)
  expect(reader.offset).toBe(bytes.length)
  return output.map((bit) => bit === 1)
}

test('bits read back unchanged, whatever their runs', () => {
  fc.assert(
    fc.property(anyBits, (bits) => {
      const bytes = encodeBitRuns(bits.length, (at) => bits[at] === true)
      expect(decode(bytes, bits.length)).toEqual(bits)
    }),
    { numRuns: 500 },
  )
})

test('bits never take more space than bit-packed ones, and a run takes almost none', () => {
  fc.assert(
    fc.property(anyBits, (bits) => {
      const headerBytesMax = 2
      const { length } = encodeBitRuns(bits.length, (at) => bits[at] === true)
      expect(length).toBeLessThanOrEqual(Math.ceil(bits.length / 8) + headerBytesMax)
    }),
  )
  expect(encodeBitRuns(4_999, () => true)).toHaveLength(3)
  expect(encodeBitRuns(0, () => true)).toHaveLength(0)
})
