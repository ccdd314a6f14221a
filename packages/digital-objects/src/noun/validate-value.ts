// Validates one value by its field and returns it in normal form: timestamps in UTC to the millisecond, no negative zero,
// strings of well-formed Unicode without NUL, emails and other addresses in their canonical spelling.

import { unreachable } from '../base/unreachable.ts'
import { formatDatetime, isDate, parseDatetime } from '../base/datetime.ts'
import type { JsonValue } from '../base/entity.ts'
import { isCurrency } from '../base/currency.ts'
import { isEntityId, parseId } from '../base/id.ts'
import { canonicalText, hasCanonicalText } from './canonical-text.ts'
import type { DataField, ReferenceField, StoredField } from './schema.ts'
import { isTimeZoneField, zoneOf } from './time-zone-field.ts'

export type CheckedValue =
  | { readonly ok: true; readonly value: JsonValue }
  /** `at` is the path of the fault inside the value, if any. */
  | { readonly ok: false; readonly message: string; readonly at?: string }

const jsonDepthMax = 32
const emailPattern =
  /^[^\s@<>"(),:;\\[\]]{1,64}@(?:[^\s@<>"(),:;\\[\]/!#$%&'*+=?^_`{|}~.]{1,63}\.){0,8}[^\s@<>"(),:;\\[\]/!#$%&'*+=?^_`{|}~.]{1,63}$/u
const urlPattern = /^[a-z][a-z0-9+.-]{0,30}:\/\/[^\s/?#]+[^\s]*$/iu

/** Limits the values of one list. */
const listItemsMax = 1_000

/** Returns null for an empty list, which counts as missing. */
export function checkValue(field: StoredField, value: unknown): CheckedValue {
  return field.many ? checkList(field, value) : checkOne(field, value)
}

/** Validates a value that a verb's effect gives to a field. A timestamp also fits a date, and a day a datetime. */
export function checkEffectValue(field: StoredField, value: JsonValue): CheckedValue {
  const type = field.kind === 'data' && !field.many && typeof value === 'string' ? field.type : undefined
  if (type === 'date') return checkValue(field, String(value).slice(0, 10))
  if (type === 'datetime' && isDate(String(value))) return checkValue(field, `${String(value)}T00:00:00.000Z`)
  return checkValue(field, value)
}

function checkList(field: StoredField, value: unknown): CheckedValue {
  if (!Array.isArray(value)) return expects('a list', value)
  if (value.length === 0) return { ok: true, value: null }
  if (value.length > listItemsMax)
    return { ok: false, message: `expects a list of at most ${listItemsMax} values, got ${value.length}` }
  const items: JsonValue[] = []
  for (const [at, item] of value.entries()) {
    const checked = checkOne(field, item)
    if (!checked.ok) return { ...checked, at: String(at) }
    items.push(checked.value)
  }
  return { ok: true, value: items }
}

function checkOne(field: StoredField, value: unknown): CheckedValue {
  const checked = checkType(field, value)
  return checked.ok && typeof checked.value === 'string' && hasCanonicalText(field)
    ? { ok: true, value: canonicalText(checked.value) }
    : checked
}

function checkType(field: StoredField, value: unknown): CheckedValue {
  if (field.kind === 'enum') {
    if (typeof value === 'string' && field.values.includes(value)) return { ok: true, value }
    return expects(`one of ${field.values.join(', ')}`, value)
  }
  if (field.kind === 'reference') return checkReference(field, value)
  switch (field.type) {
    case 'string':
    case 'text':
      if (isTimeZoneField(field)) return checkTimeZone(value)
      return isFilled(field) && typeof value === 'string'
        ? checkText(value, (text) => text.trim() !== '', 'a string that is not blank')
        : checkText(value, () => true, 'a string')
    case 'email':
      return checkText(value, (text) => emailPattern.test(text), 'an email address')
    case 'currency':
      return checkCurrency(value)
    case 'url':
      return checkText(
        value,
        (text) => text.length <= 2_048 && urlPattern.test(text),
        'a URL such as https://example.com',
      )
    case 'id':
      return checkText(value, isEntityId, 'the id of an entity')
    case 'number':
    case 'integer':
    case 'money':
      return checkNumber(field, numberForms[field.type], value)
    case 'boolean':
      return typeof value === 'boolean' ? { ok: true, value } : expects('a boolean', value)
    case 'datetime':
      return checkDatetime(value)
    case 'date':
      return typeof value === 'string' && isDate(value)
        ? { ok: true, value }
        : expects('a date such as 2026-01-15', value)
    case 'json':
      return checkJson(value, { depth: 0, at: '' })
    default:
      return unreachable(field.type)
  }
}

/** A blank string would meet the rule of a required field in name only, and several entities may lack a unique value. */
function isFilled({ many, required, unique }: DataField): boolean {
  return !many && (required || unique)
}

const numberForms = {
  number: 'a number',
  integer: 'a whole number',
  money: 'a whole number of minor units, such as 1999 for 19.99',
} as const

function checkNumber(field: DataField, form: string, value: unknown): CheckedValue {
  const { type, min = -Infinity, max = Infinity } = field
  const isOfType =
    typeof value === 'number' && (type === 'number' ? Number.isFinite(value) : Number.isSafeInteger(value))
  if (isOfType && value >= min && value <= max) return { ok: true, value: value === 0 ? 0 : value }
  const ends = [min > -Infinity ? `from ${min}` : '', max < Infinity ? `to ${max}` : ''].filter((end) => end !== '')
  return expects([form, ...ends].join(' '), value)
}

function checkText(value: unknown, isRight: (text: string) => boolean, expected: string): CheckedValue {
  if (typeof value !== 'string' || !isRight(value)) return expects(expected, value)
  return isStorable(value) ? { ok: true, value } : { ok: false, message: 'expects well-formed Unicode without NUL' }
}

/** A code in lower case is stored in upper case. */
function checkCurrency(value: unknown): CheckedValue {
  const code = typeof value === 'string' ? value.toUpperCase() : undefined
  return code !== undefined && isCurrency(code)
    ? { ok: true, value: code }
    : expects('the ISO 4217 code of a currency, such as USD', value)
}

/** A name in another letter case is stored in its own spelling. */
function checkTimeZone(value: unknown): CheckedValue {
  const zone = zoneOf(value)
  return zone === undefined ? expects('an IANA time zone such as Europe/Berlin', value) : { ok: true, value: zone }
}

/** SQLite ends a string at NUL, and lone surrogates have no UTF-8 encoding. */
function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0')
}

function checkDatetime(value: unknown): CheckedValue {
  const ms = typeof value === 'string' ? parseDatetime(value) : value instanceof Date ? value.getTime() : undefined
  const text = ms === undefined ? undefined : formatDatetime(ms)
  return text === undefined ? expects('a timestamp such as 2026-01-15T10:00:00Z', value) : { ok: true, value: text }
}

function checkReference({ to, any, inverse }: ReferenceField, value: unknown): CheckedValue {
  const prefix = typeof value === 'string' ? parseId(value)?.prefix : undefined
  if (prefix !== undefined && to.some((name) => name.toLowerCase() === prefix))
    return { ok: true, value: value as string }
  if (any !== true) return expects(`the id of a ${to.join(' or ')}`, value)
  // Without a catalog, the Nouns are unknown.
  if (prefix !== undefined && to.length === 0) return { ok: true, value: value as string }
  return expects(
    `the id of an entity${inverse === undefined ? '' : ` whose type has '${inverse}' by this field`}`,
    value,
  )
}

function checkJson(value: unknown, position: { readonly depth: number; readonly at: string }): CheckedValue {
  const { depth, at } = position
  const fault = (message: string): CheckedValue => (at === '' ? { ok: false, message } : { ok: false, message, at })
  if (depth > jsonDepthMax) return fault(`expects JSON of at most ${jsonDepthMax} levels`)
  if (value === null || typeof value === 'boolean') return { ok: true, value }
  if (typeof value === 'string')
    return isStorable(value) ? { ok: true, value } : fault('expects well-formed Unicode without NUL')
  if (typeof value === 'number')
    return Number.isFinite(value) ? { ok: true, value: value === 0 ? 0 : value } : fault('expects finite numbers')
  if (Array.isArray(value))
    return checkEntries(Object.entries(value), position, (entries) => entries.map(([, inner]) => inner))
  if (
    typeof value === 'object' &&
    (Object.getPrototypeOf(value) === Object.prototype || Object.getPrototypeOf(value) === null)
  ) {
    return checkEntries(Object.entries(value), position, (entries) => Object.fromEntries(entries))
  }
  return fault('expects JSON')
}

function checkEntries(
  entries: readonly (readonly [string, unknown])[],
  position: { readonly depth: number; readonly at: string },
  collect: (entries: readonly (readonly [string, JsonValue])[]) => JsonValue,
): CheckedValue {
  const checked: (readonly [string, JsonValue])[] = []
  for (const [key, inner] of entries) {
    const at = (position.at === '' ? key : `${position.at}.${key}`).slice(0, 200)
    if (!isStorable(key))
      return { ok: false, message: 'expects keys of well-formed Unicode without NUL', at: position.at }
    if (key === '__proto__') return { ok: false, message: "cannot hold the key '__proto__'", at: position.at }
    const result = checkJson(inner, { depth: position.depth + 1, at })
    if (!result.ok) return result
    checked.push([key, result.value])
  }
  return { ok: true, value: collect(checked) }
}

function expects(expected: string, value: unknown): CheckedValue {
  return { ok: false, message: `expects ${expected}, got ${show(value)}` }
}

function show(value: unknown): string {
  const text =
    typeof value === 'string'
      ? JSON.stringify(value)
      : Array.isArray(value)
        ? 'an array'
        : typeof value === 'object' && value !== null
          ? 'an object'
          : String(value)
  return text.length > 80 ? `${text.slice(0, 80)}…` : text
}
