// The JSON Schema of a Noun's field in the OpenAPI document.

import { type DataField, type ReverseField, type StoredField, unreachable } from 'digital-objects'
import { type Json, ref } from './components.ts'

export function fieldSchema(field: StoredField): Json {
  const value = valueSchema(field)
  return { ...(field.many ? { type: 'array', items: value } : value), ...annotations(field) }
}

/** Describes the entities at the other end, which an answer contains if the request includes the relation. */
export function reverseSchema({ from, by, many, description }: ReverseField): Json {
  const value = many ? { type: 'array', items: ref(from) } : { anyOf: [ref(from), { type: 'null' }] }
  // The catalog adds the inverse of a tenant's own reference without a description.
  return {
    ...value,
    readOnly: true,
    description: description ?? `Entities of type ${from} that refer to this one by ${by}.`,
  }
}

function valueSchema(field: StoredField): Json {
  switch (field.kind) {
    case 'enum':
      return { type: 'string', enum: field.values }
    case 'reference':
      return {
        type: 'string',
        pattern: `^(${field.to.map((target) => target.toLowerCase()).join('|')})_[0-9A-Za-z]{12}$`,
        description: `Id of an entity of type ${field.to.join(' or ')}.`,
      }
    case 'data':
      return { ...dataSchemas[field.type], ...bounds(field), ...blankRule(field) }
    default:
      return unreachable(field)
  }
}

function annotations(field: StoredField): Json {
  return {
    ...(field.kind === 'reference' || field.default === undefined ? {} : { default: field.default }),
    ...(field.description === undefined ? {} : { description: field.description }),
    ...(field.personal ? { 'x-personal': true } : {}),
  }
}

function bounds({ min, max }: DataField): Json {
  return { ...(min === undefined ? {} : { minimum: min }), ...(max === undefined ? {} : { maximum: max }) }
}

/** A required or unique string is not blank. */
function blankRule({ type, many, required, unique }: DataField): Json {
  const isString = type === 'string' || type === 'text'
  return isString && !many && (required || unique) ? { pattern: String.raw`\S` } : {}
}

const dataSchemas = {
  string: { type: 'string' },
  text: { type: 'string' },
  number: { type: 'number' },
  integer: { type: 'integer', format: 'int64' },
  money: {
    type: 'integer',
    format: 'int64',
    description: "Minor units of the currency in the field 'currency'.",
  },
  boolean: { type: 'boolean' },
  datetime: { type: 'string', format: 'date-time' },
  date: { type: 'string', format: 'date' },
  json: {},
  url: { type: 'string', format: 'uri' },
  email: { type: 'string', format: 'email' },
  id: { type: 'string', pattern: '^[a-z][a-z0-9]*_[0-9A-Za-z]{12}$' },
} as const satisfies Readonly<Record<DataField['type'], Json>>
