import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Entity } from './entity.ts'
import { newestLines } from './talk-lines.ts'

const line = (at: number): Entity =>
  ({ $id: `m${at}`, $type: 'Message', $createdAt: new Date(at * 1_000).toISOString() }) as Entity

test('the newest lines of several lists have no gap, and are in order', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uniqueArray(fc.integer({ min: 0, max: 60 }), { maxLength: 20 }), { maxLength: 3 }),
      fc.integer({ min: 1, max: 8 }),
      (lists, limit) => {
        const pages = lists.map((times) => {
          const lines = times.toSorted((a, b) => b - a).map(line)
          return { lines: lines.slice(0, limit), hasMore: lines.length > limit }
        })
        const whole = lists
          .flat()
          .toSorted((a, b) => a - b)
          .map((at) => line(at).$createdAt)
        const shown = newestLines(pages).map(({ $createdAt }) => $createdAt)
        expect(shown).toEqual(whole.slice(whole.length - shown.length))
        expect(shown.length).toBeGreaterThanOrEqual(Math.min(limit, whole.length))
      },
    ),
  )
})
