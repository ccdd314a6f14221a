// Parses a filter in MongoDB's syntax into the data that `filter.ts` defines. An error names the operator and the field.

import { inexactNumberFault, isExactNumeral } from '../base/inexact-number.ts'
import { parseExactJson } from '../base/parse-json.ts'
import { isPlainObject } from '../base/is-object.ts'
import { type Filter, type FilterPath, type FilterValue, matchAll, matchNone } from './filter.ts'
import { invalidFilter } from './invalid-filter.ts'
import { ObjectError } from '../base/object-error.ts'
import { parseFieldPair } from './parse-field-pair.ts'
import { holdsStrings, parseLiteral, showLiteral as show } from './parse-literal.ts'
import { type FilterContext, parsePath } from './parse-path.ts'
import { elementStorageOf, isListStorage } from './storage-class.ts'
import { tokenize } from '../base/tokenize.ts'

const leavesMax = 64
const depthMax = 16
const listMax = 1_000
const patternCharactersMax = 1_000
const operators = ['$eq', '$ne', '$gt', '$gte', '$lt', '$lte', '$in', '$nin', '$exists', '$regex', '$not'] as const
const topLevel = ['$and', '$or', '$not', '$text'] as const

/** Throws an ObjectError `invalid_filter`. */
export function parseFilter(input: unknown, context: FilterContext): Filter {
  return new FilterParser(context).parse(input, 0)
}

/** Parses a filter from JSON, as in a URL. */
export function parseFilterText(text: string, context: FilterContext): Filter {
  const input = parseExactJson(text, {
    syntax: (error) =>
      invalidFilter('filter', `filter expects JSON such as {"stage":"Lead"}: ${error.message.slice(0, 200)}`),
    inexact: ({ path, text: numeral }) => {
      const name = path.findLast((key) => !/^(?:\$(?!id$|version$|created|updated)|\d+$)/.test(key)) ?? 'filter'
      return invalidFilter(name, `${name} ${inexactNumberFault(numeral)}`)
    },
  })
  return parseFilter(input, context)
}

/** Parses bare URL parameters (`stage=Lead&active=true`) by their fields' types. An empty one matches missing values. */
export function fieldParametersToFilter(parameters: Readonly<Record<string, string>>, context: FilterContext): Filter {
  const input = Object.entries(parameters).map(([name, text]) => {
    const [path] = parsePath(name, context)
    return { [name]: text === '' ? null : readParameter(name, text, path as FilterPath) }
  })
  return input.length === 0 ? matchAll : parseFilter({ $and: input }, context)
}

function readParameter(name: string, text: string, path: FilterPath): FilterValue {
  switch (elementStorageOf(path.storage)) {
    case 'real':
      if (/^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text)) {
        if (isExactNumeral(text)) return Number(text)
        throw invalidFilter(name, `${name} ${inexactNumberFault(text)}`)
      }
      throw invalidFilter(name, `${name} expects a number, got ${show(text)}`)
    case 'boolean':
      if (text === 'true' || text === '1') return true
      if (text === 'false' || text === '0') return false
      throw invalidFilter(name, `${name} expects true or false, got ${show(text)}`)
    case 'json':
      throw invalidFilter(name, `${name} is json: filter it with a condition, as in filter={"${name}":"x"}`)
    default:
      return text
  }
}

/** The paths that a field's name in a filter leads to. Errors name the field as the filter does. */
interface NamedPaths {
  readonly name: string
  readonly paths: readonly FilterPath[]
}

/** A path, and the values that its field accepts of the literals of a condition. */
interface Accepting {
  readonly path: FilterPath
  readonly values: readonly FilterValue[]
}

class FilterParser {
  readonly #context: FilterContext
  #leaves = 0

  constructor(context: FilterContext) {
    this.#context = context
  }

