// The filter of a list as a person builds it, and as the API takes it: one language, shown in both forms. What the builder
// cannot show stays as JSON.

export interface Term {
  readonly field: string
  readonly operator: Operator
  readonly value: unknown
}

/** `isMe` is for rules, in which `$me` is the member. */
export const operators = ['is', 'isNot', 'isMe', 'atLeast', 'atMost', 'contains', 'empty', 'set'] as const
export type Operator = (typeof operators)[number]

const me = '$me'

export type Filter = Readonly<Record<string, unknown>>

/** Throws a SyntaxError for what is no JSON object. */
export function parseFilter(text: string | undefined): Filter {
  if (text === undefined || text.trim() === '') return {}
  const value: unknown = JSON.parse(text)
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  throw new SyntaxError('a filter is a JSON object, such as {"stage":"Lead"}')
}

/** Returns undefined for a filter that has no such form, such as one with `$or`. */
export function filterToTerms(filter: Filter): readonly Term[] | undefined {
  const terms: Term[] = []
  for (const [field, condition] of Object.entries(filter)) {
    if (field.startsWith('$')) return undefined
    const found = conditionToTerms(field, condition)
    if (found === undefined) return undefined
    terms.push(...found)
  }
  return terms
}

export function termsToFilter(terms: readonly Term[]): Filter {
  const filter: Record<string, unknown> = {}
  for (const term of terms) {
    const condition = termToCondition(term)
    const earlier = filter[term.field]
    filter[term.field] = isObject(earlier) && isObject(condition) ? { ...earlier, ...condition } : condition
  }
  return filter
}

function conditionToTerms(field: string, condition: unknown): readonly Term[] | undefined {
  if (condition === me) return [{ field, operator: 'isMe', value: null }]
  if (condition === null) return [{ field, operator: 'empty', value: null }]
  if (!isObject(condition)) return [{ field, operator: 'is', value: condition }]
  const terms: Term[] = []
  for (const [name, value] of Object.entries(condition)) {
    if (name === '$options') continue
    const operator = operatorOf(name, value)
    if (operator === undefined) return undefined
    terms.push({ field, operator, value: operator === 'contains' ? unescapePattern(String(value)) : value })
  }
  return terms
}

function operatorOf(name: string, value: unknown): Operator | undefined {
  switch (name) {
    case '$eq':
      return 'is'
    case '$ne':
      return value === null ? 'set' : 'isNot'
    case '$gte':
      return 'atLeast'
    case '$lte':
      return 'atMost'
    case '$exists':
      return value === true ? 'set' : 'empty'
    case '$regex':
      return typeof value === 'string' && escapePattern(unescapePattern(value)) === value ? 'contains' : undefined
    default:
      return undefined
  }
}

function termToCondition({ operator, value }: Term): unknown {
  switch (operator) {
    case 'is':
      return value
    case 'isMe':
      return me
    case 'isNot':
      return { $ne: value }
    case 'atLeast':
      return { $gte: value }
    case 'atMost':
      return { $lte: value }
    case 'contains':
      return { $regex: escapePattern(String(value)), $options: 'i' }
    case 'empty':
      return null
    case 'set':
      return { $exists: true }
    default:
      return operator satisfies never
  }
}

function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}

function unescapePattern(pattern: string): string {
  return pattern.replace(/\\(.)/g, '$1')
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
