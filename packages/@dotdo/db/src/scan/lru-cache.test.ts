import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LruCache } from './lru-cache.ts'

test('evicts the least recently used entry when full', () => {
  const cache = new LruCache<number>(3)
  cache.set('a', 1, 1)
  cache.set('b', 2, 1)
  cache.set('c', 3, 1)
  expect(cache.get('a')).toBe(1)
  cache.set('d', 4, 2)
  expect(['a', 'b', 'c', 'd'].map((key) => cache.get(key))).toEqual([1, undefined, undefined, 4])
})

test('does not keep an entry heavier than its limit, and drops the older value of that key', () => {
  const cache = new LruCache<number>(3)
  cache.set('a', 1, 1)
  cache.set('b', 2, 1)
  cache.set('a', 3, 4)
  expect([cache.get('a'), cache.get('b')]).toEqual([undefined, 2])
})

test('always agrees with a list kept in order of use', () => {
  const key = fc.constantFrom('a', 'b', 'c', 'd', 'e')
  const step = fc.oneof(
    fc.record({ does: fc.constant('set'), key, weight: fc.nat(6) }),
    fc.record({ does: fc.constantFrom('get', 'delete'), key, weight: fc.constant(0) }),
  )
  const property = fc.property(fc.nat(8), fc.array(step, { maxLength: 60 }), (weightMax, steps) => {
    const cache = new LruCache<number>(weightMax)
    // Least recently used first.
    let model: { key: string; value: number; weight: number }[] = []
    for (const [value, { does, key, weight }] of steps.entries()) {
      const known = model.find((entry) => entry.key === key)
      model = model.filter((entry) => entry !== known)
      if (does === 'get') {
        expect(cache.get(key)).toBe(known?.value)
        if (known !== undefined) model.push(known)
      } else if (does === 'delete') {
        cache.delete(key)
      } else {
        cache.set(key, value, weight)
        if (weight <= weightMax) model.push({ key, value, weight })
        while (model.reduce((sum, entry) => sum + entry.weight, 0) > weightMax) model.shift()
      }
    }
    const left = ['a', 'b', 'c', 'd', 'e'].map((key) => cache.get(key))
    expect(left).toEqual(['a', 'b', 'c', 'd', 'e'].map((key) => model.find((entry) => entry.key === key)?.value))
  })
  fc.assert(property, { numRuns: 500 })
})
