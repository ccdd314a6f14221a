// The JSON Schemas of a Noun: the entity, and the inputs of its writes.

import type { NounSchema, ReverseField, StoredField } from 'digital-objects'
import { type Json, ref } from './components.ts'
import { fieldSchema, reverseSchema } from './field-schema.ts'

/**
 * Returns `Contact`, `ContactCreate`, `ContactUpdate` and `ContactArguments`. `names` are the Nouns that the document
 * describes.
 */
export function nounSchemas(noun: NounSchema, names: ReadonlySet<string>): Json {
  const { name, about } = noun
  const all = Object.values(noun.fields)
  const stored = all.filter((field): field is StoredField => field.kind !== 'reverse')
  const reverses = all.filter((field): field is ReverseField => field.kind === 'reverse' && names.has(field.from))
  const values = Object.fromEntries(stored.map((field) => [field.name, fieldSchema(field)]))
  const related = Object.fromEntries(reverses.map((field) => [field.name, reverseSchema(field)]))
  const $type = { const: name, description: 'Name of the entity type.' }
  const required = stored.filter((field) => field.required && !('default' in field)).map((field) => field.name)
  const update = ref(`${name}Update`)
  return {
    [name]: {
      ...(about === undefined ? {} : { description: about }),
      allOf: [ref('EntityMeta'), { type: 'object', properties: { $type, ...values, ...related } }],
    },
    [`${name}Update`]: { type: 'object', properties: Object.fromEntries(stored.map(nullable)) },
    [`${name}Create`]: { allOf: [update], ...(required.length === 0 ? {} : { required }) },
    [`${name}Arguments`]: {
      allOf: [update],
      description: "Fields to set together with the verb, and the verb's own arguments.",
    },
  }
}

/** Allows null for optional fields, because null clears a field in a write. */
function nullable(field: StoredField): readonly [string, Json] {
  if (field.required) return [field.name, fieldSchema(field)]
  const { description, ...schema } = fieldSchema(field)
  const described = description === undefined ? {} : { description }
  return [field.name, { anyOf: [schema, { type: 'null' }], ...described }]
}
