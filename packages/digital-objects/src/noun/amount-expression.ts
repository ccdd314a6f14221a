// Sums of fields, as a definition writes them: `subtotal - discount + tax`, `quantity * unitAmount`, `lineItems[].amount`,
// `price.plan`. A sum is a rule of its field, or one side of a bound.

import type { EntityFields, JsonValue } from '../base/entity.ts'
import { isPlainObject } from '../base/is-object.ts'

/** `- discount`, `+ lineItems[].amount`, `+ price.plan`, `+ 1`, `+ netAmount * taxPercent / 100`. */
export type Term = { readonly sign: 1 | -1 } & (
  | Factor
  /** The product of its factors, divided by a number, and by the sum of a number and a field: `/ (100 + taxPercent)`. */
  | {
      readonly kind: 'product'
      readonly factors: readonly Factor[]
      readonly divisor: number
      readonly beyond?: { readonly number: number; readonly field: string }
    }
)

export type Factor =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'field'; readonly field: string }
  /**
   * The sum of a number in each item of a list in a `json` field, or in each entity of a reverse relation, limited to those with
   * one of these values: `payments[status:Succeeded|Refunded].amount`. With `isOptional`, no value if no item has the number.
   */
  | ItemsFactor
  /** A field of the entity to which a reference leads. */
  | { readonly kind: 'related'; readonly field: string; readonly member: string }

export interface ItemsFactor {
  readonly kind: 'items'
  readonly field: string
  readonly member: string
  readonly where?: { readonly field: string; readonly values: readonly string[] }
  readonly isOptional?: true
}

/** Reads the entity to which a reference leads; undefined if there is none. */
export type ReadRelated = (id: string) => EntityFields | undefined

const termsMax = 12
const factorsMax = 6
const name = '[a-z][A-Za-z0-9]*'
const listText = String.raw`\[(?:(?:${name}):(?:\w+(?:\|\w+)*))?\]\??`
const factorText = String.raw`(?:\d{1,15}|${name}(?:(?:${listText})?\.${name})?)`
const beyondText = String.raw`\(\s*\d{1,15}\s*\+\s*${name}\s*\)`
const termPattern = new RegExp(
  String.raw`^\s*([+-])?\s*(${factorText}(?:\s*[*/]\s*(?:${factorText}|${beyondText}))*)\s*(?=[+-]|$)`,
)
const factorPattern = new RegExp(String.raw`^(?:(\d{1,15})|(${name})(?:(${listText})?\.(${name}))?)$`)

/** Returns undefined for a text that is no sum. */
export function parseSum(text: string): readonly Term[] | undefined {
  const terms: Term[] = []
  for (let rest = text; rest !== '';) {
    const match = termPattern.exec(rest)
    if (match === null || (terms.length > 0 && match[1] === undefined) || terms.length === termsMax) return undefined
    const term = toTerm(match[1] === '-' ? -1 : 1, match[2] ?? '')
    if (term === undefined) return undefined
    terms.push(term)
    rest = rest.slice(match[0].length)
  }
  return terms.length === 0 ? undefined : terms
}

/** Only a number divides, or one and a field, which have to be above 0, so that no value makes a product infinite. */
function toTerm(sign: 1 | -1, text: string): Term | undefined {
  const [head = '', ...others] = text.split(/\s*([*/])\s*/)
  const first = toFactor(head)
  if (first === undefined || others.length > 2 * factorsMax) return undefined
  if (others.length === 0) return { sign, ...first }
  const factors = [first]
  let divisor = 1
  let beyond: { readonly number: number; readonly field: string } | undefined
  for (let at = 0; at < others.length; at += 2) {
    const sum = beyondPattern.exec(others[at + 1] ?? '')
    if (sum !== null) {
      if (others[at] !== '/' || beyond !== undefined) return undefined
      beyond = { number: Number(sum[1]), field: sum[2] ?? '' }
      continue
    }
    const factor = toFactor(others[at + 1] ?? '')
    if (factor === undefined) return undefined
    if (others[at] === '*') factors.push(factor)
    else if (factor.kind === 'number' && factor.value > 0) divisor *= factor.value
    else return undefined
  }
  return { sign, kind: 'product', factors, divisor, ...(beyond === undefined ? {} : { beyond }) }
}

const beyondPattern = new RegExp(String.raw`^\(\s*(\d{1,15})\s*\+\s*(${name})\s*\)$`)

