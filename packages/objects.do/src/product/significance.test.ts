import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareProportions, erfc, holmAdjusted } from './significance.ts'

test('the error function has the values of the tables', () => {
  // Abramowitz, Stegun, Handbook of Mathematical Functions, table 7.1, and 7.3 for large arguments.
  const known = [
    [0, 1],
    [0.5, 0.4795001221869535],
    [1, 0.15729920705028513],
    [2, 0.0046777349810472],
    [2.5, 0.000406952017444959],
    [3, 0.0000220904969985854],
    [5, 1.5374597944280349e-12],
  ] as const
  for (const [x, value] of known) expect(erfc(x) / value).toBeCloseTo(1, 10)
})

test('two proportions are compared as statistics programs compare them', () => {
  // prop.test(c(15, 25), c(50, 50), correct = FALSE) in R: X-squared = 4.1667, p-value = 0.04123.
  const small = compareProportions({ successes: 15, trials: 50 }, { successes: 25, trials: 50 })
  expect((small?.z ?? 0) ** 2).toBeCloseTo(4.1667, 4)
  expect(small?.p).toBeCloseTo(0.04123, 5)
  // prop.test(c(490, 400), c(500, 500), correct = FALSE) in R: X-squared = 82.737, p-value < 2.2e-16.
  const large = compareProportions({ successes: 400, trials: 500 }, { successes: 490, trials: 500 })
  expect((large?.z ?? 0) ** 2).toBeCloseTo(82.737, 3)
  expect(large?.p).toBeLessThan(2.2e-16)
  // 70 of 729 against 85 of 771.
  const year = compareProportions({ successes: 70, trials: 729 }, { successes: 85, trials: 771 })
  expect(year?.z).toBeCloseTo(0.9, 2)
  expect(year?.p).toBeCloseTo(0.36569, 5)
  expect(compareProportions({ successes: 0, trials: 0 }, { successes: 1, trials: 2 })).toBeUndefined()
  expect(compareProportions({ successes: 0, trials: 9 }, { successes: 0, trials: 9 })).toBeUndefined()
})

test('a comparison is symmetric, and more data make the same difference surer', () => {
  const proportion = fc
    .record({ trials: fc.integer({ min: 1, max: 5_000 }), share: fc.double({ min: 0, max: 1, noNaN: true }) })
    .map(({ trials, share }) => ({ trials, successes: Math.round(trials * share) }))
  fc.assert(
    fc.property(proportion, proportion, (a, b) => {
      const [one, other] = [compareProportions(a, b), compareProportions(b, a)]
      if (one === undefined || other === undefined) return
      expect(one.z).toBeCloseTo(-other.z, 9)
      expect(one.p).toBeCloseTo(other.p, 12)
      const double = (of: typeof a): typeof a => ({ trials: of.trials * 2, successes: of.successes * 2 })
      expect(compareProportions(double(a), double(b))?.p ?? 1).toBeLessThanOrEqual(one.p + 1e-12)
    }),
  )
})

test("Holm's correction multiplies the smallest by the number of comparisons, and never changes the order", () => {
  // p.adjust(c(0.01, 0.04, 0.03), 'holm') in R: 0.03 0.06 0.06.
  expect(holmAdjusted([0.01, 0.04, 0.03]).map((p) => Number(p.toFixed(9)))).toEqual([0.03, 0.06, 0.06])
  expect(holmAdjusted([])).toEqual([])
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 6 }), (all) => {
      const adjusted = holmAdjusted(all)
      for (const [at, p] of all.entries()) {
        expect(adjusted[at]).toBeGreaterThanOrEqual(p)
        for (const [other, q] of all.entries())
          if (p < q) expect(adjusted[at]).toBeLessThanOrEqual(adjusted[other] ?? 0)
      }
    }),
  )
})
