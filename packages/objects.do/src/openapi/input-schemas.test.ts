// The document demands of a write what the engine demands: the least body that fits the document is accepted, and one that
// lacks any part of it is refused.

import {
  completeSettings,
  decideChange,
  type JsonValue,
  makeNoun,
  nouns,
  type NounSchema,
  ObjectError,
  type Verb,
} from 'digital-objects'
import { expect, test } from 'vitest'
import type { Json } from './components.ts'
import { inputSchemas, verbPart } from './input-schemas.ts'

interface Input {
  readonly required?: readonly string[]
  readonly properties: Readonly<Record<string, Json>>
  readonly not?: Lacking | { readonly anyOf: readonly Lacking[] }
}
interface Lacking {
  readonly properties: object
}

const builtIn = Object.values(nouns).map(({ $schema }) => $schema)
const { $schema: own } = makeNoun('Crate', {
  fields: {
    label: 'string!##',
    weight: 'number(1..)!',
    owner: 'string!',
    colour: 'Red | Blue',
    note: 'string?',
    by: 'string?',
    size: 'integer! = 3',
    volume: 'integer! = size',
    pack: 'Packed',
    send: 'Sent',
    lift: 'Lifted',
  },
  fills: { owner: { kind: 'field', name: 'by' } },
  effects: {
    pack: { creates: true, sets: { label: { kind: 'ifEmpty', value: { kind: 'argument', name: 'note' } } } },
    send: {
      argumentsOnly: ['to', 'speed'],
      argumentTypes: { to: 'id', speed: 'Slow | Fast' },
      argumentAliases: { carrier: 'by' },
      argumentsRequired: ['to', 'by', ['note', 'speed']],
    },
    lift: { argumentsRequired: ['weight'] },
  },
})

interface Write {
  readonly schema: NounSchema
  readonly verb: Verb
  readonly isCreation: boolean
}

const writes = [...builtIn, own].flatMap((schema) =>
  Object.values(schema.verbs).flatMap((verb): readonly Write[] => {
    if (verb.name === 'create') return [{ schema, verb, isCreation: true }]
    if (verb.category === 'crud' || verb.effect.systemOnly === true) return []
    const { creates = false } = verb.effect
    return [{ schema, verb, isCreation: false }, ...(creates ? [{ schema, verb, isCreation: true }] : [])]
  }),
)

test.each(writes.map((write) => [nameOf(write), write] as const))('%s takes what the document demands', (_, write) => {
  const input = inputOf(write)
  const { required = [] } = input
  const groups = groupsOf(input)
  const least = bodyOf(input, [...required, ...groups.map(([first = '']) => first)])
  expect(missingOf(write, least)).toEqual([])
  for (const name of required) {
    const { [name]: __, ...lacking } = least
    expect(missingOf(write, lacking), `without ${name}`).not.toEqual([])
    expect(missingOf(write, { ...lacking, [name]: null }), `${name}: null`).not.toEqual([])
  }
  for (const group of groups) {
    const others = Object.fromEntries(Object.entries(least).filter(([name]) => !group.includes(name)))
    for (const name of group) expect(missingOf(write, { ...others, ...bodyOf(input, [name]) }), name).toEqual([])
    expect(missingOf(write, others), `without ${group.join()}`).not.toEqual([])
  }
})

test('demands of an own Noun are in the document, and its own arguments have their types', () => {
  const schemas = inputSchemas(own) as Readonly<Record<string, Input>>
  expect(schemas['Crate:Create']).toMatchObject({
    required: ['label', 'weight'],
    not: { properties: { owner: { type: 'null' }, by: { type: 'null' } } },
  })
  expect(schemas['Crate:SentArguments']).toMatchObject({
    required: ['to'],
    properties: {
      to: { type: 'string', pattern: '^[a-z][a-z0-9]*_[0-9A-Za-z]{12}$' },
      speed: { anyOf: [{ enum: ['Slow', 'Fast'] }, { type: 'null' }] },
    },
    not: {
      anyOf: [
        { properties: { by: { type: 'null' }, carrier: { type: 'null' } } },
        { properties: { note: { type: 'null' }, speed: { type: 'null' } } },
      ],
    },
  })
})

function nameOf({ schema, verb, isCreation }: Write): string {
  return `${schema.name}.${verb.name}${isCreation ? ' of a new one' : ''}`
}

function inputOf({ schema, verb, isCreation }: Write): Input {
  const part = verb.name === 'create' ? 'Create' : verbPart(verb, { isCreation })
  return (inputSchemas(schema) as Readonly<Record<string, Input>>)[`${schema.name}:${part}`] ?? { properties: {} }
}

function groupsOf({ not }: Input): readonly (readonly string[])[] {
  if (not === undefined) return []
  return ('anyOf' in not ? not.anyOf : [not]).map(({ properties }) => Object.keys(properties))
}

function bodyOf({ properties }: Input, names: readonly string[]): Readonly<Record<string, JsonValue>> {
  return Object.fromEntries(names.map((name) => [name, sampleOf(properties[name] ?? {})]))
}

function sampleOf(schema: Json): JsonValue {
  const { anyOf, enum: values, pattern, type, format, items } = schema
  if (Array.isArray(anyOf)) return sampleOf(anyOf[0] as Json)
  if (Array.isArray(values)) return values[0] as string
  if (schema['$ref'] !== undefined) return 'EUR'
  if (type === 'array' || (Array.isArray(type) && type.includes('array'))) return [sampleOf(items as Json)]
  if (format === 'date-time') return '2020-01-01T00:00:00Z'
  if (format === 'date') return '2020-01-01'
  if (format === 'email') return 'ada@example.com'
  if (format === 'uri') return 'https://example.com'
  if (typeof pattern === 'string' && pattern.includes('_[0-9A-Za-z]{12}'))
    return `${/^\^\(?([a-z]\w*?)[|_]/.exec(pattern)?.[1] ?? 'contact'}_000000000001`
  if ([type].flat().some((one) => one === 'number' || one === 'integer')) return 1
  if ([type].flat().includes('boolean')) return true
  return 'sample'
}

/** The faults of a body that say that something is missing. References lead to entities with every field. */
function missingOf({ schema, verb, isCreation }: Write, input: Readonly<Record<string, JsonValue>>): readonly string[] {
  try {
    decideChange({
      schema,
      verb,
      input,
      current: isCreation ? undefined : {},
      nowMs: 0,
      read: () => everything,
      settings: completeSettings({}),
    })
    return []
  } catch (error) {
    if (!(error instanceof ObjectError)) throw error
    return (error.faults ?? []).flatMap(({ field, message }) => (message.startsWith('is required') ? [field] : []))
  }
}

const everything = {
  name: 'sample',
  email: 'ada@example.com',
  customer: 'customer_000000000001',
  product: 'product_000000000001',
  plan: 'plan_000000000001',
  currency: 'EUR',
}
