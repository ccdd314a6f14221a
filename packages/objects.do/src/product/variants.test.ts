import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fractionOf } from './subject.ts'
import { pickVariant, variantsOf } from './variants.ts'

test('fractions are the same for ever, and evenly spread', () => {
  // The SHA-256 of 'a' begins with ca978112ca1bb.
  expect(fractionOf('a')).toBe(0xca978112ca1bb / 2 ** 52)
  expect(fractionOf('experiment_1', 'variant', 'ada')).toBe(fractionOf('experiment_1', 'variant', 'ada'))
  const counts = Array.from({ length: 10 }, () => 0)
  for (let at = 0; at < 5_000; at++) {
    const slot = Math.floor(fractionOf('salt', String(at)) * 10)
    counts[slot] = (counts[slot] ?? 0) + 1
  }
  // Chi-squared with 9 degrees of freedom: beyond 27.9 once in a thousand.
  const chi = counts.reduce((sum, count) => sum + (count - 500) ** 2 / 500, 0)
  expect(chi).toBeLessThan(27.9)
})

test('variants are chosen by their weights', () => {
  const variants = variantsOf([
    { key: 'a', weight: 1 },
    { key: 'b', weight: 3 },
    { key: 'never', weight: 0 },
  ])
  const counts: Record<string, number> = {}
  for (let at = 0; at < 4_000; at++) {
    const key = pickVariant(variants, 'salt', String(at))?.key ?? ''
    counts[key] = (counts[key] ?? 0) + 1
  }
  expect(counts['never']).toBeUndefined()
  expect(counts['a']).toBeGreaterThan(850)
  expect(counts['a']).toBeLessThan(1_150)
})

test('any JSON has variants or none, each key once', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const keys = variantsOf(value as never).map(({ key }) => key)
      expect(new Set(keys).size).toBe(keys.length)
    }),
  )
  expect(variantsOf(['a', { id: 'b' }, { name: 'c', value: 7 }, {}, 4]).map(({ key }) => key)).toEqual(['a', 'b', 'c'])
  expect(variantsOf({ on: 'blue' })).toEqual([{ key: 'on', name: 'on', weight: 1, value: 'blue' }])
})
