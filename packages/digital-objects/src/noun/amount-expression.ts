// Sums of fields, as a definition writes them: `subtotal - discount + tax`, `lineItems[].amount`, `price.plan`. A sum is a
// rule of its field, or one side of a bound.

import type { EntityFields, JsonValue } from '../base/entity.ts'
import { isPlainObject } from '../base/is-object.ts'

/** `- discount`, `+ lineItems[].amount`, `+ price.plan`, `+ 1`. */
export type Term = { readonly sign: 1 | -1 } & (
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'field'; readonly field: string }
  /** The sum of a number in each item of a list in a `json` field. */
  | { readonly kind: 'items'; readonly field: string; readonly member: string }
  /** A field of the entity to which a reference leads. */
  | { readonly kind: 'related'; readonly field: string; readonly member: string }
)

/** Reads the entity to which a reference leads; undefined if there is none. */
export type ReadRelated = (id: string) => EntityFields | undefined

const termsMax = 12
const name = '[a-z][A-Za-z0-9]*'
const termPattern = new RegExp(String.raw`^\s*([+-])?\s*(?:(\d{1,15})|(${name})(?:(\[\])?\.(${name}))?)\s*(?=[+-]|$)`)

/** Returns undefined for a text that is no sum. */
export function parseSum(text: string): readonly Term[] | undefined {
  const terms: Term[] = []
  for (let rest = text; rest !== '';) {
    const match = termPattern.exec(rest)
    if (match === null || (terms.length > 0 && match[1] === undefined) || terms.length === termsMax) return undefined
    terms.push(toTerm(match))
    rest = rest.slice(match[0].length)
  }
  return terms.length === 0 ? undefined : terms
}

function toTerm([, signText, number, field = '', list, member]: RegExpExecArray): Term {
  const sign = signText === '-' ? -1 : 1
  if (number !== undefined) return { sign, kind: 'number', value: Number(number) }
  if (member === undefined) return { sign, kind: 'field', field }
  return list === undefined ? { sign, kind: 'related', field, member } : { sign, kind: 'items', field, member }
}

export interface ExpressionValues {
  readonly fields: EntityFields
  readonly related?: ReadRelated
}

/**
 * Returns the value of a single term as it is, and the sum of several, in which a missing number counts as 0. Returns undefined
 * if a single term has no value.
 */
export function valueOfSum(terms: readonly Term[], values: ExpressionValues): JsonValue | undefined {
  const [only, ...others] = terms
  if (only !== undefined && others.length === 0 && only.sign === 1) return valueOfTerm(only, values) ?? undefined
  return terms.reduce((total, term) => {
    const value = valueOfTerm(term, values)
    return total + (typeof value === 'number' ? term.sign * value : 0)
  }, 0)
}

function valueOfTerm(term: Term, { fields, related }: ExpressionValues): JsonValue | undefined {
  switch (term.kind) {
    case 'number':
      return term.value
    case 'field':
      return fields[term.field]
    case 'items':
      return sumOfItems(fields[term.field], term.member)
    default: {
      const id = fields[term.field]
      return typeof id === 'string' ? related?.(id)?.[term.member] : undefined
    }
  }
}

/** Returns undefined for a missing list. An item without the number counts as 0. */
function sumOfItems(list: JsonValue | undefined, member: string): number | undefined {
  if (!Array.isArray(list)) return undefined
  return list.reduce((total: number, item: JsonValue) => {
    const amount = isPlainObject(item) ? item[member] : undefined
    return total + (typeof amount === 'number' ? amount : 0)
  }, 0)
}

/** The fields of the entity itself that a sum reads. */
export function fieldsInSum(terms: readonly Term[]): readonly string[] {
  return terms.flatMap((term) => (term.kind === 'number' ? [] : [term.field]))
}

/** Writes the sum with its figures: `subtotal 100 + tax 20`. */
export function describeSum(terms: readonly Term[], values: ExpressionValues): string {
  return terms
    .map((term, at) => {
      const sign = term.sign === -1 ? '- ' : at === 0 ? '' : '+ '
      if (term.kind === 'number') return `${sign}${term.value}`
      const shown =
        term.kind === 'field' ? term.field : `${term.field}${term.kind === 'items' ? '[]' : ''}.${term.member}`
      const value = valueOfTerm(term, values)
      return `${sign}${shown} ${value === undefined || value === null ? '(no value)' : String(value).slice(0, 60)}`
    })
    .join(' ')
}
