import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ExpiringMap } from './expiring-map.ts'

test('a key is kept for the time, and the most recent keys up to the limit', () => {
  const sets = fc.array(fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd'), laterMs: fc.nat(40) }))
  fc.assert(
    fc.property(sets, fc.nat(200), (given, askedLaterMs) => {
      const map = new ExpiringMap<number>({ keysMax: 2, keptMs: 100 })
      let nowMs = 0
      const order: string[] = []
      const setMs = new Map<string, number>()
      for (const { key, laterMs } of given) {
        nowMs += laterMs
        map.set(key, nowMs, nowMs)
        setMs.set(key, nowMs)
        order.push(...order.splice(0).filter((other) => other !== key), key)
      }
      const askedMs = nowMs + askedLaterMs
      for (const key of ['a', 'b', 'c', 'd']) {
        const isKept = order.slice(-2).includes(key) && askedMs < (setMs.get(key) ?? 0) + 100
        expect(map.get(key, askedMs)?.value).toBe(isKept ? setMs.get(key) : undefined)
      }
    }),
  )
})
