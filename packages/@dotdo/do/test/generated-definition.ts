// Generates random Nouns, with fields of any type and modifier, their entities, and filters for them.

import {
  type EntityFields,
  type JsonValue,
  makeNoun,
  type NounSchema,
  storageClassOf,
  type StoredField,
  storedFields,
} from 'digital-objects'
import fc from 'fast-check'

const fieldTexts = [
  'string',
  'string#',
  'text',
  'number',
  'number#',
  'integer(-5..5)',
  'integer#',
  'money(0..)#',
  'boolean#',
  'datetime',
  'datetime#',
  'date',
  'date#',
  'json',
  'url',
  'email#',
  'A | B | C',
  'A | B | C #',
  'string[]',
  'string[]#',
  'number[]',
  'number[]#',
  'integer(-5..5)[]#',
  '(A | B | C)[]',
  '(A | B | C)[]#',
  'string! = a',
  'boolean = true',
  'string[] = ["a"]',
]

/** Every generated Noun has references of both kinds, and their inverses. */
export const anyDefinition: fc.Arbitrary<NounSchema> = fc
  .array(fc.constantFrom(...fieldTexts), { minLength: 4, maxLength: 12 })
  .map((texts) => {
    const fields: Record<string, string> = Object.fromEntries(texts.map((text, at) => [`f${at}`, text]))
    const jsons = Object.keys(fields).filter((name) => fields[name] === 'json')
    return makeNoun('Thing', {
      indexes: jsons.slice(0, 3).flatMap((name) => [{ path: `${name}.a` }, { path: `${name}.a.b` }]),
      fields: {
        ...fields,
        currency: 'EUR | USD',
        one: '-> Thing.ofOne',
        many: '-> Thing.ofMany[]',
        ofOne: '<- Thing.one[]',
        ofMany: '<- Thing.many[]',
      },
      // References to deleted entities are a case that the tests of reads need.
      onDelete: { one: 'keep', many: 'keep' },
    }).$schema
  })

const texts = ['a', 'ab', 'B', 'é', '', '\uFFFD', '😀', 'x'.repeat(65)]
const numbers = [0, 1, -1, 0.5, 2 ** 53, 1e21, 107711449703316670, 5e-324]
const integers = [-5, -1, 0, 1, 5]
const timestamps = ['2026-01-15T10:00:00.000Z', '2026-01-15T12:00:00.000Z', '1969-12-31T23:59:59.999Z']
const dates = ['2026-01-15', '1999-12-31']
const jsons: readonly JsonValue[] = [
  1,
  'a',
  true,
  [],
  ['a'],
  { a: 'a' },
  { a: 1 },
  { a: 107711449703316670 },
  { a: null },
  { a: { b: 'x' } },
  { a: false },
]

function valuesOf(field: StoredField, ids: readonly string[]): readonly JsonValue[] {
  if (field.kind === 'enum') return field.values
  if (field.kind === 'reference') return ids
  switch (field.type) {
    case 'number':
      return numbers
    case 'integer':
      return integers
    case 'money':
      return [0, 1, 1_999]
    case 'currency':
      return ['EUR', 'USD']
    case 'boolean':
      return [true, false]
    case 'datetime':
      return timestamps
    case 'date':
      return dates
    case 'json':
      return jsons
    case 'url':
      return ['https://example.com', 'https://example.com/a']
    case 'email':
      return ['a@b.c', 'B@b.c', 'b@b.c', 'é@b.c', 'e\u0301@b.c']
    default:
      return field.required ? texts.filter((text) => text.trim() !== '') : texts
  }
}

