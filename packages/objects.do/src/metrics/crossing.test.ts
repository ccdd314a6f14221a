import fc from 'fast-check'
import { expect, test } from 'vitest'
import { crossingOf, type Side } from './crossing.ts'

test('a metric crosses its limit once, and again only after it was back by the margin', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 40 }),
      fc.integer({ min: 0, max: 5 }),
      (values, alertMargin) => {
        const limits = { alertAbove: 10, alertBelow: 4, alertMargin }
        let side: Side = 'inside'
        let isArmed = true
        for (const value of values) {
          const moved = crossingOf(limits, { value, side })
          expect(moved).not.toBe(side)
          if (moved === 'above' && side === 'inside') {
            expect([isArmed, value > 10]).toEqual([true, true])
            isArmed = false
          }
          if (side === 'above' && value <= 10 - alertMargin) expect(moved).not.toBeUndefined()
          if (side === 'above' && value > 10 - alertMargin) expect(moved).toBeUndefined()
          side = moved ?? side
          if (side !== 'above') isArmed = true
        }
      },
    ),
  )
})

test('a value at the limit is inside, and without limits everything is', () => {
  expect(crossingOf({ alertAbove: 10 }, { value: 10, side: 'inside' })).toBeUndefined()
  expect(crossingOf({ alertAbove: 10 }, { value: 10.01, side: 'inside' })).toBe('above')
  expect(crossingOf({ alertBelow: 4 }, { value: 3, side: 'above' })).toBe('below')
  expect(crossingOf({}, { value: 1e9, side: 'inside' })).toBeUndefined()
  expect(crossingOf({}, { value: 1, side: 'above' })).toBe('inside')
})
