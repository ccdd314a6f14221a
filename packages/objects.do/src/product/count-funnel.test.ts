import fc from 'fast-check'
import { expect, test } from 'vitest'
import { countFunnel, passageOf } from './count-funnel.ts'

const times = fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 5 }).map((all) => all.toSorted((a, b) => a - b))
const unit = fc.record({
  steps: fc.array(times, { minLength: 2, maxLength: 4 }),
  withinMs: fc.option(fc.integer({ min: 0, max: 12 }), { nil: undefined }),
})

/** The most steps that any choice of times takes in order. */
function depthOf(steps: readonly (readonly number[])[], withinMs = Infinity): number {
  const from = (at: number, start: number, last: number): number =>
    Math.max(
      0,
      ...(steps[at] ?? [])
        .filter((time) => time >= last && time <= start + withinMs)
        .map((time) => 1 + from(at + 1, start, time)),
    )
  return Math.max(0, ...(steps[0] ?? []).map((start) => 1 + from(1, start, start)))
}

test('a passage takes as many steps as any choice of times could, in order and within the window', () => {
  fc.assert(
    fc.property(unit, ({ steps, withinMs }) => {
      const window = withinMs === undefined ? {} : { withinMs }
      const passage = passageOf({ steps, repeats: [], ...window })
      expect(passage).toHaveLength(depthOf(steps, withinMs))
      for (const [at, time] of passage.entries()) {
        expect(steps[at]).toContain(time)
        expect(time).toBeGreaterThanOrEqual(passage[at - 1] ?? 0)
        expect(time - (passage[0] ?? 0)).toBeLessThanOrEqual(withinMs ?? Infinity)
      }
    }),
  )
})

test('one event does not count for a step and the same step after it', () => {
  expect(passageOf({ steps: [[1], [1]], repeats: [false, true] })).toEqual([1])
  expect(
    passageOf({
      steps: [
        [1, 2],
        [1, 2],
      ],
      repeats: [false, true],
    }),
  ).toEqual([1, 2])
})

test('rates are of the first step, and drop-offs of the step before', () => {
  const passages = [890, 620, 310, 270, 210].flatMap((count, at, all) =>
    Array.from({ length: count - (all[at + 1] ?? 0) }, () => Array.from({ length: at + 1 }, (_, step) => step * 10)),
  )
  const { steps, conversionRate, total } = countFunnel(5, passages)
  expect(total).toBe(890)
  expect(steps.map(({ count }) => count)).toEqual([890, 620, 310, 270, 210])
  expect(conversionRate).toBeCloseTo(0.24, 2)
  expect(steps.map(({ dropOff }) => Number(dropOff.toFixed(2)))).toEqual([0, 0.3, 0.5, 0.13, 0.22])
  expect(steps.map(({ medianTime }) => medianTime)).toEqual([null, 10, 10, 10, 10])
  expect(countFunnel(2, [])).toMatchObject({ total: 0, conversionRate: 0, steps: [{ rate: 0 }, { count: 0 }] })
})
