// Tidying the files always ends: no plan asks for the same work again and again.

import type { LayerFile, Manifest, NounLayers } from '@dotdo/db'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { finalThrough, nextMerge, type Segment } from './archive-plan.ts'
import { nextCompaction } from './compaction-plan.ts'

/** Writers end a file beyond this many bytes. */
const layerBytesMax = 24 * 2 ** 20
const eventBytesMax = 16 * 2 ** 20

/** Small files, and files whose rows have up to a million characters. */
const anySize = fc
  .record({
    rows: fc.oneof(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 30_000 })),
    rowBytes: fc.constantFrom(20, 100, 1_000, 20_000, 900_000),
  })
  .map(({ rows, rowBytes }) => ({ rows: Math.min(rows, Math.ceil(200_000_000 / rowBytes)), rowBytes }))
type Size = typeof anySize extends fc.Arbitrary<infer Value> ? Value : never

/** Cuts a size into several files if it is too large for one. */
function cut(size: { readonly rows: number; readonly bytes: number }, bytesMax: number): (typeof size)[] {
  const count = Math.max(1, Math.ceil(size.bytes / (bytesMax * 1.1)))
  return Array.from({ length: count }, () => ({ rows: Math.ceil(size.rows / count), bytes: size.bytes / count }))
}

const sumOf = (files: readonly { readonly rows: number; readonly bytes: number }[]) => ({
  rows: files.reduce((sum, { rows }) => sum + rows, 0),
  bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
})

function deltasOf(sizes: readonly Size[]): LayerFile[] {
  return sizes.flatMap(({ rows, rowBytes }, at) =>
    cut({ rows, bytes: rows * rowBytes }, layerBytesMax).map((size) => fileOf(size, at * 1_000, (at + 1) * 1_000)),
  )
}

function fileOf(size: { rows: number; bytes: number }, afterSeq: number, throughSeq: number): LayerFile {
  return {
    key: 'k',
    idMin: 'a',
    idMax: 'b',
    tailStart: 0,
    footerStart: 0,
    footerChecksum: 0,
    afterSeq,
    throughSeq,
    ...size,
  }
}

describe('layers', () => {
  test('settle in a few steps, none of which reads much more than a rewrite', () =>
    fc.assert(
      fc.property(fc.array(anySize, { minLength: 1, maxLength: 60 }), fc.nat(100), (sizes, baseFiles) => {
        const base = Array.from({ length: baseFiles }, () => fileOf({ rows: 100_000, bytes: layerBytesMax }, 0, 0))
        let layers: NounLayers = { fields: [], entities: 0, base, baseSeq: 0, deltas: deltasOf(sizes) }
        let steps = 0
        for (; steps < 100; steps++) {
          // only what the plan reads
          const manifest = { seq: sizes.length * 1_000, nouns: { Robot: layers } } as unknown as Manifest
          const due = nextCompaction({ manifest, underWay: undefined, deltaRowsMin: 20_000 })
          if (due === undefined) break
          if (due.kind === 'rewrite') {
            layers = { ...layers, deltas: [] }
            continue
          }
          const merged = layers.deltas.slice(-due.deltas)
          expect(sumOf(merged).bytes).toBeLessThan(120 * 2 ** 20)
          const [first, last] = [merged[0], merged.at(-1)]
          const files = cut(sumOf(merged), layerBytesMax).map((size) =>
            fileOf(size, first?.afterSeq ?? 0, last?.throughSeq ?? 0),
          )
          expect(files.length).toBeLessThan(merged.length)
          layers = { ...layers, deltas: [...layers.deltas.slice(0, -due.deltas), ...files] }
        }
        expect(steps).toBeLessThan(100)
        expect(layers.deltas.length).toBeLessThanOrEqual(Math.max(24, baseFiles / 2))
      }),
      { numRuns: 150 },
    ))

  test('of a growing Noun are written at most five times more for each row, however large its flushes are', () =>
    fc.assert(
      fc.property(fc.integer({ min: 500, max: 20_000 }), (flushRows) => {
        let [seq, written] = [0, 0]
        let layers: NounLayers = { fields: [], entities: 0, base: [], baseSeq: 0, deltas: [] }
        while (seq < 300_000) {
          seq += flushRows
          const delta = fileOf({ rows: flushRows, bytes: flushRows * 25 }, seq - flushRows, seq)
          layers = { ...layers, deltas: [...layers.deltas, delta] }
          written += flushRows
          for (;;) {
            const manifest = { seq, nouns: { Robot: layers } } as unknown as Manifest // only what the plan reads
            const due = nextCompaction({ manifest, underWay: undefined, deltaRowsMin: 20_000 })
            if (due === undefined) break
            const merged = due.kind === 'rewrite' ? [] : layers.deltas.slice(-due.deltas)
            const size = due.kind === 'rewrite' ? { rows: seq, bytes: seq * 25 } : sumOf(merged)
            written += size.rows
            layers =
              due.kind === 'rewrite'
                ? { ...layers, base: [fileOf(size, 0, seq)], deltas: [] }
                : {
                    ...layers,
                    deltas: [...layers.deltas.slice(0, -due.deltas), fileOf(size, merged[0]?.afterSeq ?? 0, seq)],
                  }
          }
        }
        expect(written / seq).toBeLessThan(5.5)
      }),
      { numRuns: 60 },
    ))

  test('are not merged over a long range of the log for a few rows', () => {
    const deltas = Array.from({ length: 8 }, (_, at) =>
      fileOf({ rows: 1, bytes: 4_000 }, at * 100_000, at * 100_000 + 10),
    )
    const nouns = { Robot: { fields: [], entities: 8, base: [], baseSeq: 0, deltas } }
    const manifest = { seq: 800_000, nouns } as unknown as Manifest // only what the plan reads
    expect(nextCompaction({ manifest, underWay: undefined, deltaRowsMin: 20_000 })).toBe(undefined)
  })
})

