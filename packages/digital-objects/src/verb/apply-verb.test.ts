import fc from 'fast-check'
import { expect, test } from 'vitest'
import { applyDefaults, applyVerb } from './apply-verb.ts'
import type { JsonValue } from '../base/entity.ts'
import { ObjectError } from '../base/object-error.ts'
import { checkedSchema } from '../noun/check-definition.ts'
import { Noun } from '../noun/noun.ts'
import { checkValue } from '../noun/validate-value.ts'
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

// Any field, any value, and any way in which an effect can bring it there.
const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1e9))
const typeTexts =
  'string,text,email,url,id,number,integer(0..9),boolean,datetime,date,json,A | B,-> Robot,string[],integer[],(A | B)[]'.split(
    ',',
  )
const scalar = fc.oneof(
  fc.constantFrom<JsonValue>(
    'x',
    '',
    'A',
    '2026-01-02',
    '2026-01-02T03:04:05Z',
    'robot_a',
    'a@b.co',
    'https://a.co',
    '\0',
  ),
  fc.constantFrom<JsonValue>(0, 5, 10, 1.5, 2 ** 53, true, false),
)
const anyValue = fc.oneof(scalar, fc.array(scalar, { maxLength: 2 }), fc.constant<JsonValue>({ a: 1 }))
const effectKinds = ['literal', 'argument', 'field', 'first', 'ifEmpty'] as const

test(`an effect stores only values that the field accepts (seed ${seed})`, () => {
  let [stored, refused] = [0, 0]
  fc.assert(
    fc.property(fc.constantFrom(...typeTexts), anyValue, fc.constantFrom(...effectKinds), (text, value, kind) => {
      const source: EffectValue =
        kind === 'field'
          ? { kind, name: 'other' }
          : kind === 'literal' && typeof value !== 'object'
            ? { kind, value }
            : { kind: 'argument', name: 'given' }
      const effect: EffectValue =
        kind === 'first' ? { kind, of: [source] } : kind === 'ifEmpty' ? { kind, value: source } : source
      try {
        const noun = checkedSchema('Robot', {
          fields: { n: text, other: 'json', go: 'Gone' },
          effects: { go: { argumentsOnly: ['given'], sets: { n: effect } } },
        })
        const { go } = noun.verbs
        const field = noun.fields['n']
        if (go === undefined || field === undefined || field.kind === 'reverse') throw new Error('it is defined')
        const { n } = applyVerb({ schema: noun, verb: go, current: { other: value }, input: { given: value }, nowMs })
        expect(n === undefined || checkValue(field, n).ok).toBe(true)
        stored += 1
      } catch (error) {
        if (!(error instanceof ObjectError)) throw error
        expect(error.field).toMatch(/^n\b/)
        refused += 1
      }
    }),
    { seed, numRuns: 2_000 },
  )
  expect(Math.min(stored, refused)).toBeGreaterThan(100)
})

test('an effect cannot clear a required field of an entity', () => {
  const define = (value: EffectValue) =>
    checkedSchema('Robot', {
      fields: { n: 'string!', other: 'json', go: 'Gone' },
      effects: { go: { sets: { n: value } } },
    })
  expect(() => define({ kind: 'clear' })).toThrow('go clears n, which is required')
  const noun = define({
    kind: 'when',
    field: 'other',
    equals: 1,
    then: { kind: 'clear' },
    otherwise: { kind: 'literal', value: 'a' },
  })
  const { go } = noun.verbs
  if (go === undefined) throw new Error('it is defined')
  const call = { schema: noun, verb: go, input: {}, nowMs }
  expect(applyVerb({ ...call, current: { n: 'b', other: 2 } })).toEqual({ n: 'a', other: 2 })
  expect(() => applyVerb({ ...call, current: { n: 'b', other: 1 } })).toThrow("field 'n' is required")
})

test.each([
  ['datetime', 'x', 'expects a timestamp'],
  ['email', 'nobody', 'expects an email address'],
  ['integer(0..9)', 10, 'expects a whole number from 0 to 9'],
  ['string', 5, 'expects a string'],
  ['boolean', 'yes', 'expects a boolean'],
  ['A | B', 'C', 'must be one of the values'],
])('a definition whose verb sets a %s to %j is refused', (text, value, message) => {
  const effects = { go: { sets: { n: { kind: 'literal', value } as const } } }
  expect(() => checkedSchema('Robot', { fields: { n: text, go: 'Gone' }, effects })).toThrow(message)
})
