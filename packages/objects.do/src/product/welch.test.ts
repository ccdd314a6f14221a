// Welch's test against published quantiles of Student's distribution, a simulation, and its laws.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareMeans, incompleteBeta, logGamma, sampleOf } from './welch.ts'

test.each([
  // Two-sided quantiles of Student's t from common tables.
  [1, 12.706, 0.05],
  [2, 4.303, 0.05],
  [5, 2.571, 0.05],
  [10, 2.228, 0.05],
  [10, 3.169, 0.01],
  [30, 2.042, 0.05],
  [120, 1.98, 0.05],
  [1e6, 1.95996, 0.05],
])('with %d degrees of freedom, t = %d has p = %d', (freedom, t, p) => {
  expect(incompleteBeta(freedom / (freedom + t * t), freedom / 2, 0.5)).toBeCloseTo(p, 3)
})

test('the gamma function has its known values', () => {
  for (const [x, value] of [
    [1, 1],
    [5, 24],
    [0.5, Math.sqrt(Math.PI)],
    [10.5, 1_133_278.388_948_785],
  ] as const)
    expect(Math.exp(logGamma(x)) / value).toBeCloseTo(1, 12)
})

test('an example by hand: unequal variances and sizes', () => {
  const [a, b] = [sampleOf([20, 22, 19, 20, 22, 18, 24, 20, 22, 24]), sampleOf([28, 33, 18, 30, 22])]
  const [ofA, ofB] = [a.variance / 10, b.variance / 5]
  const compared = compareMeans(a, b)
  expect(compared?.t).toBeCloseTo((26.2 - 21.1) / Math.sqrt(ofA + ofB), 12)
  expect(compared?.freedom).toBeCloseTo((ofA + ofB) ** 2 / (ofA ** 2 / 9 + ofB ** 2 / 4), 12)
  expect(compared?.p).toBeGreaterThan(0.1)
  expect(compared?.p).toBeLessThan(0.2)
})

test('the probability is symmetric, in its range, falls with the distance, and needs a variance', () => {
  const values = fc.array(fc.integer({ min: -1_000, max: 1_000 }), { minLength: 2, maxLength: 30 })
  fc.assert(
    fc.property(values, values, fc.integer({ min: 1, max: 5_000 }), (left, right, by) => {
      const [a, b] = [sampleOf(left), sampleOf(right)]
      const [one, other] = [compareMeans(a, b), compareMeans(b, a)]
      expect(other?.p).toBe(one?.p)
      if (one === undefined) return expect(a.variance + b.variance).toBe(0)
      expect(one.p).toBeGreaterThanOrEqual(0)
      expect(one.p).toBeLessThanOrEqual(1)
      const further = compareMeans(a, { ...b, mean: b.mean + (b.mean >= a.mean ? by : -by) })
      expect(further?.p ?? 1).toBeLessThanOrEqual(one.p)
    }),
    { numRuns: 200 },
  )
  expect(compareMeans(sampleOf([1, 1]), sampleOf([2, 2]))).toBeUndefined()
})

test('samples of one distribution are told apart at 5 percent about once in twenty times', () => {
  let state = 7
  const random = (): number => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return state / 2_147_483_648
  }
  let found = 0
  for (let run = 0; run < 4_000; run++) {
    const draw = (count: number): number[] => Array.from({ length: count }, () => random() + random() + random())
    if ((compareMeans(sampleOf(draw(12)), sampleOf(draw(30)))?.p ?? 1) < 0.05) found++
  }
  expect(found / 4_000).toBeGreaterThan(0.035)
  expect(found / 4_000).toBeLessThan(0.065)
})
