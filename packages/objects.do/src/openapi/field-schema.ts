// The JSON Schemas of a Noun's field in the OpenAPI document: its value in requests, in answers, and in a query parameter.
// They state the rules of the validator, so that a request that fits the document is accepted.

import {
  type DataField,
  keyCharactersMax,
  type ReferenceField,
  type ReverseField,
  type StoredField,
  unreachable,
} from 'digital-objects'
import { type Json, ref, refNoun } from './components.ts'

/** An ISO 8601 duration of whole units. */
export const durationPattern =
  '^P(?=[0-9]|T[0-9])([0-9]{1,6}Y)?([0-9]{1,6}M)?([0-9]{1,6}W)?([0-9]{1,6}D)?(T(?=[0-9])([0-9]{1,6}H)?([0-9]{1,6}M)?([0-9]{1,6}S)?)?$'

/** Visible characters, words separated by single spaces. */
export const idempotencyKeySchema = {
  type: 'string',
  minLength: 1,
  maxLength: keyCharactersMax,
  pattern: '^[!-~]+( [!-~]+)*$',
} as const

/** The limit of the validator for one list. */
const listItemsMax = 1_000
/** The limit of an included list. */
const includedMax = 100

/** The value that a write takes, and null where null clears the field or stands for no value. */
export function inputSchema(field: StoredField, isRequired = field.required): Json {
  const value = listOf(field, valueSchema(field))
  return { ...(isRequired ? value : orNull(value)), ...annotations(field) }
}

/**
 * The value of a new entity's field, or null for none. A field with a default has it in its description and no `default`, since
 * generated clients send or demand such values.
 */
export function createSchema(field: StoredField, { isRequired }: { readonly isRequired: boolean }): Json {
  const schema = inputSchema(field, isRequired)
  if (field.kind === 'reference' || field.default === undefined) return schema
  const given = typeof field.default === 'string' ? field.default : JSON.stringify(field.default)
  return { ...schema, description: `${descriptionOf(field)} ${given} by default.` }
}

/** The value in an answer. `names` are the Nouns whose entities may stand in place of an id. */
export function outputSchema(field: StoredField, names: ReadonlySet<string>): Json {
  const value = field.kind === 'reference' ? referenceSchema(field, names) : listOf(field, valueSchema(field))
  return { ...value, ...annotations(field) }
}

/** The entities at the other end, which an answer contains if the request includes the relation. */
export function reverseSchema(field: ReverseField): Json {
  const { from, many } = field
  const value = many ? { type: 'array', maxItems: includedMax, items: refNoun(from) } : orNull(refNoun(from))
  return { ...value, readOnly: true, description: descriptionOf(field) }
}

/** The value in a query parameter; undefined for json, which only `filter` compares. A filter takes any string. */
export function parameterSchema(field: StoredField): Json | undefined {
  if (field.kind !== 'data') return literalSchema(field)
  if (field.type === 'json') return undefined
  return ['email', 'url', 'currency', 'id'].includes(field.type) ? dataSchemas.string : literalSchema(field)
}

/** The catalog adds the inverse of a tenant's own reference without a description, and own fields may have none. */
export function descriptionOf(field: StoredField | ReverseField): string {
  if (field.description !== undefined) return field.description
  switch (field.kind) {
    case 'reverse':
      return `Entities of type ${field.from} that refer to this one by ${field.by}.`
    case 'reference':
      return field.any === true ? 'Id of an entity.' : `Id of an entity of type ${field.to.join(' or ')}.`
    case 'enum':
      return `One of ${field.values.join(', ')}.`
    case 'data':
      if (field.type === 'currency') return 'Code of a currency.'
      return field.type === 'money'
        ? "Minor units of the currency in the field 'currency'."
        : `A field of type ${field.type}.`
    default:
      return unreachable(field)
  }
}

export function orNull(schema: Json): Json {
  // An empty schema allows any JSON.
  if (Object.keys(schema).length === 0) return schema
  const { type, enum: values, ...rest } = schema
  if (typeof type !== 'string' || values !== undefined) return { anyOf: [schema, { type: 'null' }] }
  return { type: [type, 'null'], ...rest }
}

