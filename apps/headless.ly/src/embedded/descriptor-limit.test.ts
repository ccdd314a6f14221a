import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openObjectsMax, planDescriptors } from './descriptor-limit.ts'

test('objects and connections share any limit, and a low one is reported', () => {
  fc.assert(
    fc.property(fc.integer({ min: 256, max: 1_000_000 }), (limit) => {
      const { objectsMax, warning } = planDescriptors(limit)
      expect(objectsMax).toBeGreaterThanOrEqual(16)
      expect(objectsMax * 3 + 64).toBeLessThanOrEqual(limit / 2)
      expect(warning === undefined).toBe(limit >= 4_096)
    }),
  )
})

test('a limit that is too low is refused with what to do', () => {
  expect(() => planDescriptors(255)).toThrow(/255.*at least 256.*ulimit -n 65536/)
})

test('the limit of this process is read', () => {
  expect(openObjectsMax(() => {})).toBeGreaterThan(0)
})
