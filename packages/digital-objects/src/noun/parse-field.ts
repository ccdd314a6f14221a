// Parses field texts at run time. `field-text.ts` is the same grammar at compile time.
//
//   type [(range)] [[]] [! | ?] [# | ##] [personal] [merged] [= default | = sum]
//
// The type is a word, an enum `A | B` (in a list `(A | B)`), or a relation `-> Noun.inverse`.

import type { JsonValue } from '../base/entity.ts'
import { invalidDefinition } from './invalid-definition.ts'
import { ObjectError } from '../base/object-error.ts'
import { tryParseJson } from '../base/parse-json.ts'
import type { DataField, DataType, EnumField, FieldBase, ReferenceField, ReverseField } from './schema.ts'
import { checkValue } from './validate-value.ts'

const dataTypes: readonly string[] = [
  'string',
  'text',
  'number',
  'integer',
  'money',
  'boolean',
  'datetime',
  'date',
  'json',
  'url',
  'email',
  'currency',
  'id',
] satisfies DataType[]
/** Types that a list can hold. */
const listedTypes: readonly string[] = ['string', 'number', 'integer', 'url', 'email', 'id'] satisfies DataType[]
const rangedTypes: readonly string[] = ['number', 'integer', 'money'] satisfies DataType[]

export type ParsedText =
  | DataField
  | EnumField
  | ReferenceField
  | ReverseField
  | { readonly kind: 'verb'; readonly name: string; readonly event: string }

/** The field whose text is parsed, for error messages. */
export interface FieldName {
  readonly noun: string
  readonly name: string
}

/** A text, split into its type and modifiers. */
interface Parts {
  readonly owner: FieldName
  readonly text: string
  readonly type: string
  readonly many: boolean
  readonly required: boolean
  readonly mark: '' | '#' | '##'
  readonly personal: boolean
  readonly merged: boolean
  readonly initial: string | undefined
}

export function parseField(owner: FieldName, text: string): ParsedText {
  const trimmed = text.trim()
  if (trimmed.startsWith('<-')) return parseReverse(owner, trimmed)
  const parts = cutText(owner, trimmed)
  if (parts.type.startsWith('->')) return parseReference(parts)
  if (parts.type.includes('|')) return parseEnum(parts)
  const data = /^([a-z]+)(?:\s*\(([^()]*)\))?$/.exec(parts.type)
  if (data !== null && dataTypes.includes(data[1] as string)) return parseData(parts, data[1] as DataType, data[2])
  if (/^[A-Z][A-Za-z0-9]*$/.test(trimmed)) return { kind: 'verb', name: owner.name, event: trimmed }
  throw invalidField(
    parts,
    "a type such as 'string!', an enum 'A | B', a relation '-> Noun' or '<- Noun.field[]', or a verb's event such as 'Qualified'",
  )
}

function cutText(owner: FieldName, text: string): Parts {
  const equals = text.indexOf('=')
  const head = (equals < 0 ? text : text.slice(0, equals)).trim()
  const match = /^(.*?)\s*(\[\])?\s*([!?])?\s*(##?)?\s*((?<=[\s!?#)\]])personal)?\s*((?<=[\s!?#)\]])merged)?$/.exec(
    head,
  )
  const [, type = head, list, presence, mark = '', personal, merged] = match ?? []
  const parts: Parts = {
    owner,
    text,
    type,
    many: list !== undefined,
    required: presence === '!',
    mark: mark as Parts['mark'], // the pattern allows no others
    personal: personal !== undefined,
    merged: merged !== undefined,
    initial: equals < 0 ? undefined : text.slice(equals + 1).trim(),
  }
  if (parts.merged && type !== 'json')
    throw invalidField(parts, "'merged' on a json field only, whose objects an update merges")
  if (parts.many && parts.mark === '##') throw invalidField(parts, 'a list without ##: its values are indexed by #')
  return parts
}

function parseData(parts: Parts, type: DataType, range: string | undefined): DataField {
  if (parts.mark !== '' && type === 'json')
    throw invalidField(parts, "a json field without an index: a path in it is indexed by 'indexes'")
  if (parts.mark !== '' && type === 'text')
    throw invalidField(parts, 'a text without an index: $text searches its words; a string can have an index')
  if (parts.many && !listedTypes.includes(type))
    throw invalidField(parts, `a list of ${listedTypes.join(', ')} or enum values`)
  if (range !== undefined && !rangedTypes.includes(type))
    throw invalidField(parts, `a range on ${rangedTypes.join(', ')} only`)
  const field: DataField = {
    kind: 'data',
    ...baseOf(parts),
    type,
    ...(parts.merged || (type === 'json' && parts.owner.name === 'metadata') ? { merged: true } : {}),
    ...(range === undefined ? {} : parseRange(parts, type, range)),
  }
  if (parts.initial !== undefined && isSum(field, parts.initial)) return { ...field, sum: parts.initial }
  return parts.initial === undefined ? field : { ...field, default: parseDefault(parts, field, parts.initial) }
}

function baseOf({ owner, many, required, mark, personal }: Parts): FieldBase {
  return { name: owner.name, many, required, indexed: mark !== '', unique: mark === '##', personal }
}