/** An id, or the entity itself if the request includes the relation. A deleted entity is null. */
function referenceSchema(field: ReferenceField, names: ReadonlySet<string>): Json {
  // A union of all entity types would be too large for generated clients.
  const entities: readonly Json[] =
    field.any === true
      ? [{ type: 'object', additionalProperties: true }]
      : field.to.filter((name) => names.has(name)).map((name) => refNoun(name))
  const either = [...entities, valueSchema(field)]
  if (field.many) return { type: 'array', maxItems: listItemsMax, items: { anyOf: either } }
  return { anyOf: [...either, { type: 'null' }] }
}

function listOf({ many }: StoredField, items: Json): Json {
  return many ? { type: 'array', maxItems: listItemsMax, items } : items
}

function valueSchema(field: StoredField): Json {
  const schema = literalSchema(field)
  if (field.kind !== 'data') return schema
  const { min, max, type, many, required, unique } = field
  const isFilled = (type === 'string' || type === 'text') && !many && (required || unique)
  return {
    ...schema,
    ...(isFilled ? { pattern: filledPattern } : {}),
    ...(min === undefined ? {} : { minimum: min }),
    ...(max === undefined ? {} : { maximum: max }),
  }
}

/** Without the range, since filters take literals outside it. */
function literalSchema(field: StoredField): Json {
  switch (field.kind) {
    case 'enum':
      return { type: 'string', enum: field.values }
    case 'reference':
      // Only the catalog knows to which Nouns a reference to any of them leads.
      return field.to.length === 0
        ? dataSchemas.id
        : { type: 'string', pattern: idPatternOf(field.to.map((name) => name.toLowerCase())) }
    case 'data':
      return dataSchemas[field.type]
    default:
      return unreachable(field)
  }
}

export function idPatternOf(prefixes: readonly string[]): string {
  return `^${prefixes.length === 1 ? prefixes[0] : `(${prefixes.join('|')})`}_[0-9A-Za-z]{12}$`
}

function annotations(field: StoredField): Json {
  return { description: descriptionOf(field), ...(field.personal ? { 'x-personal': true } : {}) }
}

/** Strings hold no NUL. */
export const textPattern = String.raw`^[^\u0000]*$`
const filledPattern = String.raw`^[^\u0000]*[^\s\u0000][^\u0000]*$`
const datePart = '[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])'
const timePart = '([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]'

export const timestamp = {
  type: 'string',
  format: 'date-time',
  pattern: String.raw`^${datePart}[Tt]${timePart}(\.[0-9]{1,9})?([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$`,
} as const
export const dateOrTimestamp = { type: 'string', pattern: `^${datePart}$|${timestamp.pattern}` } as const
const integer = {
  type: 'integer',
  format: 'int64',
  minimum: Number.MIN_SAFE_INTEGER,
  maximum: Number.MAX_SAFE_INTEGER,
} as const

/** A label of an email address's domain. `\u0060` is a backtick. */
const label = String.raw`[^\s@<>"(),:;\\[\]/!#$%&'*+=?^_\u0060{|}~.\u0000]{1,63}`

const dataSchemas = {
  string: { type: 'string', pattern: textPattern },
  text: { type: 'string', pattern: textPattern },
  number: { type: 'number', format: 'double' },
  integer,
  money: integer,
  boolean: { type: 'boolean' },
  datetime: timestamp,
  date: { type: 'string', format: 'date', pattern: `^${datePart}$` },
  json: {},
  url: {
    type: 'string',
    format: 'uri',
    maxLength: 2_048,
    pattern: String.raw`^[A-Za-z][A-Za-z0-9+.-]{0,30}://[^\s/?#\u0000]+[^\s\u0000]*$`,
  },
  email: {
    type: 'string',
    format: 'email',
    pattern: String.raw`^[^\s@<>"(),:;\\[\]\u0000]{1,64}@(${label}\.){0,8}${label}$`,
  },
  currency: ref('Currency'),
  id: { type: 'string', pattern: idPatternOf(['[a-z][a-z0-9]*']) },
} as const satisfies Readonly<Record<DataField['type'], Json>>
