// Sums and bounds over generated amounts: whatever creations and updates are accepted, the stored amounts add up.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { EntityFields, JsonValue } from '../base/entity.ts'
import { ObjectError } from '../base/object-error.ts'
import { crudVerb } from '../noun/make-schema.ts'
import { makeNoun } from '../noun/noun.ts'
import { decideChange } from '../verb/decide-change.ts'
import { checkBounds } from './check-bounds.ts'

const { $schema: schema } = makeNoun('Bill', {
  fields: {
    currency: 'string = USD',
    lines: 'json',
    net: 'money(0..)! = lines[].amount',
    tax: 'money(0..)',
    discount: 'money(0..)',
    total: 'money! = net - discount + tax',
    paid: 'money(0..)',
    due: 'money! = total - paid',
  },
  bounds: ['0 <= paid <= total'],
})

const amount = fc.oneof({ weight: 20, arbitrary: fc.integer({ min: 0, max: 200 }) }, fc.constantFrom(null, 0.5, -1))
const body = fc.record(
  {
    lines: fc.array(fc.record({ amount: fc.integer({ min: 0, max: 50 }) }, { requiredKeys: [] }), { maxLength: 3 }),
    net: amount,
    tax: amount,
    discount: amount,
    paid: amount,
    // A given sum is rarely right by chance.
    total: fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, amount),
    due: fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, amount),
  },
  { requiredKeys: [] },
)

function change(
  current: EntityFields | undefined,
  input: Readonly<Record<string, JsonValue>>,
): EntityFields | undefined {
  const verb = crudVerb(current === undefined ? 'create' : 'update')
  try {
    const fields = decideChange({ schema, verb, input, current, nowMs: 0 }) ?? {}
    checkBounds(schema, { operation: 'Bill.write', before: current, fields })
    return fields
  } catch (error) {
    if (error instanceof ObjectError && error.code === 'validation_error') return undefined
    throw error
  }
}

test('accepted writes leave amounts that add up, and a sum that was not given is always filled', () => {
  let accepted = 0
  fc.assert(
    fc.property(fc.array(body, { minLength: 1, maxLength: 6 }), (bodies) => {
      let current: EntityFields | undefined
      for (const input of bodies) {
        const next = change(current, input)
        if (next === undefined) continue
        accepted++
        current = next
        const [net, tax, discount, paid] = ['net', 'tax', 'discount', 'paid'].map((name) => Number(next[name] ?? 0))
        const { lines } = next
        const items = Array.isArray(lines) ? (lines as readonly { amount?: number }[]) : undefined
        if (items !== undefined) expect(net).toBe(items.reduce((sum, item) => sum + (item.amount ?? 0), 0))
        expect(next['total']).toBe((net ?? 0) - (discount ?? 0) + (tax ?? 0))
        expect(next['due']).toBe(Number(next['total']) - (paid ?? 0))
        if (next['paid'] !== undefined) expect(paid).toBeLessThanOrEqual(Number(next['total']))
      }
    }),
    { numRuns: 400 },
  )
  expect(accepted).toBeGreaterThan(80)
})

test('a rule leaves a write alone that changes none of its fields, so data from before it can be annotated', () => {
  const old = { net: 100, tax: 20, total: 5, due: 999, currency: 'USD' }
  expect(change(old, { currency: 'EUR' })).toEqual({ ...old, currency: 'EUR' })
  expect(change(old, { tax: 30 })).toMatchObject({ total: 130, due: 130 })
})
