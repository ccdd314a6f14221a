import fc from 'fast-check'
import { expect, test } from 'vitest'
import { describeSum, parseSum, valueOfSum } from './amount-expression.ts'

const valueOf = (text: string, fields: Record<string, unknown>, isWhole = true): unknown =>
  valueOfSum(parseSum(text) ?? [], { fields: JSON.parse(JSON.stringify(fields)) as Record<string, never>, isWhole })

test('products multiply before sums add, and only numbers divide', () => {
  expect(valueOf('a * b - c * 2 / 4 + 1', { a: 3, b: 4, c: 10 })).toBe(8)
  expect(valueOf('items[].amount * a', { items: [{ amount: 2 }, { amount: 3 }], a: 4 })).toBe(20)
  for (const text of ['a / b', 'a * ', '* a', 'a / 0', 'a ** b', 'a * b * a * b * a * b * a * b'])
    expect(parseSum(text), text).toBeUndefined()
  expect(describeSum(parseSum('a * b.c / 100 - d') ?? [], { fields: { a: 3, d: 1 } })).toBe(
    'a 3 * b.c (no value) / 100 - d 1',
  )
})

test('a product without one of its numbers has no value, and counts as 0 in a sum', () => {
  expect(valueOf('a * b', { a: 3 })).toBeUndefined()
  expect(valueOf('a * b + c', { a: 3, c: 2 })).toBe(2)
})

test('an optional list of numbers has no value if no item has one', () => {
  const items = [{ amount: 5 }, { amount: 7, tax: 2 }, 'x']
  expect(valueOf('items[]?.tax', { items })).toBe(2)
  expect(valueOf('items[]?.other', { items })).toBeUndefined()
  expect(valueOf('items[].other', { items })).toBe(0)
})

test('percentages of whole amounts round as on paper, halves away from 0', () => {
  const amount = fc.integer({ min: -1_000_000_000, max: 1_000_000_000 })
  // Percentages of up to three decimals, such as 8.875.
  fc.assert(
    fc.property(amount, fc.integer({ min: 0, max: 100_000 }), (whole, thousandths) => {
      const exact = BigInt(Math.abs(whole)) * BigInt(thousandths)
      const rounded = Number((exact * 2n + 100_000n) / 200_000n) * (whole < 0 ? -1 : 1)
      expect(valueOf('amount * percent / 100', { amount: whole, percent: thousandths / 1_000 })).toBe(rounded + 0)
    }),
  )
  expect(valueOf('amount * percent / 100', { amount: 1, percent: 50 }, false)).toBe(0.5)
})
