// Fields and arguments of a Noun as flags, and their texts as values: from a flag, and from a cell of a file.

import { type NounSchema, type StoredField, validateUpdate, type Verb, parseJson, tryParseJson } from 'digital-objects'
import { Expected, type Flag } from './flag.ts'

/** One for each field that holds a value. */
export function fieldFlags(schema: NounSchema): Flag[] {
  return storedFields(schema).map((field) => fieldFlag(schema, field))
}

export function storedFields(schema: NounSchema): StoredField[] {
  return Object.values(schema.fields).filter((field) => field.kind !== 'reverse')
}

/** What a verb takes besides the fields: other names of fields, and arguments of its own, which are JSON or text. */
export function argumentFlags(schema: NounSchema, verb: Verb): Flag[] {
  const { argumentAliases = {}, argumentsOnly = [] } = verb.effect
  const aliases = Object.entries(argumentAliases).flatMap(([name, of]) => {
    const field = schema.fields[of]
    return field === undefined || field.kind === 'reverse' ? [] : [{ ...fieldFlag(schema, field), name, about: of }]
  })
  const own = argumentsOnly.map((name): Flag => ({
    name,
    kind: 'value',
    placeholder: '<json or text>',
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
    about: aboutField(field),
    field,
    parse: (text) => parseFieldText(schema, field, text),
    ...(field.kind === 'enum'
      ? { values: field.values }
      : field.kind === 'data' && field.type === 'boolean'
        ? { values: ['true', 'false'] }
        : {}),
  }
}

/** Held to the field as the server would hold it. Throws Expected. */
export function parseFieldText(schema: NounSchema, field: StoredField, text: string): unknown {
  const value = textToValue(field, text)
  const checked = validateUpdate(schema, { [field.name]: value })
  if (checked.ok) return value
  throw new Expected((checked.faults[0]?.message ?? 'something else').replace(/^expects /, ''))
}

/** A text that is no value of its type stays a text, which validation then refuses in its own words. */
export function textToValue(field: StoredField, text: string): unknown {
  if (field.kind !== 'data') return text
  switch (field.type) {
    case 'number':
      return /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i.test(text) ? Number(text) : text
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : text
    case 'json':
      return parseJson(text, () => new Expected(`JSON, got ${JSON.stringify(text.slice(0, 80))}`))
    default:
      return text
  }
}

function jsonOrText(text: string): unknown {
  return tryParseJson(text) ?? text
}

/** `number`, `Lead | Qualified`, `id of an Organization`. */
export function typeText(field: StoredField): string {
  if (field.kind === 'enum') return field.values.join(' | ')
  return field.kind === 'reference' ? `id of ${field.to.join(' or ')}` : field.type
}

function aboutField(field: StoredField): string {
  const initial =
    field.kind !== 'reference' && field.default !== undefined ? `${String(field.default)} unless given` : ''
  return [field.required ? 'required' : '', field.unique ? 'unique' : '', initial]
    .filter((part) => part !== '')
    .join(', ')
}