/** `0..100`, `0..` or `..100`; both ends are included. */
function parseRange(parts: Parts, type: DataType, range: string): Pick<DataField, 'min' | 'max'> {
  const ends = range.split('..').map((end) => end.trim())
  const isForm = ends.length === 2 && ends.every((end) => end === '' || /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i.test(end))
  const [min, max] = ends.map((end) => (end === '' ? undefined : Number(end)))
  const isEnd = (end: number | undefined): boolean =>
    end === undefined || (type === 'number' ? Number.isFinite(end) : Number.isSafeInteger(end))
  const isEmpty = min === undefined && max === undefined
  if (!isForm || isEmpty || !isEnd(min) || !isEnd(max) || (min ?? -Infinity) > (max ?? Infinity))
    throw invalidField(parts, `a range such as ${type}(0..100), ${type}(0..) or ${type}(..100)`)
  return { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) }
}

function parseDefault(parts: Parts, field: DataField, text: string): JsonValue {
  const checked = checkValue(field, field.many ? tryParseJson(text) : initialValue(field, text))
  if (checked.ok && checked.value !== null) return checked.value
  if (checked.ok) throw invalidField(parts, 'a default that is not an empty list, which counts as missing')
  throw invalidField(parts, `a default that the field accepts: it ${checked.message}`)
}

/** A sum begins with the name of a field; `orderedSums` parses it. */
function isSum({ type, many }: DataField, text: string): boolean {
  return rangedTypes.includes(type) && !many && /^-?\s*[a-z][A-Za-z]/.test(text)
}

/** Returns the text itself if it is not a value of the field's type; the check of the default then refuses it. */
function initialValue(field: DataField, text: string): unknown {
  switch (field.type) {
    case 'number':
    case 'integer':
    case 'money':
      return text === '' ? text : Number(text)
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : text
    case 'json':
      return tryParseJson(text)
    default:
      return text
  }
}

function parseEnum(parts: Parts): EnumField {
  const { owner, mark, initial } = parts
  const inner = /^\(([^()]*)\)$/.exec(parts.type)?.[1]
  if (parts.many && inner === undefined) throw invalidField(parts, "a list of enum values such as '(Red | Blue)[]'")
  const values = (inner ?? parts.type).split('|').map((value) => value.trim())
  const isWrong =
    values.some((value) => !/^[A-Za-z][A-Za-z0-9 _-]*$/.test(value)) || new Set(values).size !== values.length
  if (isWrong || mark === '##') throw invalidField(parts, "an enum of distinct words such as 'Lead | Qualified'")
  if (parts.many) return parseEnumList(parts, values)
  // Lists are filtered by state, so a state has a default and an index.
  const isState = owner.name === 'stage' || owner.name === 'status'
  const declared = initial ?? (isState ? values[0] : undefined)
  if (declared !== undefined && !values.includes(declared))
    throw invalidField(parts, 'a default that is one of its values')
  const field = { kind: 'enum', ...baseOf(parts), values, indexed: isState || mark !== '' } as const
  return declared === undefined ? field : { ...field, default: declared }
}

function parseEnumList(parts: Parts, values: readonly string[]): EnumField {
  const field: EnumField = { kind: 'enum', ...baseOf(parts), values }
  if (parts.initial === undefined) return field
  const initial = tryParseJson(parts.initial)
  const isList = Array.isArray(initial) && initial.length > 0 && initial.every((value) => values.includes(value))
  if (!isList) throw invalidField(parts, 'a default that is a JSON list of its values')
  return { ...field, default: initial as string[] } // each item is one of `values`
}

function parseReference(parts: Parts): ReferenceField {
  const targets = parts.type
    .slice(2)
    .split('|')
    .map((target) => /^\s*([A-Z][A-Za-z0-9]*|\*)(?:\.([a-z][A-Za-z0-9]*))?\s*$/.exec(target))
  const isAny = targets.some((target) => target?.[1] === '*')
  if (targets.includes(null) || parts.initial !== undefined || (isAny && targets.length > 1))
    throw invalidField(
      parts,
      "a relation such as '-> Organization.contacts', '-> User | Contact', '-> Tag.contacts[]', '-> Contact.account##' or '-> *.notes'",
    )
  const to = isAny ? [] : targets.map((target) => (target as RegExpExecArray)[1] as string)
  const [inverse, ...others] = new Set(targets.flatMap((target) => target?.[2] ?? []))
  if (others.length > 0)
    throw invalidField(parts, "one name for its inverse on every Noun, such as '-> User.deals | Contact.deals'")
  // `makeSchema` puts the rule of the definition in place of this one.
  const any = isAny ? ({ any: true } as const) : {}
  const field = { kind: 'reference', ...baseOf(parts), indexed: true, to, ...any, onDelete: 'clear' } as const
  return inverse === undefined ? field : { ...field, inverse }
}

function parseReverse(owner: FieldName, text: string): ReverseField {
  const match = /^<-\s*([A-Z][A-Za-z0-9]*)\.([a-z][A-Za-z0-9]*)(\[\])?$/.exec(text)
  if (match === null) throw invalidField({ owner, text }, "a reverse relation such as '<- Deal.contact[]'")
  return {
    kind: 'reverse',
    name: owner.name,
    from: match[1] as string,
    by: match[2] as string,
    many: match[3] !== undefined,
  }
}

function invalidField({ owner, text }: Pick<Parts, 'owner' | 'text'>, expected: string): ObjectError {
  return invalidDefinition(owner.name, `${owner.noun}.${owner.name} expects ${expected}, got '${text.slice(0, 100)}'`)
}
