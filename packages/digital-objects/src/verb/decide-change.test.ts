// The demands of a verb on its caller and its entity, and the calls that change nothing.

import { expect, test } from 'vitest'
import type { EntityFields, JsonValue } from '../base/entity.ts'
import { ObjectError } from '../base/object-error.ts'
import { makeNoun } from '../noun/noun.ts'
import { decideChange } from './decide-change.ts'

const nowMs = Date.parse('2026-03-04T05:06:07.089Z')
const { $schema: schema } = makeNoun('Parcel', {
  fields: {
    weight: 'number?',
    stage: 'Packed | Sent | Lost',
    carrier: 'string?',
    lost: 'boolean?',
    dueAt: 'datetime?',
    promise: 'Promised',
    hand: 'Handed',
    scan: 'Scanned',
    weigh: 'Weighed',
  },
  effects: {
    promise: { needs: ['dueAt'], needsFuture: ['dueAt'], argumentAliases: { by: 'dueAt' } },
    hand: { argumentsRequired: ['carrier', ['from', 'to']], argumentsOnly: ['from', 'to'] },
    weigh: { sets: { weight: { kind: 'first', of: [{ kind: 'argument', name: 'weight' }] } } },
  },
})

interface Asked {
  readonly has?: EntityFields
  readonly input?: Readonly<Record<string, JsonValue>>
}

function decide(verbName: string, { has = { stage: 'Packed' }, input = {} }: Asked): EntityFields | undefined {
  const verb = schema.verbs[verbName]
  if (verb === undefined) throw new Error(`no verb ${verbName}`)
  return decideChange({ schema, verb, input, current: has, nowMs })
}

function faultsOf(verb: string, asked: Asked): readonly string[] {
  try {
    decide(verb, asked)
  } catch (error) {
    if (error instanceof ObjectError) return (error.faults ?? []).map(({ field, message }) => `${field} ${message}`)
    throw error
  }
  return []
}

test.each([
  [{}, ['carrier is required: send carrier', 'from is required: send from or to']],
  [{ carrier: 'Post' }, ['from is required: send from or to']],
  [{ carrier: null, to: 'Ada' }, ['carrier is required: send carrier']],
  [{ carrier: 'Post', to: 'Ada' }, []],
])('a verb with the arguments %j lacks %j', (input, faults) => {
  expect(faultsOf('hand', { input })).toEqual(faults)
})

test('a field that the entity has need not be sent, and a time must be in the future', () => {
  expect(faultsOf('promise', {})).toEqual(['dueAt needs a value: set dueAt'])
  const past = 'dueAt needs a time in the future, later than 2026-03-04T05:06:07.089Z'
  expect(faultsOf('promise', { input: { by: '2026-03-04T05:06:07.089Z' } })).toEqual([past])
  expect(faultsOf('promise', { has: { dueAt: '2026-03-01T00:00:00.000Z' } })).toEqual([past])
  expect(faultsOf('promise', { input: { by: '2026-03-04T05:06:08Z' } })).toEqual([])
})

test('a verb that sets fields and changes none is no event, and one that sets none is an event each time', () => {
  expect(decide('weigh', { has: { weight: 3 } })).toBeUndefined()
  expect(decide('weigh', { has: { weight: 3 }, input: { weight: 3 } })).toBeUndefined()
  expect(decide('weigh', { has: { weight: 3 }, input: { weight: 4 } })).toEqual({ weight: 4 })
  expect(decide('scan', { has: { weight: 3 } })).toEqual({ weight: 3 })
})