function toFactor(text: string): Factor | undefined {
  const match = factorPattern.exec(text)
  if (match === null) return undefined
  const [, number, field = '', list, member] = match
  if (number !== undefined) return { kind: 'number', value: Number(number) }
  if (member === undefined) return { kind: 'field', field }
  if (list === undefined) return { kind: 'related', field, member }
  const [limit, values = ''] = list.replace(/[[\]?]/g, '').split(':')
  const where = values === '' || limit === undefined ? {} : { where: { field: limit, values: values.split('|') } }
  return { kind: 'items', field, member, ...where, ...(list.endsWith('?') ? { isOptional: true } : {}) }
}

export interface ExpressionValues {
  readonly fields: EntityFields
  readonly related?: ReadRelated
  /** Reads the entities of a reverse relation; undefined if they are not known. */
  readonly records?: (field: string) => readonly EntityFields[] | undefined
  /** Rounds each product to an integer, halves away from 0: the sum is one of whole numbers. */
  readonly isWhole?: boolean
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

function valueOfTerm(term: Term, values: ExpressionValues): JsonValue | undefined {
  return term.kind === 'product' ? valueOfProduct(term, values) : valueOfFactor(term, values)
}

/** Returns undefined if a factor has no value. */
function valueOfProduct(
  { factors, divisor, beyond }: Term & { readonly kind: 'product' },
  values: ExpressionValues,
): number | undefined {
  let product = 1
  for (const factor of factors) {
    const value = valueOfFactor(factor, values)
    if (typeof value !== 'number') return undefined
    product *= value
  }
  const added = beyond === undefined ? 1 : values.fields[beyond.field]
  if (typeof added !== 'number') return undefined
  const whole = beyond === undefined ? divisor : divisor * (beyond.number + added)
  if (whole <= 0) return undefined
  const quotient = product / whole
  if (values.isWhole !== true) return quotient
  // Binary fractions such as 7.15 leave an error beyond the 15 digits that a double has.
  const exact = Number(Math.abs(quotient).toPrecision(15))
  return Math.round(exact) * (quotient < 0 ? -1 : 1) + 0
}

function valueOfFactor(factor: Factor, { fields, related, records }: ExpressionValues): JsonValue | undefined {
  switch (factor.kind) {
    case 'number':
      return factor.value
    case 'field':
      return fields[factor.field]
    case 'items':
      return sumOfItems(fields[factor.field] ?? records?.(factor.field), factor)
    default: {
      const id = fields[factor.field]
      return typeof id === 'string' ? related?.(id)?.[factor.member] : undefined
    }
  }
}

/** Returns undefined for a missing list. An item without the number counts as 0. */
function sumOfItems(
  list: JsonValue | readonly EntityFields[] | undefined,
  { member, where, isOptional }: ItemsFactor,
): number | undefined {
  if (!Array.isArray(list)) return undefined
  const numbers = list.flatMap((item: JsonValue) => {
    if (!isPlainObject(item) || (where !== undefined && !where.values.includes(String(item[where.field])))) return []
    const amount = item[member]
    return typeof amount === 'number' ? amount : []
  })
  if (isOptional === true && numbers.length === 0) return undefined
  return numbers.reduce((total: number, amount: number) => total + amount, 0)
}

/** The fields of the entity itself that a sum reads. */
export function fieldsInSum(terms: readonly Term[]): readonly string[] {
  return factorsOf(terms).flatMap((factor) => (factor.kind === 'number' ? [] : [factor.field]))
}

export function factorsOf(terms: readonly Term[]): readonly Factor[] {
  return terms.flatMap((term): readonly Factor[] => {
    if (term.kind !== 'product') return [term]
    return term.beyond === undefined ? term.factors : [...term.factors, { kind: 'field', field: term.beyond.field }]
  })
}

/** Writes the sum with its figures: `subtotal 100 + tax 20`. */
export function describeSum(terms: readonly Term[], values: ExpressionValues): string {
  return terms
    .map((term, at) => {
      const sign = term.sign === -1 ? '- ' : at === 0 ? '' : '+ '
      if (term.kind !== 'product') return `${sign}${describeFactor(term, values)}`
      const factors = term.factors.map((factor) => describeFactor(factor, values)).join(' * ')
      const { beyond } = term
      const sum =
        beyond === undefined
          ? ''
          : ` / (${beyond.number} + ${describeFactor({ kind: 'field', field: beyond.field }, values)})`
      return `${sign}${factors}${term.divisor === 1 ? '' : ` / ${term.divisor}`}${sum}`
    })
    .join(' ')
}

function describeFactor(factor: Factor, values: ExpressionValues): string {
  if (factor.kind === 'number') return `${factor.value}`
  const member = factor.kind === 'field' ? '' : `${factor.kind === 'items' ? '[]' : ''}.${factor.member}`
  const value = valueOfFactor(factor, values)
  return `${factor.field}${member} ${value === undefined || value === null ? '(no value)' : String(value).slice(0, 60)}`
}
