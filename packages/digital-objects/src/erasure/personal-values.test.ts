// Personal marks of built-in and generated Nouns, and the values that an erasure leaves.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { EntityFields } from '../base/entity.ts'
import { nouns } from '../nouns/all-nouns.ts'
import { Noun } from '../noun/noun.ts'
import { checkValue } from '../noun/validate-value.ts'
import { personalMarks, withoutPersonal } from './personal-values.ts'

const schemas = Object.values(nouns).map((noun) => noun.$schema)
const id = 'contact_1VbZ0kQ3x9Ta'

const Patient = Noun('Patient', {
  name: 'string! personal',
  code: 'string!## personal',
  email: 'email!## personal',
  site: 'url! personal',
  born: 'date! personal',
  seenAt: 'datetime! personal',
  weight: 'number(3..)! personal',
  offset: 'integer(..-2)! personal',
  smokes: 'boolean! personal',
  notes: 'json! personal',
  blood: 'A | B personal',
  words: 'string[]! personal',
  mood: 'Good | Bad personal = Bad',
  nick: 'string? personal',
  paid: 'number?',
  doctor: '-> Doctor.patients! personal',
  elsewhere: 'id? personal',
}).$schema

test('a reference and an id that are marked say whose the values are, and are no values', () => {
  const { values, links } = personalMarks(Patient)
  expect(links.map(({ name }) => name)).toEqual(['doctor', 'elsewhere'])
  expect([...values.keys()]).not.toContain('doctor')
  expect([...values.keys()]).not.toContain('paid')
})

test('each field that always has a value keeps a valid one, and unique ones differ by entity', () => {
  const marks = personalMarks(Patient)
  const fields: EntityFields = Object.fromEntries(
    [...marks.values.keys(), 'paid', 'doctor'].map((name) => [name, 'Jane']),
  )
  const erased = withoutPersonal(fields, { marks, id })
  expect(erased).toMatchObject({ paid: 'Jane', doctor: 'Jane', mood: 'Bad', words: ['erased'], weight: 3, offset: -2 })
  expect(Object.keys(erased)).not.toContain('nick')
  expect(Object.keys(erased)).not.toContain('blood')
  for (const [name, field] of marks.values)
    if (erased[name] !== undefined)
      expect(checkValue(field, erased[name]), name).toEqual({ ok: true, value: erased[name] })
  const other = withoutPersonal(fields, { marks, id: id.toLowerCase() })
  for (const name of ['code', 'email']) expect(other[name]).not.toBe(erased[name])
})

test('an erasure of what was erased changes nothing, and other values stay', () => {
  const built = fc.constantFrom(...schemas, Patient)
  const value = fc.oneof(fc.string(), fc.integer(), fc.array(fc.string(), { minLength: 1 }))
  fc.assert(
    fc.property(
      built.chain((schema) =>
        fc.tuple(fc.constant(schema), fc.dictionary(fc.constantFrom(...Object.keys(schema.fields)), value)),
      ),
      ([schema, fields]) => {
        const marks = personalMarks(schema)
        const once = withoutPersonal(fields, { marks, id })
        expect(withoutPersonal(once, { marks, id })).toEqual(once)
        for (const [name, given] of Object.entries(fields))
          if (!marks.values.has(name)) expect(once[name]).toEqual(given)
        expect(Object.keys(once).every((name) => Object.hasOwn(fields, name))).toBe(true)
      },
    ),
  )
})

test('the built-in Nouns that hold values of a person are marked, and lead to the person', () => {
  const marked = schemas.filter((schema) => personalMarks(schema).values.size > 0)
  const roots = ['Contact', 'User', 'Form', 'Workflow']
  for (const schema of marked)
    if (!roots.includes(schema.name)) expect(personalMarks(schema).links, schema.name).not.toEqual([])
  expect(marked.map(({ name }) => name).toSorted()).toEqual(
    'Activity Asset Comment Contact CreditNote Customer Deal Event Form Invoice Issue Lead Message Payment Refund Subscription Ticket User Workflow'
      .split(' ')
      .filter((name) => schemas.some((schema) => schema.name === name)),
  )
})

test('no amount, state or number of the built-in Nouns is a personal value', () => {
  for (const schema of schemas)
    for (const field of personalMarks(schema).values.values())
      expect(field.kind === 'data' ? field.type : field.kind, `${schema.name}.${field.name}`).toMatch(
        /^(?:string|text|email|url|json)$/,
      )
})
