// Generates Nouns and entities for tests: anything that the grammar and the validation accept, in normal form.

import {
  compareText,
  type EntityFields,
  type JsonValue,
  Noun,
  type NounSchema,
  type StoredField,
} from 'digital-objects'
import fc from 'fast-check'
import type { EntityRow } from '../src/parquet/entity-row.ts'

const minMs = Date.parse('0000-01-01T00:00:00Z')
const maxMs = Date.parse('9999-12-31T23:59:59.999Z')
const dayMs = 86_400_000

/** Strings around the length at which statistics are truncated, and where UTF-8 and UTF-16 or their orders differ. */
export const edgeTexts = [
  '',
  ' ',
  '\uFEFF',
  '\uFEFFafter a byte order mark',
  '\uFFFD',
  '\uFFFF',
  '\uE000',
  '\uD7FF',
  '𐀀',
  '😀',
  '\u{10FFFF}',
  'İstanbul',
  '١٢',
  'a'.repeat(63),
  'a'.repeat(64),
  'a'.repeat(65),
  `${'a'.repeat(64)}b`,
  `${'a'.repeat(63)}é`,
  `${'a'.repeat(62)}😀`,
  `${'\u007f'.repeat(64)}x`,
  '\uFFFF'.repeat(30),
  '\uD7FF'.repeat(30),
  '\u{10FFFF}'.repeat(16),
  '\u{10FFFF}'.repeat(20),
  '😀'.repeat(40),
]

export const anyText = fc.oneof(
  fc.constantFrom(...edgeTexts),
  fc.string({ unit: 'grapheme', maxLength: 80 }).map((text) => text.replaceAll('\0', '')),
  fc.tuple(fc.constantFrom(...edgeTexts), fc.constantFrom(...edgeTexts)).map(([a, b]) => a + b),
)
export const anyNumber = fc
  .oneof(
    fc.constantFrom(0, 1, -1, 0.1, 5e-324, -5e-324, 2 ** 53, 2 ** 53 + 2, -(2 ** 63), 1e21, Number.MAX_VALUE),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer({ min: -3, max: 3 }),
  )
  .map((value) => (value === 0 ? 0 : value))
export const anyInteger = fc.oneof(fc.constantFrom(0, 1, -1, 2 ** 53 - 1, -(2 ** 53) + 1), fc.maxSafeInteger())
export const anyMs = fc.oneof(
  fc.constantFrom(minMs, maxMs, -1, 0, 1, Date.UTC(2026, 0, 15)),
  fc.integer({ min: minMs, max: maxMs }),
)
export const anyDatetime = anyMs.map((ms) => new Date(ms).toISOString())
export const anyDate = anyMs.map((ms) => new Date(Math.floor(ms / dayMs) * dayMs).toISOString().slice(0, 10))
export const anyJson = fc
  .jsonValue({ maxDepth: 3, stringUnit: 'grapheme' })
  .filter((value) => value !== null && !JSON.stringify(value).includes('__proto__'))
  .map((value) => JSON.parse(JSON.stringify(value)) as JsonValue) // normal form of JSON: no -0
const suffix = fc.string({
  unit: fc.constantFrom(...'0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'),
  minLength: 12,
  maxLength: 12,
})
const slug = fc.string({ unit: fc.constantFrom(...'abcdefgh.-0123é'), minLength: 1, maxLength: 90 })

export function idOf(prefix: string): fc.Arbitrary<string> {
  return suffix.map((text) => `${prefix}_${text}`)
}

export function anyValue(field: StoredField): fc.Arbitrary<JsonValue> {
  const one = anyOne(field)
  return field.many ? fc.array(one, { minLength: 1, maxLength: 6 }) : one
}

function anyOne(field: StoredField): fc.Arbitrary<JsonValue> {
  if (field.kind === 'enum') return fc.constantFrom(...field.values)
  if (field.kind === 'reference') return idOf((field.to[0] ?? '').toLowerCase())
  switch (field.type) {
    case 'string':
    case 'text':
      return anyText
    case 'number':
      return anyNumber
    case 'integer':
    case 'money':
      return anyInteger
    case 'boolean':
      return fc.boolean()
    case 'datetime':
      return anyDatetime
    case 'date':
      return anyDate
    case 'json':
      return anyJson
    case 'url':
      return slug.map((text) => `https://example.com/${text}`)
    case 'email':
      return slug.map((text) => `${text}@example.com`)
    case 'currency':
      return fc.constantFrom('EUR', 'USD', 'JPY')
    case 'id':
      return idOf('thing')
    default:
      return unreachable(field.type)
  }
}

const dataText = fc
  .tuple(
    fc.constantFrom('string', 'number', 'integer', 'boolean', 'datetime', 'date', 'url', 'email', 'id'),
    fc.constantFrom('', '#', '##'),
  )
  .map(([type, mark]) => `${type}${mark}`)
const listText = fc
  .tuple(
    fc.constantFrom('string', 'number', 'integer', 'url', 'email', 'id', '(Small | Big)', '-> Thing'),
    fc.constantFrom('', '#'),
  )
  .map(([type, mark]) => `${type}[]${mark}`)
const fieldText = fc.oneof(
  { weight: 2, arbitrary: listText },
  { weight: 6, arbitrary: dataText },
  { weight: 1, arbitrary: fc.constantFrom('json', 'text', 'Small | Big', 'Small | Big #', '-> Thing') },
)
/** Some are names of inherited properties. */
const fieldName = fc.oneof(
  fc.constantFrom('isPrototypeOf', 'toLocaleString', 'propertyIsEnumerable', 'name', 'length', 'status'),
  fc.string({ unit: fc.constantFrom(...'abcXYZ019'), maxLength: 6 }).map((text) => `f${text}`),
)

export const anySchema: fc.Arbitrary<NounSchema> = fc
  .uniqueArray(fc.tuple(fieldName, fieldText), {
    minLength: 1,
    maxLength: 8,
    selector: ([name]) => name.toLowerCase(),
  })
  .map((texts) => Noun('Thing', Object.fromEntries(texts)).$schema)

export function storedFields(schema: NounSchema): readonly StoredField[] {
  return Object.values(schema.fields).filter((field): field is StoredField => field.kind !== 'reverse')
}

/** Some fields have no value. */
export function anyFields(schema: NounSchema): fc.Arbitrary<EntityFields> {
  const values = Object.fromEntries(
    storedFields(schema).map((field) => [field.name, fc.option(anyValue(field), { nil: undefined, freq: 3 })]),
  )
  return fc
    .record(values)
    .map((fields) =>
      Object.fromEntries(
        Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
      ),
    )
}

/** Rows sorted by id, with distinct ids. */
export function anyRows(
  schema: NounSchema,
  size: { readonly min: number; readonly max: number },
): fc.Arbitrary<readonly EntityRow[]> {
  const count = fc.nat({ max: Number.MAX_SAFE_INTEGER })
  const row = fc.record(
    {
      id: idOf(schema.idPrefix),
      version: count,
      createdAtMs: anyMs,
      createdBy: anyText,
      updatedAtMs: anyMs,
      seq: count,
      isDeleted: fc.boolean(),
      fields: anyFields(schema),
    },
    { noNullPrototype: true },
  )
  return fc
    .uniqueArray(row, { minLength: size.min, maxLength: size.max, selector: ({ id }) => id })
    .map((rows) => rows.toSorted((a, b) => compareText(a.id, b.id)))
}

function unreachable(type: never): never {
  throw new Error(`no such type: ${String(type)}`)
}
