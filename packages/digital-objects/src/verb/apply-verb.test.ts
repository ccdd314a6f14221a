import { expect, test } from 'vitest'
import { applyDefaults, applyVerb } from './apply-verb.ts'
import type { JsonValue } from '../base/entity.ts'
import { Noun } from '../noun/noun.ts'
import type { EffectValue } from '../noun/verb-effect.ts'

const nowMs = Date.parse('2026-03-04T05:06:07.089Z')

const Parcel = Noun(
  'Parcel',
  {
    label: 'string!',
    weight: 'number = 1',
    status: 'Packed | Shipped | Lost',
    priority: 'Low | Shipped | High',
    notes: 'json?',
    sentOn: 'date?',
    ship: 'Shipped',
    weigh: 'Weighed',
    note: 'Noted',
    mislay: 'Mislaid',
  },
  {
    effects: {
      weigh: { argumentsOnly: ['scale'], sets: { weight: { kind: 'argument', name: 'scale' } } },
      note: {
        argumentsOnly: ['text'],
        sets: { notes: { kind: 'append', value: { kind: 'arguments', names: ['text'] }, itemsMax: 2 } },
      },
      mislay: { sets: { status: { kind: 'literal', value: 'Lost' }, sentOn: { kind: 'now' } } },
    },
  },
)
const schema = Parcel.$schema

function run(
  verbName: string,
  current: Readonly<Record<string, JsonValue>> | undefined,
  input: Readonly<Record<string, JsonValue>> = {},
) {
  const verb = schema.verbs[verbName]
  if (verb === undefined) throw new Error(`no verb ${verbName}`)
  return applyVerb({ schema, verb, current, input, nowMs })
}

test('a verb without effects sets the first enum that has its event as a value, and no other', () => {
  expect(run('ship', { label: 'a', status: 'Packed' })).toEqual({ label: 'a', status: 'Shipped' })
})

test('an argument replaces its field, null clears it, and the given entity is not changed', () => {
  const current = Object.freeze({ label: 'a', weight: 3, status: 'Packed' })
  expect(run('ship', current, { label: 'b', weight: null })).toEqual({ label: 'b', status: 'Shipped' })
})

test('an entity created by a verb starts with its defaults, and null does not remove a default', () => {
  expect(run('ship', undefined, { label: 'a', weight: null })).toEqual({ label: 'a', weight: 1, status: 'Shipped' })
})

test('defaults fill only missing fields, not those that are false or 0', () => {
  expect(applyDefaults(schema, { weight: 0 })).toEqual({ weight: 0, status: 'Packed' })
})

test('an argument that is not a field is not stored, and is validated by the field whose effect reads it', () => {
  expect(run('weigh', { label: 'a', weight: 1 }, { scale: 7 })).toEqual({ label: 'a', weight: 7 })
  expect(() => run('weigh', { label: 'a' }, { scale: 'heavy' })).toThrow(
    expect.objectContaining({
      code: 'validation_error',
      field: 'weight',
      message: 'Parcel.weigh: field \'weight\' expects a number, got "heavy"',
    }) as Error,
  )
  expect(() => run('note', { label: 'a' }, { text: '\0' })).toThrow(
    expect.objectContaining({ code: 'validation_error' }) as Error,
  )
})

test('appending to a list keeps the newest items, and a value from before the field was a list', () => {
  const at = '2026-03-04T05:06:07.089Z'
  expect(run('note', { notes: 'old' }, { text: 'a' })['notes']).toEqual(['old', { text: 'a', at }])
  expect(run('note', { notes: [1, 2, 3] }, { text: 'a' })['notes']).toEqual([3, { text: 'a', at }])
})

test('a timestamp is stored as its day in a date field', () => {
  expect(run('mislay', { label: 'a' })).toMatchObject({ status: 'Lost', sentOn: '2026-03-04' })
})

test('an inherited property such as `constructor` is not an argument', () => {
  const effect: EffectValue = { kind: 'argument', name: 'constructor' }
  const verb = { ...(schema.verbs['weigh'] ?? expect.fail()), effect: { sets: { label: effect } } }
  const copy = { ...schema, verbs: { weigh: verb } }
  expect(applyVerb({ schema: copy, verb, current: { label: 'a' }, input: {}, nowMs })).toEqual({ label: 'a' })
})
