// Each verb leaves its time on the entity: in a field of its own, in that of the state to which it leads, or beside what it stores.

import { expect, test } from 'vitest'
import type { NounSchema, Verb } from '../noun/schema.ts'
import type { EffectValue, EffectValues } from '../noun/verb-effect.ts'
import { nouns } from './all-nouns.ts'
import { serviceNouns } from './service-nouns.ts'

const schemas: readonly NounSchema[] = Object.values({ ...nouns, ...serviceNouns }).map(({ $schema }) => $schema)

/** Reads whether a value is, or may be, the time of the event. An object of arguments has it as `at`. */
function hasNow(value: EffectValue): boolean {
  switch (value.kind) {
    case 'now':
    case 'arguments':
      return true
    case 'first':
      return value.of.some(hasNow)
    case 'ifEmpty':
    case 'append':
    case 'ifGiven':
      return hasNow(value.value)
    case 'when':
    case 'ifPast':
      return hasNow(value.then) || hasNow(value.otherwise)
    default:
      return false
  }
}

const leavesTime = (sets: EffectValues = {}): boolean => Object.values(sets).some(hasNow)

function hasTime(schema: NounSchema, { name, effect }: Verb): boolean {
  const states = schema.transitions.filter(({ verb }) => verb === name).map(({ to }) => schema.states[to])
  return leavesTime(effect.sets) || (states.length > 0 && states.every((state) => leavesTime(state?.sets)))
}

test('each verb leaves its time, except those that only count or list for others', () => {
  const without = schemas.flatMap((schema) =>
    Object.values(schema.verbs)
      .filter((verb) => verb.category === 'custom' && !hasTime(schema, verb))
      .map((verb) => `${schema.name}.${verb.name}`),
  )
  expect(without.toSorted()).toEqual([
    // Its time is the one at which the content will be published.
    'Content.schedule',
    // The server calls these in the commit of a verb that leaves its time.
    'Invoice.countRefund',
    'Invoice.countRefundedCredit',
    'Invoice.itemize',
    'Payment.takeBack',
    'Subscription.itemize',
  ])
})