  parse(input: unknown, depth: number): Filter {
    if (depth > depthMax) throw invalidFilter('filter', `a filter is nested at most ${depthMax} deep`)
    if (!isPlainObject(input)) throw invalidFilter('filter', `a filter expects an object, got ${show(input)}`)
    const parts = Object.entries(input).map(([name, value]) => this.#entry(name, value, depth))
    return parts.length === 1 ? (parts[0] as Filter) : { kind: 'and', of: parts }
  }

  #entry(name: string, value: unknown, depth: number): Filter {
    if (name === '$and' || name === '$or')
      return { kind: name === '$and' ? 'and' : 'or', of: this.#list(name, value, depth) }
    if (name === '$not') return { kind: 'not', of: this.parse(value, depth + 1) }
    if (name === '$text') return this.#text(value)
    if (name.startsWith('$') && (operators as readonly string[]).includes(name))
      throw invalidFilter(name, `${name} belongs to a field, as in {"value":{"${name}":1}}`)
    if (
      name.startsWith('$') &&
      !['$id', '$type', '$context', '$version', '$createdAt', '$createdBy', '$updatedAt'].includes(name)
    ) {
      throw invalidFilter(name, `unknown operator '${name.slice(0, 64)}'; expected ${topLevel.join(', ')} or a field`)
    }
    return this.#field(name, value, depth)
  }

  #list(name: string, value: unknown, depth: number): readonly Filter[] {
    if (!Array.isArray(value)) throw invalidFilter(name, `${name} expects a list of filters, got ${show(value)}`)
    if (value.length > leavesMax) throw tooManyLeaves()
    return value.map((inner) => this.parse(inner, depth + 1))
  }

