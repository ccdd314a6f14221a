// JSON Schemas of a Noun: the entity, and the inputs of its writes.

import type { NounSchema, StoredField } from 'digital-objects'
import { type Json, ref } from './components.ts'
import { fieldSchema } from './field-schema.ts'

/** `Contact`, `ContactCreate`, `ContactUpdate` and `ContactArguments`. */
export function nounSchemas(noun: NounSchema): Json {
  const { name } = noun
  const stored = Object.values(noun.fields).filter((field): field is StoredField => field.kind !== 'reverse')
  const values = Object.fromEntries(stored.map((field) => [field.name, fieldSchema(field)]))
  const nullable = Object.fromEntries(
    stored.map((field) => [
      field.name,
      field.required ? fieldSchema(field) : { anyOf: [fieldSchema(field), { type: 'null' }] },
    ]),
  )
  const required = stored.filter((field) => field.required && !('default' in field)).map((field) => field.name)
  return {
    [name]: { allOf: [ref('EntityMeta'), { type: 'object', properties: { $type: { const: name }, ...values } }] },
    [`${name}Create`]: { type: 'object', properties: nullable, ...(required.length === 0 ? {} : { required }) },
    [`${name}Update`]: { type: 'object', properties: nullable },
    [`${name}Arguments`]: {
      type: 'object',
      properties: nullable,
      description: "Fields to set with the verb, and the verb's own arguments.",
    },
  }
}