/** Generates values, some of them missing. `ids` are the entities to which references may point. */
export function anyFieldsOf(schema: NounSchema, ids: readonly string[]): fc.Arbitrary<EntityFields> {
  const values = storedFields(schema).flatMap((field) => {
    const known = valuesOf(field, ids)
    if (known.length === 0) return []
    const one = fc.constantFrom(...known)
    const value: fc.Arbitrary<JsonValue> = field.many ? fc.array(one, { minLength: 1, maxLength: 4 }) : one
    return [[field.name, fc.option(value, { nil: undefined, freq: field.required ? 100 : 3 })] as const]
  })
  return fc
    .record(Object.fromEntries(values))
    .map((fields) =>
      Object.fromEntries(
        Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
      ),
    )
}

function conditionOn(field: StoredField, ids: readonly string[]): fc.Arbitrary<unknown> {
  const values = field.kind === 'data' && field.type === 'json' ? [1, 'a', true] : valuesOf(field, ids)
  const one = fc.constantFrom<unknown>(...values, ...values, null)
  const ordered = values.length === 0 ? [] : ['$gt', '$gte', '$lt', '$lte']
  return fc.oneof(
    one,
    ...['$eq', '$ne'].map((name) => one.map((operand) => ({ [name]: operand }))),
    ...ordered.map((name) => fc.constantFrom<unknown>(...values).map((operand) => ({ [name]: operand }))),
    ...['$in', '$nin'].map((name) => fc.array(one, { maxLength: 10 }).map((operand) => ({ [name]: operand }))),
    fc.boolean().map((operand) => ({ $exists: operand })),
    ...(holdsStrings(field) ? ['a', '^B', 'é$'] : []).map((operand) => fc.constant({ $regex: operand })),
    ...(field.many ? [fc.constantFrom({ $eq: [] }, { $ne: [] })] : []),
  )
}

function holdsStrings(field: StoredField): boolean {
  return ['text', 'text[]', 'json'].includes(storageClassOf(field))
}

export function anyFilterOf(schema: NounSchema, ids: readonly string[]): fc.Arbitrary<object> {
  const fields = storedFields(schema)
  const steps = ['', 'one.', 'many.', 'ofOne.', 'ofMany.']
  const leaf = fc
    .tuple(fc.constantFrom(...steps, '', '', ''), fc.constantFrom(...fields))
    .chain(([step, field]) => conditionOn(field, ids).map((condition) => ({ [`${step}${field.name}`]: condition })))
  const inJson = fields
    .filter((field) => field.kind === 'data' && field.type === 'json')
    .flatMap(({ name }) => [`${name}.a`, `${name}.a.b`])
    .map((path) =>
      fc
        .tuple(
          fc.constantFrom('$eq', '$ne', '$gt', '$lte'),
          fc.constantFrom<unknown>('a', 1, 'x', true, false, null, 107711449703316670),
        )
        .map(([name, operand]) => ({ [path]: { [name]: operand } })),
    )
  const single = fields.filter((field) => !field.many && storageClassOf(field) !== 'json')
  const pair = fc
    .tuple(fc.constantFrom('$eq', '$ne', '$gt', '$gte', '$lt', '$lte'), fc.constantFrom(...single), fc.nat(100))
    .map(([name, field, at]) => {
      const others = single.filter((other) => storageClassOf(other) === storageClassOf(field))
      return { [field.name]: { [name]: { $field: others[at % others.length]?.name } } }
    })
  const related = fc
    .tuple(fc.constantFrom('one', 'many', 'ofOne', 'ofMany'), fc.constantFrom<unknown>(...ids, ...ids, null))
    .map(([name, id]) => ({ [name]: id }))
  return fc.letrec<{ filter: object }>((tie) => ({
    filter: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      { weight: 6, arbitrary: fc.oneof(leaf, leaf, leaf, pair, related, ...inJson) },
      { weight: 2, arbitrary: fc.array(tie('filter'), { maxLength: 3 }).map((of) => ({ $and: of })) },
      { weight: 2, arbitrary: fc.array(tie('filter'), { maxLength: 3 }).map((of) => ({ $or: of })) },
      { weight: 1, arbitrary: tie('filter').map((of) => ({ $not: of })) },
    ),
  })).filter
}