  #text(value: unknown): Filter {
    this.#count()
    const { schema } = this.#context
    if (schema.searchable.length === 0)
      throw invalidFilter(
        '$text',
        `$text searches fields of the type text, titles, and indexed strings, and ${schema.name} has none`,
      )
    const words = typeof value === 'string' ? tokenize(value) : []
    if (words.length === 0)
      throw invalidFilter('$text', `$text expects a string with at least one word, got ${show(value)}`)
    if (words.length > leavesMax)
      throw invalidFilter('$text', `$text expects at most ${leavesMax} words, got ${words.length}`)
    return { kind: 'text', words: [...new Set(words)] }
  }

  #field(name: string, value: unknown, depth: number): Filter {
    const at = { name, paths: parsePath(name, this.#context) }
    if (isPlainObject(value) && !(value instanceof Date)) return this.#conditions(at, value, depth)
    return this.#compare(at, '$eq', value)
  }

  #conditions(at: NamedPaths, value: Readonly<Record<string, unknown>>, depth: number): Filter {
    const { name } = at
    if (depth > depthMax) throw invalidFilter(name, `a filter is nested at most ${depthMax} deep`)
    const entries = Object.entries(value).filter(([operator]) => operator !== '$options')
    if (entries.length === 0)
      throw invalidFilter(name, `${name} expects a value or operators such as {"$gt":1}, got an object without any`)
    const parts = entries.map(([operator, operand]) =>
      this.#condition({ at, operator, operand, options: value['$options'], depth }),
    )
    return parts.length === 1 ? (parts[0] as Filter) : { kind: 'and', of: parts }
  }

  #condition(part: { at: NamedPaths; operator: string; operand: unknown; options: unknown; depth: number }): Filter {
    const { at, operator, operand, options, depth } = part
    const { name, paths } = at
    switch (operator) {
      case '$eq':
      case '$gt':
      case '$gte':
      case '$lt':
      case '$lte':
        return this.#compare(at, operator, operand)
      case '$ne':
        return { kind: 'not', of: this.#compare(at, '$eq', operand) }
      case '$in':
        return this.#in(at, operator, operand)
      case '$nin':
        return { kind: 'not', of: this.#in(at, operator, operand) }
      case '$exists': {
        if (typeof operand !== 'boolean')
          throw invalidFilter(name, `${name}.$exists expects true or false, got ${show(operand)}`)
        const exists = this.#any(paths, (path) => ({ kind: 'exists', path }))
        return operand ? exists : { kind: 'not', of: exists }
      }
      case '$regex':
        return this.#regex(at, operand, options)
      case '$not':
        if (!isPlainObject(operand))
          throw invalidFilter(name, `${name}.$not expects operators such as {"$gt":1}, got ${show(operand)}`)
        return { kind: 'not', of: this.#conditions(at, operand, depth + 1) }
      default:
        throw invalidFilter(
          name,
          `unknown operator '${operator.slice(0, 64)}' on '${name.slice(0, 64)}'; expected ${operators.join(', ')}`,
        )
    }
  }

  #compare(at: NamedPaths, operator: '$eq' | '$gt' | '$gte' | '$lt' | '$lte', operand: unknown): Filter {
    const { name, paths } = at
    const op = operator.slice(1) as 'eq' | 'gt' | 'gte' | 'lt' | 'lte'
    if (isPlainObject(operand) && Object.hasOwn(operand, '$field')) {
      this.#count()
      return { kind: 'compareFields', op, ...parseFieldPair(name, paths, { operand, context: this.#context }) }
    }
    // An empty list counts as missing.
    if (Array.isArray(operand) && operand.length === 0 && paths.every(({ storage }) => isListStorage(storage)))
      return this.#compare(at, operator, null)
    // "Missing" means that no path reaches a value, so the negation stands outside the `or` of the paths.
    if (operand === null && op === 'eq' && paths.every(isNullMissing))
      return { kind: 'not', of: this.#any(paths, (path) => ({ kind: 'exists', path })) }
    const accepting = this.#accepting(at, operator, [operand])
    return this.#any(accepting, ({ path, values }) => {
      const [value] = values
      if (value === undefined || (value === null && op !== 'eq')) return matchNone
      return op === 'eq' && values.length > 1 ? { kind: 'in', path, values } : { kind: 'compare', path, op, value }
    })
  }

  #in(at: NamedPaths, operator: '$in' | '$nin', operand: unknown): Filter {
    const { name, paths } = at
    if (!Array.isArray(operand)) throw invalidFilter(name, `${name}.${operator} expects a list, got ${show(operand)}`)
    if (operand.length > listMax)
      throw invalidFilter(name, `${name}.${operator} expects at most ${listMax} values, got ${operand.length}`)
    const hasMissing = operand.includes(null) && paths.every(isNullMissing)
    const literals = hasMissing ? operand.filter((literal: unknown) => literal !== null) : operand
    const present = this.#any(this.#accepting(at, operator, literals), ({ path, values }) => {
      const usable = isNullMissing(path) ? values.filter((value) => value !== null) : values
      return usable.length === 0 ? matchNone : { kind: 'in', path, values: [...new Set(usable)] }
    })
    return hasMissing ? { kind: 'or', of: [present, this.#compare(at, '$eq', null)] } : present
  }

  /**
   * Returns, for each path, the values of the literals that its field accepts. A reference to several Nouns leads to fields
   * of several types, and a literal must fit one of them.
   */
  #accepting({ name, paths }: NamedPaths, operator: string, literals: readonly unknown[]): readonly Accepting[] {
    const parsed = literals.map((literal) => paths.map((path) => parseLiteral(path, literal, this.#context)))
    for (const [at, ofPaths] of parsed.entries()) {
      if (ofPaths.some(({ ok }) => ok)) continue
      const expected = new Set(ofPaths.flatMap((literal) => (literal.ok ? [] : [literal.expected])))
      const where = operator === '$eq' ? name : `${name}.${operator}`
      throw invalidFilter(name, `${where} expects ${[...expected].join(', or ')}, got ${show(literals[at])}`)
    }
    return paths.map((path, at) => ({
      path,
      values: parsed.flatMap((ofPaths) => {
        const literal = ofPaths[at]
        if (literal?.ok !== true) return []
        return literal.asSent === undefined ? [literal.value] : [literal.value, literal.asSent]
      }),
    }))
  }

  #regex({ name, paths }: NamedPaths, operand: unknown, options: unknown): Filter {
    if (typeof operand !== 'string' || operand.length > patternCharactersMax) {
      throw invalidFilter(
        name,
        `${name}.$regex expects a pattern of at most ${patternCharactersMax} characters, got ${show(operand)}`,
      )
    }
    if (options !== undefined && options !== 'i' && options !== '')
      throw invalidFilter(name, `${name}.$options expects 'i', got ${show(options)}`)
    checkText(name, operand)
    if (!paths.some(holdsStrings))
      throw invalidFilter(name, `${name}.$regex expects a field that holds strings, and ${name} holds none`)
    return this.#any(paths, (path) =>
      holdsStrings(path) ? { kind: 'regex', path, pattern: operand, ignoreCase: options === 'i' } : matchNone,
    )
  }

  #any<Branch>(branches: readonly Branch[], leaf: (branch: Branch) => Filter): Filter {
    const leaves = branches.map((branch) => {
      this.#count()
      return leaf(branch)
    })
    return leaves.length === 1 ? (leaves[0] as Filter) : { kind: 'or', of: leaves }
  }

  #count(): void {
    this.#leaves += 1
    if (this.#leaves > leavesMax) throw tooManyLeaves()
  }
}

/** Null is a value inside `json`, and equals missing everywhere else. */
function isNullMissing(path: FilterPath): boolean {
  return path.keys.length === 0
}

function checkText(name: string, text: string): void {
  if (!text.isWellFormed() || text.includes('\0'))
    throw invalidFilter(name, `${name} expects well-formed Unicode without NUL`)
}

function tooManyLeaves(): ObjectError {
  return invalidFilter('filter', `a filter holds at most ${leavesMax} conditions`)
}
