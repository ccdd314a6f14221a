// The grammar of field texts, read at run time. `field-text.ts` is the same grammar for the compiler.

import { ObjectError } from '../base/object-error.ts'
import type { Scalar } from '../base/entity.ts'
import type { DataField, DataType, EnumField, ReferenceField, ReverseField } from './schema.ts'

const dataTypes: readonly string[] = [
  'string',
  'number',
  'boolean',
  'datetime',
  'date',
  'json',
  'url',
  'email',
  'id',
] satisfies DataType[]

export type ParsedText =
  | DataField
  | EnumField
  | ReferenceField
  | ReverseField
  | { readonly kind: 'verb'; readonly name: string; readonly event: string }

/** Where a text stands, for the sentence when it is wrong. */
export interface FieldPlace {
  readonly noun: string
  readonly name: string
}

export function parseField(place: FieldPlace, text: string): ParsedText {
  const trimmed = text.trim()
  if (trimmed.startsWith('->')) return parseReference(place, trimmed)
  if (trimmed.startsWith('<-')) return parseReverse(place, trimmed)
  if (trimmed.includes('|')) return parseEnum(place, trimmed)
  const data = /^([a-z]+)\s*([!?])?\s*(##?)?\s*(?:=\s*(.+))?$/.exec(trimmed)
  if (data !== null && dataTypes.includes(data[1] as string)) return makeData(place, data)
  if (/^[A-Z][A-Za-z0-9]*$/.test(trimmed) && /^[a-z]/.test(place.name))
    return { kind: 'verb', name: place.name, event: trimmed }
  throw wrong(
    place,
    text,
    "a type such as 'string!', an enum 'A | B', a relation '-> Noun' or '<- Noun.field[]', or a verb's event such as 'Qualified'",
  )
}

function makeData(place: FieldPlace, match: RegExpExecArray): DataField {
  const [text, type, presence, mark, defaultText] = match
  const field = {
    kind: 'data',
    name: place.name,
    type: type as DataType,
    required: presence === '!',
    indexed: mark !== undefined,
    unique: mark === '##',
  } as const
  if (type === 'json' && mark !== undefined)
    throw wrong(place, text, 'a json field without an index: index a field of its own instead')
  return defaultText === undefined
    ? field
    : { ...field, default: parseDefault(place, type as DataType, defaultText.trim()) }
}

function parseDefault(place: FieldPlace, type: DataType, text: string): Scalar {
  if (type === 'number' && text !== '' && Number.isFinite(Number(text))) return Number(text)
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true'
  if (type === 'string') return text
  throw wrong(place, text, `a default that is a ${type} (numbers, booleans and strings can have one)`)
}

function parseEnum(place: FieldPlace, text: string): EnumField {
  const match = /^([^=#]*?)\s*([!?])?\s*(##?)?\s*(?:=\s*(.+))?$/.exec(text)
  const values = (match?.[1] ?? '').split('|').map((value) => value.trim())
  const isWrong =
    values.some((value) => !/^[A-Za-z][A-Za-z0-9 _-]*$/.test(value)) || new Set(values).size !== values.length
  if (match === null || isWrong || match[3] === '##')
    throw wrong(place, text, "an enum of distinct words such as 'Lead | Qualified'")
  // A state is what lists are filtered by, so it starts somewhere and has an index.
  const isState = place.name === 'stage' || place.name === 'status'
  const declared = match[4]?.trim() ?? (isState ? values[0] : undefined)
  if (declared !== undefined && !values.includes(declared))
    throw wrong(place, text, 'a default that is one of its values')
  const field = {
    kind: 'enum',
    name: place.name,
    values,
    required: match[2] === '!',
    indexed: isState || match[3] !== undefined,
    unique: false,
  } as const
  return declared === undefined ? field : { ...field, default: declared }
}

function parseReference(place: FieldPlace, text: string): ReferenceField {
  const match = /^->\s*([A-Za-z0-9|.\s]+?)\s*([!?])?\s*#?$/.exec(text)
  const targets = (match?.[1] ?? '')
    .split('|')
    .map((target) => /^\s*([A-Z][A-Za-z0-9]*)(?:\.([a-z][A-Za-z0-9]*))?\s*$/.exec(target))
  if (match === null || targets.includes(null))
    throw wrong(
      place,
      text,
      "a relation such as '-> Organization.contacts' or '-> User | Contact'; a list is held by the other side, as '<- Deal.contact[]'",
    )
  const to = targets.map((target) => (target as RegExpExecArray)[1] as string)
  const [inverse, ...others] = new Set(targets.flatMap((target) => target?.[2] ?? []))
  if (others.length > 0)
    throw wrong(place, text, "one name for its inverse on every Noun, such as '-> User.deals | Contact.deals'")
  const field = {
    kind: 'reference',
    name: place.name,
    required: match[2] === '!',
    indexed: true,
    unique: false,
    to,
  } as const
  return inverse === undefined ? field : { ...field, inverse }
}

function parseReverse(place: FieldPlace, text: string): ReverseField {
  const match = /^<-\s*([A-Z][A-Za-z0-9]*)\.([a-z][A-Za-z0-9]*)(\[\])?$/.exec(text)
  if (match === null) throw wrong(place, text, "a reverse relation such as '<- Deal.contact[]'")
  return {
    kind: 'reverse',
    name: place.name,
    from: match[1] as string,
    by: match[2] as string,
    many: match[3] !== undefined,
  }
}

function wrong(place: FieldPlace, text: string, expected: string): ObjectError {
  return new ObjectError({
    code: 'invalid_definition',
    field: place.name,
    message: `${place.noun}.${place.name} expects ${expected}, got '${text.slice(0, 100)}'`,
  })
}
