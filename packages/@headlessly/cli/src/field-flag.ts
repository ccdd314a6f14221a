// Flags for the fields and verb arguments of a Noun, and parsing of field values from flags and file cells.

import {
  type NounSchema,
  type StoredField,
  validateUpdate,
  type Verb,
  isExactNumeral,
  tryParseJson,
} from 'digital-objects'
import { exactJson, Expected, type Flag } from './flag.ts'

/** Returns a flag for each stored field. */
export function fieldFlags(schema: NounSchema): Flag[] {
  return storedFields(schema).map((field) => fieldFlag(schema, field))
}

/** Returns a flag for each stored field that a filter compares: a value beyond the field's range matches nothing, and is legal. */
export function comparedFlags(schema: NounSchema): Flag[] {
  const fields = Object.entries(schema.fields).map(([name, field]) => {
    if (field.kind !== 'data') return [name, field] as const
    const { min: _, max: __, ...open } = field
    return [name, open] as const
  })
  return fieldFlags({ ...schema, fields: Object.fromEntries(fields) })
}

export function storedFields(schema: NounSchema): StoredField[] {
  return Object.values(schema.fields).filter((field) => field.kind !== 'reverse')
}

/** Returns flags for a verb's own arguments: aliases of fields, and arguments that are JSON or strings. */
export function argumentFlags(schema: NounSchema, verb: Verb): Flag[] {
  const { argumentAliases = {}, argumentsOnly = [] } = verb.effect
  const aliases = Object.entries(argumentAliases).flatMap(([name, of]) => {
    const field = schema.fields[of]
    return field === undefined || field.kind === 'reverse' ? [] : [{ ...fieldFlag(schema, field), name, about: of }]
  })
  const own = argumentsOnly.map((name): Flag => ({
    name,
    kind: 'value',
    placeholder: '<json or string>',
    about: '',
    parse: jsonOrText,
  }))
  return [...own, ...aliases.filter(({ name }) => !argumentsOnly.includes(name))]
}

function fieldFlag(schema: NounSchema, field: StoredField): Flag {
  return {
    name: field.name,
    kind: 'value',
    placeholder: `<${typeText(field)}>`,
    about: withFacts(field.description, factsOf(field)),
    field,
    parse: (text) => parseFieldText(schema, field, text),
    ...(field.kind === 'enum' && !field.many
      ? { values: field.values }
      : field.kind === 'data' && field.type === 'boolean'
        ? { values: ['true', 'false'] }
        : {}),
  }
}

/** Validates the value as the server would. Throws an Expected. */
export function parseFieldText(schema: NounSchema, field: StoredField, text: string): unknown {
  const value = textToValue(field, text)
  const checked = validateUpdate(schema, { [field.name]: value })
  if (checked.ok) return value
  throw new Expected((checked.faults[0]?.message ?? 'another value').replace(/^expects /, ''))
}

/** Keeps a string that cannot be converted, so that validation refuses it with its own message. */
export function textToValue(field: StoredField, text: string): unknown {
  return field.many ? textToList(field, text) : textToItem(field, text)
}

/** A list is JSON, or its values with commas between them. An empty text is an empty list. */
function textToList(field: StoredField, text: string): unknown {
  if (text.trim() === '') return []
  if (text.trimStart().startsWith('[')) return tryParseJson(text) === undefined ? text : exactJson(text, 'a list')
  return text.split(',').map((item) => textToItem(field, item.trim()))
}

function textToItem(field: StoredField, text: string): unknown {
  if (field.kind !== 'data') return text
  switch (field.type) {
    case 'number':
    case 'integer':
    case 'money':
      return /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i.test(text) && isExactNumeral(text) ? Number(text) : text
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : text
    case 'json':
      return exactJson(text, `JSON, got ${JSON.stringify(text.slice(0, 80))}`)
    default:
      return text
  }
}

function jsonOrText(text: string): unknown {
  return tryParseJson(text) === undefined ? text : exactJson(text, 'JSON')
}

/** Returns `number`, `Lead | Qualified`, `id of an Organization`, or `string,…` for a list. */
export function typeText(field: StoredField): string {
  return field.many ? `${itemText(field)},…` : itemText(field)
}

function itemText(field: StoredField): string {
  if (field.kind === 'enum') return field.values.join(' | ')
  if (field.kind === 'reference') return `id of ${field.any === true ? 'any entity' : field.to.join(' or ')}`
  const { type, min, max } = field
  return min === undefined && max === undefined ? type : `${type} ${min ?? ''}..${max ?? ''}`
}

/** Returns `required, unique`. */
export function factsOf(field: StoredField): string {
  const initial = defaultText(field)
  return [
    ...(field.required ? ['required'] : []),
    ...(field.unique ? ['unique'] : []),
    ...(field.personal ? ['personal'] : []),
    ...(field.kind === 'data' && field.merged === true ? ['merged'] : []),
    ...(initial === undefined ? [] : [`${initial} by default`]),
  ].join(', ')
}

/** Returns `Full name as people address the contact. (required)`. */
export function withFacts(description: string | undefined, facts: string): string {
  if (description === undefined) return facts
  return facts === '' ? description : `${description} (${facts})`
}

function defaultText(field: StoredField): string | undefined {
  if (field.kind === 'reference' || field.default === undefined) return undefined
  return typeof field.default === 'string' ? field.default : JSON.stringify(field.default)
}
