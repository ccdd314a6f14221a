import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CountingObjectStore } from '../../test/entity-files.ts'
import { blockBytes, checksumBlocks } from './block-checksums.ts'
import { coalesceRanges, RangeReader } from './range-reader.ts'

const key = 'acme/thing.parquet'
const content = Uint8Array.from({ length: 40 * blockBytes + 1_234 }, (_, at) => (at * 31 + (at >> 8)) & 0xff)

/** The last 100 bytes stand for a footer. Bytes from `keptStart` on are in memory. */
async function readerOf(
  keptStart = content.length - 100,
): Promise<{ reader: RangeReader; store: CountingObjectStore }> {
  const footerStart = content.length - 100
  const store = new CountingObjectStore()
  await store.put(key, content, { ifAbsent: false })
  const reader = new RangeReader({
    store,
    key,
    bytes: content.length,
    footerStart,
    checksums: checksumBlocks(content.subarray(0, footerStart)),
    kept: { start: keptStart, bytes: content.subarray(keptStart) },
  })
  return { reader, store }
}

const anyRange = fc
  .tuple(fc.nat({ max: content.length - 101 }), fc.integer({ min: 1, max: 30_000 }))
  .map(([start, length]) => ({ start, end: Math.min(start + length, content.length - 100) }))

test('each of several concurrent ranges gets its own bytes, wherever the bytes in memory begin', async () => {
  const keptStarts = fc.nat({ max: 40 }).map((block) => block * blockBytes)
  await fc.assert(
    fc.asyncProperty(fc.array(anyRange, { minLength: 1, maxLength: 8 }), keptStarts, async (ranges, keptStart) => {
      const { reader } = await readerOf(keptStart)
      const read = await Promise.all(ranges.map(({ start, end }) => reader.slice(start, end)))
      for (const [at, { start, end }] of ranges.entries())
        expect(Buffer.compare(new Uint8Array(read[at] ?? new ArrayBuffer()), content.subarray(start, end))).toBe(0)
    }),
  )
})

test('a caller owns its answer: changing it changes no other answer', async () => {
  const { reader } = await readerOf()
  const [first, second] = await Promise.all([reader.slice(10, 20), reader.slice(10, 20)])
  new Uint8Array(first ?? new ArrayBuffer()).fill(0)
  expect(new Uint8Array(second ?? new ArrayBuffer())).toEqual(content.slice(10, 20))
  expect(new Uint8Array(await reader.slice(10, 20))).toEqual(content.slice(10, 20))
})

test('ranges of one tick become one request if they are close together, but not if far apart', async () => {
  const { reader, store } = await readerOf()
  await Promise.all([reader.slice(0, 10), reader.slice(20_000, 20_010), reader.slice(50_000, 60_000)])
  expect(store.requests).toBe(1)
  store.forget()
  await Promise.all([reader.slice(0, 10), reader.slice(200_000, 200_010)])
  expect(store.requests).toBe(2)
  expect(store.bytes).toBe(2 * blockBytes)
})

test('bytes in memory take no request', async () => {
  const { reader, store } = await readerOf(20 * blockBytes)
  await Promise.all([reader.slice(20 * blockBytes, 20 * blockBytes + 5), reader.slice(content.length - 8)])
  expect(store.requests).toBe(0)
})

describe('merged ranges', () => {
  test('cover the requested ranges in whole blocks, in order and bounded, and cannot be merged further', () => {
    const limit = content.length - 100
    fc.assert(
      fc.property(fc.array(anyRange, { maxLength: 12 }), (ranges) => {
        const merged = coalesceRanges(ranges, limit)
        expect(merged.flatMap(({ of }) => of).toSorted(byBounds)).toEqual(ranges.toSorted(byBounds))
        for (const [at, { start, end, of }] of merged.entries()) {
          expect(start % blockBytes).toBe(0)
          expect(end % blockBytes === 0 || end === limit).toBe(true)
          for (const range of of) expect(range.start >= start && range.end <= end).toBe(true)
          const before = merged[at - 1]
          if (before !== undefined) expect(start - before.end).toBeGreaterThan(32_768)
        }
      }),
    )
  })

  test('request at most 8 MB at once, unless a single range is larger', () => {
    const mb = 2 ** 20
    const ranges = [0, 3, 6, 9].map((start) => ({ start: start * mb, end: (start + 3) * mb }))
    expect(coalesceRanges(ranges, 100 * mb).map(({ start, end }) => [start / mb, end / mb])).toEqual([
      [0, 6],
      [6, 12],
    ])
    expect(coalesceRanges([{ start: 0, end: 20 * mb }], 100 * mb)).toMatchObject([{ start: 0, end: 20 * mb }])
  })
})

function byBounds(a: { start: number; end: number }, b: { start: number; end: number }): number {
  return a.start - b.start || a.end - b.end
}