describe('files of the log', () => {
  test('settle in a few steps, and then all but the newest of a month are final', () =>
    fc.assert(
      fc.property(fc.array(fc.tuple(anySize, fc.nat(20)), { minLength: 1, maxLength: 80 }), (parts) => {
        let [seq, ms] = [0, Date.UTC(2026, 0, 1)]
        let segments = parts.flatMap(([{ rows, rowBytes }, pauseDays]) => {
          ms += pauseDays === 20 ? 20 * 86_400_000 : 1_000
          return cut({ rows, bytes: rows * rowBytes }, eventBytesMax).map((size): Segment => {
            const afterSeq = seq
            seq += size.rows
            return { afterSeq, throughSeq: seq, firstMs: ms, ...size }
          })
        })
        let steps = 0
        for (; steps < 100; steps++) {
          const merge = nextMerge(segments, 25_000)
          if (merge === undefined) break
          const isMerged = ({ afterSeq, throughSeq }: Segment) =>
            afterSeq >= merge.afterSeq && throughSeq <= merge.throughSeq
          const merged = segments.filter(isMerged)
          expect(merge.afterSeq).toBeGreaterThanOrEqual(finalThrough(segments, 25_000))
          expect(sumOf(merged).bytes).toBeLessThan(2 * eventBytesMax)
          let from = merge.afterSeq
          const files = cut(sumOf(merged), eventBytesMax).map((size, at, all): Segment => {
            const afterSeq = from
            from = at === all.length - 1 ? merge.throughSeq : from + size.rows
            return {
              afterSeq,
              throughSeq: from,
              firstMs: merged[0]?.firstMs ?? 0,
              rows: from - afterSeq,
              bytes: size.bytes,
            }
          })
          expect(files.length).toBeLessThan(merged.length)
          segments = [...segments.filter((file) => !isMerged(file)), ...files].toSorted(
            (a, b) => a.afterSeq - b.afterSeq,
          )
        }
        expect(steps).toBeLessThan(100)
        const left = segments.filter(({ afterSeq }) => afterSeq >= finalThrough(segments, 25_000))
        expect(left.filter(({ rows, bytes }) => rows < 25_000 && bytes < 8 * 2 ** 20).length).toBeLessThan(40)
      }),
      { numRuns: 150 },
    ))
})
