// The literal of a condition, checked against the type of the field that it is compared with. A literal that the field
// cannot hold would match nothing, so it is refused. `json` holds any type. A number's range is not checked, because values
// from before a change of the range are kept.

import { isDate, parseDatetime } from '../base/datetime.ts'
import { isEntityIdOf } from '../base/id.ts'
import { isPlainObject } from '../base/is-object.ts'
import { unreachable } from '../base/unreachable.ts'
import { canonicalText, hasCanonicalText } from '../noun/canonical-text.ts'
import type { Field } from '../noun/schema.ts'
import type { FilterPath, FilterValue } from './filter.ts'
import type { FilterContext } from './parse-path.ts'
import { elementStorageOf } from './storage-class.ts'

/** `expected` describes the literals that the field accepts, such as `a number`. */
export type Literal =
  | {
      readonly ok: true
      readonly value: FilterValue
      /** Another spelling, which a value from before the rule of canonical texts may have. */
      readonly asSent?: string
    }
  | { readonly ok: false; readonly expected: string }

/** Returns the literal in the form that the storage compares. Null is a literal only inside `json`. */
export function parseLiteral(path: FilterPath, literal: unknown, context: FilterContext): Literal {
  const storage = elementStorageOf(path.storage)
  switch (storage) {
    case 'text':
      return parseText(path, literal, context)
    case 'real':
      return typeof literal === 'number' && Number.isFinite(literal) ? accepted(literal) : expects('a finite number')
    case 'boolean':
      return typeof literal === 'boolean' ? accepted(literal) : expects('true or false')
    case 'time':
      return parseTime(literal)
    case 'date':
      return typeof literal === 'string' && isDate(literal) ? accepted(literal) : expects('a date such as 2026-01-15')
    case 'json':
      return parseJsonLiteral(literal)
    default:
      return unreachable(storage)
  }
}

/** What `$regex` needs. */
export function holdsStrings(path: FilterPath): boolean {
  return elementStorageOf(path.storage) === 'text' || path.storage === 'json'
}

function parseText(path: FilterPath, literal: unknown, context: FilterContext): Literal {
  if (typeof literal === 'string' && literal === context.principal) return accepted(literal)
  const field = fieldOf(path, context)
  if (field?.kind === 'enum')
    return typeof literal === 'string' && field.values.includes(literal)
      ? accepted(literal)
      : expects(`one of ${field.values.join(', ')}`)
  const to = idTargets(path, field, context)
  if (to.length > 0) {
    const isId =
      typeof literal === 'string' && to.some((name) => isEntityIdOf({ idPrefix: name.toLowerCase() }, literal))
    return isId ? accepted(literal) : expects(`the id of ${to.map((name) => `a ${name}`).join(' or ')}`)
  }
  if (typeof literal !== 'string') return expects('a string')
  if (!isStorable(literal)) return expects('well-formed Unicode without NUL')
  if (field === undefined || !hasCanonicalText(field)) return accepted(literal)
  const value = canonicalText(literal)
  return value === literal ? accepted(literal) : { ok: true, value, asSent: literal }
}

/** Returns the Nouns whose ids the path leads to; none if it leads to other strings. */
function idTargets(path: FilterPath, field: Field | undefined, { schema }: FilterContext): readonly string[] {
  if (field?.kind === 'reference') return field.to
  return path.field === '$id' ? [path.steps.at(-1)?.to ?? schema.name] : []
}

function parseTime(literal: unknown): Literal {
  const ms =
    literal instanceof Date ? literal.getTime() : typeof literal === 'string' ? parseDatetime(literal) : undefined
  return ms === undefined || Number.isNaN(ms) ? expects('a timestamp such as 2026-01-15T10:00:00Z') : accepted(ms)
}

function parseJsonLiteral(literal: unknown): Literal {
  switch (typeof literal) {
    case 'string':
      return isStorable(literal) ? accepted(literal) : expects('well-formed Unicode without NUL')
    case 'number':
      return Number.isFinite(literal) ? accepted(literal) : expects('a finite number')
    case 'boolean':
      return accepted(literal)
    default:
      return literal === null ? accepted(null) : expects('a string, a number, true or false')
  }
}

function fieldOf(path: FilterPath, context: FilterContext): Field | undefined {
  const owner = path.steps.at(-1)?.to
  const schema = owner === undefined ? context.schema : context.lookup(owner)
  return schema !== undefined && Object.hasOwn(schema.fields, path.field) ? schema.fields[path.field] : undefined
}

function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0')
}

function accepted(value: FilterValue): Literal {
  return { ok: true, value }
}

function expects(expected: string): Literal {
  return { ok: false, expected }
}

/** Shows a literal in a message. */
export function showLiteral(value: unknown): string {
  const text =
    typeof value === 'string'
      ? JSON.stringify(value)
      : Array.isArray(value)
        ? 'a list'
        : isPlainObject(value) && !(value instanceof Date)
          ? 'an object'
          : String(value)
  return text.length > 80 ? `${text.slice(0, 80)}…` : text
}
