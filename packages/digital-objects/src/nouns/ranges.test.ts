// Ranges of numbers: each number of the built-in Nouns has one or is known to need none, and values beyond it are refused.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { DataField } from '../noun/schema.ts'
import { checkValue } from '../noun/validate-value.ts'
import { nouns } from './all-nouns.ts'
import { serviceNouns } from './service-nouns.ts'

/** Numbers on a scale of the user's own, and amounts that can be negative. */
const open = new Set([
  'Contact.leadScore',
  'Lead.score',
  'Organization.lifetimeValue',
  'Plan.order',
  'Experiment.lift',
  'Goal.target',
  'Goal.current',
  'Metric.value',
  'Metric.alertAbove',
  'Metric.alertBelow',
  'Metric.crossedValue',
])

const numbers = Object.values({ ...nouns, ...serviceNouns }).flatMap(({ $schema: { name, fields } }) =>
  Object.values(fields).flatMap((field) =>
    field.kind === 'data' && ['number', 'integer', 'money'].includes(field.type)
      ? [{ place: `${name}.${field.name}`, field }]
      : [],
  ),
)
const hasRange = ({ min, max }: DataField): boolean => min !== undefined || max !== undefined

test('each number has a range, is computed, or is known to need none', () => {
  const without = numbers.filter(({ field }) => !hasRange(field) && field.sum === undefined)
  expect(new Set(without.map(({ place }) => place))).toEqual(
    new Set([...open, 'LineItem.unitAmount', 'SubscriptionItem.unitAmount']),
  )
})

test('generated values beyond a range are refused, and those in it are taken', () => {
  const ranged = numbers.filter(({ field }) => hasRange(field))
  expect(ranged.length).toBeGreaterThan(60)
  const distance = fc.oneof(fc.constantFrom(1, 0.5, 1e300), fc.double({ min: 0.001, max: 1e12, noNaN: true }))
  fc.assert(
    fc.property(fc.constantFrom(...ranged), distance, ({ place, field }, beyond) => {
      const { min = -Infinity, max = Infinity } = field
      for (const wrong of [min - beyond, max + beyond].filter(Number.isFinite))
        expect(checkValue(field, wrong).ok, `${place} ${wrong}`).toBe(false)
      for (const right of [min, max].filter(Number.isFinite)) expect(checkValue(field, right).ok, place).toBe(true)
    }),
    { numRuns: 400 },
  )
})
