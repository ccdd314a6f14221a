// Compiles a filter into an SQL condition. The condition means exactly the same as the predicate, with two exceptions:
// `$regex`, which SQLite lacks, and `$text` if searchable fields are hidden from the caller. Then it selects a superset, and
// `hasResidual` asks the reader to test each row with the predicate.

import {
  assert,
  type Filter,
  type FilterPath,
  type FilterValue,
  isListStorage,
  type NounSchema,
  type ReferenceField,
  storageClassOf,
  unreachable,
  type Visibility,
} from 'digital-objects'
import { quoteName } from './column.ts'
import { gramsTable } from './gram-index.ts'
import { gramsOfPattern, manyGrams } from './grams.ts'
import { isSamePath, jsonPath, pathValue } from './json-path.ts'
import { type ListIndex, listSeqCondition, listValue } from './list-index.ts'
import { isMarked, type NounTable } from './noun-table.ts'
import type { SqlValue } from './row-codec.ts'

/** The state that a condition reads. */
export interface ReadPoint {
  /** Reads the state after this event; undefined for the present. */
  readonly seq: number | undefined
  /** Whether a list index exists. */
  readonly hasList: (quoted: string) => boolean
  /** Whether all past versions are in the indexes of their tables, so that a query may use these. */
  readonly isPastIndexed?: boolean
  /** Returns a Noun's tables, or undefined if they do not exist, and then it has no entities. */
  readonly table: (noun: string) => NounTable | undefined
  /** Whether the index of substrings has all versions of a Noun. */
  readonly hasGrams?: (noun: string) => boolean
  /** Tests list values row by row, not with the index of all lists, because the statement reads a small part of the rows. */
  readonly isSliced?: true
  /** Returns the rows of the full-text table that have these words, as JSON, if they were looked up before. */
  readonly textRows?: (words: readonly string[]) => string | undefined
  /** The caller's visibility. Hidden rows do not match, and paths do not lead through them. */
  readonly visibility?: Pick<Visibility, 'rows' | 'searchesAllFields'>
}

export interface SqlCondition {
  readonly text: string
  /** The Nouns that its paths reach. A statement that reads the past must define them with `relatedDefinitions`. */
  readonly related: ReadonlySet<string>
  readonly hasResidual: boolean
}

/** Numbered parameters (`?1`), so that a repeated value is bound only once. The platform binds at most 100. */
export class SqlParameters {
  readonly values: SqlValue[] = []

  add(value: SqlValue): string {
    const at = this.values.indexOf(value)
    return `?${at >= 0 ? at + 1 : this.values.push(value)}`
  }
}

export function filterToSql(options: {
  filter: Filter
  noun: string
  alias: string
  point: ReadPoint
  parameters: SqlParameters
}): SqlCondition {
  const compiler = new Compiler(options)
  const text = compiler.compile(options.filter, false) + compiler.visible(options.noun, options.alias)
  return { text, related: compiler.related, hasResidual: compiler.hasResidual }
}

/** Returns the query of the full-text index for these words, each of which may be the beginning of one. */
export function matchOf(words: readonly string[]): string {
  // Words contain only letters and digits, so they cannot end the quotes.
  return words.map((word) => `"${word}"*`).join(' AND ')
}

type PatternLeaf = Extract<Filter, { kind: 'regex' }>

/** Returns the query of the index of substrings for a pattern; undefined if the index does not help. */
export function gramMatchOf({ path, pattern, ignoreCase }: PatternLeaf, schema: NounSchema): string | undefined {
  if (path.steps.length > 0 || path.storage !== 'text' || !schema.searchable.includes(path.field)) return undefined
  const grams = gramsOfPattern(pattern, ignoreCase)
  if (grams.length === 0) return undefined
  // Grams contain no quotes.
  return `(${grams.map((gram) => `"${gram}"`).join(' AND ')}) OR "${manyGrams}"`
}

interface Aliases {
  readonly alias: string
  readonly inner: string
}

type LeafFilter = Extract<Filter, { readonly path: FilterPath }>
/** A leaf that compares the value at a path with values of the filter. */
type ValueLeaf = Exclude<LeafFilter, { kind: 'regex' | 'compareFields' }>

class Compiler {
  hasResidual = false
  readonly related = new Set<string>()
  readonly #noun: string
  readonly #alias: string
  readonly #point: ReadPoint
  readonly #parameters: SqlParameters

  constructor(options: { noun: string; alias: string; point: ReadPoint; parameters: SqlParameters }) {
    this.#noun = options.noun
    this.#alias = options.alias
    this.#point = options.point
    this.#parameters = options.parameters
  }

  /** Pushes negation down to the leaves and makes it two-valued there. Other leaves stay plain, so that indexes apply. */
  compile(filter: Filter, isNegated: boolean): string {
    switch (filter.kind) {
      case 'and':
      case 'or': {
        const isAnd = (filter.kind === 'and') !== isNegated
        return balanced(
          filter.of.map((part) => this.compile(part, isNegated)),
          isAnd ? 'AND' : 'OR',
          isAnd ? '1' : '0',
        )
      }
      case 'not':
        return this.compile(filter.of, !isNegated)
      case 'text':
        return this.#searchesAllFields ? negate(this.#text(filter.words), isNegated) : this.#wider(filter, isNegated)
      case 'regex':
        this.hasResidual = true
        return isNegated ? '1' : this.#grams(filter)
      default:
        return negate(this.#leaf(filter), isNegated)
    }
  }

  /** Returns the condition for visible rows of a Noun, starting with AND; empty if all are visible. */
  visible(noun: string, alias: string): string {
    const rows = this.#point.visibility?.rows(noun)
    if (rows === undefined) return ''
    const { visibility: _, ...point } = this.#point
    // A rule follows its own relations through all data, so it is compiled without visibility.
    const rule = new Compiler({ noun, alias, point, parameters: this.#parameters })
    const text = rule.compile(rows, false)
    assert(!rule.hasResidual, 'SQL can decide a rule')
    for (const related of rule.related) this.related.add(related)
    return ` AND ${text}`
  }

  get #searchesAllFields(): boolean {
    return this.#point.visibility?.searchesAllFields(this.#noun) ?? true
  }

  /** Compiles `$text` to a superset, because the index also contains the words of hidden fields. */
  #wider(filter: Extract<Filter, { kind: 'text' }>, isNegated: boolean): string {
    this.hasResidual = true
    return isNegated ? '1' : this.#text(filter.words)
  }

  #text(words: readonly string[]): string {
    const rows = this.#point.textRows?.(words)
    if (rows !== undefined)
      return `${this.#alias}."$text" IN (SELECT value FROM json_each(${this.#parameters.add(rows)}))`
    const query = matchOf(words)
    const table = quoteName(`${this.#noun}/text`)
    return `${this.#alias}."$text" IN (SELECT rowid FROM ${table} WHERE ${table} MATCH ${this.#parameters.add(query)})`
  }

  /** Compiles a pattern to a superset: the rows that have the grams of its plain parts. */
  #grams(filter: PatternLeaf): string {
    const { hasGrams, isSliced, table: tableOf } = this.#point
    const schema = isSliced !== true && hasGrams?.(this.#noun) === true ? tableOf(this.#noun)?.schema : undefined
    const match = schema === undefined ? undefined : gramMatchOf(filter, schema)
    if (match === undefined) return '1'
    const table = gramsTable(this.#noun)
    return `${this.#alias}."$text" IN (SELECT rowid FROM ${table} WHERE ${table} MATCH ${this.#parameters.add(match)})`
  }

  #leaf(filter: ValueLeaf | Extract<Filter, { kind: 'compareFields' }>): string {
    if (filter.kind === 'compareFields') {
      const [left, right] = [filter.path, filter.other].map((path) => `${this.#alias}.${columnOf(path)}`)
      return `${left} ${sqlOperators[filter.op]} ${right}`
    }
    const end = filter.path.steps.at(-1)?.to ?? this.#noun
    return this.#along(filter.path.steps, this.#alias, (alias) =>
      isListStorage(filter.path.storage)
        ? this.#testList(filter, alias, end)
        : filter.path.storage === 'json'
          ? this.#testJson(filter, `${alias}.${columnOf(filter.path)}`, this.#isIndexed(end, filter.path))
          : this.#test(filter, `${alias}.${columnOf(filter.path)}`),
    )
  }

  /** Tests whether any value of a list passes, with the list's index if it has one, or else value by value. */
  #testList(filter: ValueLeaf, alias: string, noun: string): string {
    const column = { storage: filter.path.storage, name: `${filter.path.field}:${filter.path.storage}` }
    const list = `${alias}.${quoteName(column.name)}`
    if (filter.kind === 'exists') return `${list} IS NOT NULL`
    const index = this.#point.isSliced === true ? undefined : this.#listIndex(noun, column.name)
    if (index === undefined) {
      const value = listValue(column, 'item.value')
      return `EXISTS (SELECT 1 FROM json_each(${list}) AS item WHERE ${this.#test(filter, value)})`
    }
    const atSeq = listSeqCondition('item', this.#seq())
    return `${alias}."$id" IN (SELECT item."$id" FROM ${index.table} AS item WHERE ${this.#test(filter, 'item."value"')}${atSeq})`
  }

  #listIndex(noun: string, column: string): ListIndex | undefined {
    const { table, hasList } = this.#point
    return table(noun)?.lists.find((one) => one.column.name === column && hasList(one.table))
  }

  #seq(): string | undefined {
    return this.#point.seq === undefined ? undefined : this.#parameters.add(this.#point.seq)
  }

  /** Compiles the steps of a path to nested EXISTS, around the test of the entity at their end. */
  #along(steps: FilterPath['steps'], alias: string, test: (alias: string) => string): string {
    const [step, ...rest] = steps
    if (step === undefined) return test(alias)
    if (this.#point.table(step.to) === undefined) return '0'
    this.related.add(step.to)
    const inner = `${alias}x`
    const { field } = step
    const link =
      field.kind === 'reference'
        ? this.#reference(field, { alias, inner })
        : this.#reverse(step.to, field.by, { alias, inner })
    const condition = `${link} AND ${this.#along(rest, inner, test)}${this.visible(step.to, inner)}`
    const table = quoteName(this.#point.seq === undefined ? step.to : relatedName(step.to))
    return `EXISTS (SELECT 1 FROM ${table} AS ${inner} WHERE ${condition})`
  }

  #reference(field: ReferenceField, { alias, inner }: Aliases): string {
    const column = `${alias}.${quoteName(`${field.name}:${storageClassOf(field)}`)}`
    return field.many ? `${inner}."$id" IN (SELECT value FROM json_each(${column}))` : `${inner}."$id" = ${column}`
  }

  /** Links an entity to the entities of `noun` whose reference `by` points to it. */
  #reverse(noun: string, by: string, { alias, inner }: Aliases): string {
    const field = this.#point.table(noun)?.schema.fields[by]
    if (field?.kind !== 'reference' || !field.many) return `${inner}.${quoteName(`${by}:text`)} = ${alias}."$id"`
    const column = `${by}:${storageClassOf(field)}`
    const index = this.#listIndex(noun, column)
    if (index === undefined) return `${alias}."$id" IN (SELECT value FROM json_each(${inner}.${quoteName(column)}))`
    const item = `${inner}i`
    const atSeq = listSeqCondition(item, this.#seq())
    return `${inner}."$id" IN (SELECT ${item}."$id" FROM ${index.table} AS ${item} WHERE ${item}."value" = ${alias}."$id"${atSeq})`
  }

  #isIndexed(noun: string, path: FilterPath): boolean {
    return this.#point.table(noun)?.schema.indexes.some((index) => isSamePath(index, path)) ?? false
  }

  #test(filter: ValueLeaf, value: string): string {
    switch (filter.kind) {
      case 'exists':
        return `${value} IS NOT NULL`
      case 'compare':
        return `${value} ${sqlOperators[filter.op]} ${this.#bind(filter.value)}`
      case 'in':
        return `${value} IN (${this.#list(filter.values)})`
      default:
        return unreachable(filter)
    }
  }

  #testJson(filter: ValueLeaf, column: string, isIndexed: boolean): string {
    const { keys } = filter.path
    const type = `json_type(${column}, ${jsonPath(keys)})`
    switch (filter.kind) {
      case 'exists':
        return keys.length > 0 ? `${type} IS NOT NULL` : `${column} IS NOT NULL`
      case 'compare': {
        const { op, value } = filter
        if (value === null) return `${type} = 'null'`
        const { types, extracted } = jsonOf(typeof value, { column, keys, isIndexed })
        const test = `${extracted} ${sqlOperators[op]} ${this.#bind(value)}`
        return `(${type} ${types} AND ${test})`
      }
      case 'in':
        return this.#inJson(filter, type, { column, keys, isIndexed })
      default:
        return unreachable(filter)
    }
  }

  /** Compares values only with values of the same type. */
  #inJson({ values }: Extract<ValueLeaf, { kind: 'in' }>, type: string, at: JsonPlace): string {
    const parts = (['string', 'number', 'boolean'] as const).flatMap((kind) => {
      const own = values.filter((value) => typeof value === kind)
      if (own.length === 0) return []
      const { types, extracted } = jsonOf(kind, at)
      return [`(${type} ${types} AND ${extracted} IN (${this.#list(own)}))`]
    })
    return balanced(values.includes(null) ? [...parts, `${type} = 'null'`] : parts, 'OR', '0')
  }

  #bind(value: FilterValue): string {
    return this.#parameters.add(typeof value === 'boolean' ? (value ? 1 : 0) : value)
  }

  /** Binds a list as one JSON parameter. SQLite reads whole numbers above 2^53 as integers, so numbers are cast to doubles. */
  #list(values: readonly FilterValue[]): string {
    const [only] = values
    if (values.length === 1 && only !== undefined) return this.#bind(only)
    const plain = values.map((value) => (typeof value === 'boolean' ? (value ? 1 : 0) : value))
    const value = typeof only === 'number' ? 'CAST(value AS REAL)' : 'value'
    return `SELECT ${value} FROM json_each(${this.#parameters.add(JSON.stringify(plain))})`
  }
}

/** A path inside a `json` column. */
interface JsonPlace {
  readonly column: string
  readonly keys: readonly string[]
  readonly isIndexed: boolean
}

function jsonOf(
  kind: string,
  { column, keys, isIndexed }: JsonPlace,
): { readonly types: string; readonly extracted: string } {
  const plain = `json_extract(${column}, ${jsonPath(keys)})`
  const indexed = isIndexed ? pathValue(column, keys) : undefined
  if (kind === 'string') return { types: "= 'text'", extracted: indexed ?? plain }
  if (kind === 'number') return { types: "IN ('integer', 'real')", extracted: indexed ?? `CAST(${plain} AS REAL)` }
  return { types: "IN ('true', 'false')", extracted: plain }
}

const sqlOperators = { eq: '=', gt: '>', gte: '>=', lt: '<', lte: '<=' } as const

export function relatedName(noun: string): string {
  return `${noun}@`
}

/**
 * Returns common table expressions for the past state of related Nouns, so that each is defined once for all paths; empty for
 * the present. They are not materialized, so SQLite uses the indexes of both tables.
 */
export function relatedDefinitions(related: ReadonlySet<string>, point: ReadPoint, parameters: SqlParameters): string {
  if (point.seq === undefined || related.size === 0) return ''
  const definitions = [...related].map((noun) => {
    const table = point.table(noun)
    assert(table !== undefined, `the tables of ${noun} exist`)
    const arms = [
      `SELECT ${table.columnList} FROM ${table.present} AS r WHERE true${seqCondition({ alias: 'r', table: 'present' }, point, parameters)}`,
      `SELECT ${table.columnList} FROM ${table.past} AS r WHERE true${seqCondition({ alias: 'r', table: 'past' }, point, parameters)}${markCondition({ alias: 'r', table, kind: 'past' }, point)}`,
    ]
    return `${quoteName(relatedName(noun))} AS NOT MATERIALIZED (${arms.join(' UNION ALL ')})`
  })
  return `WITH ${definitions.join(', ')} `
}

/** Returns the condition that selects the versions at `seq`, starting with AND; empty for the present. */
export function seqCondition(
  of: { alias: string; table: 'present' | 'past' },
  point: Pick<ReadPoint, 'seq'>,
  parameters: SqlParameters,
): string {
  if (point.seq === undefined) return ''
  const { alias, table } = of
  const seq = parameters.add(point.seq)
  return ` AND ${alias}."$seq" <= ${seq}${table === 'past' ? ` AND ${alias}."$until" > ${seq}` : ''}`
}

/** Returns the condition by which SQLite uses the indexes of a past table, starting with AND; empty if it may not. */
export function markCondition(
  of: { readonly alias: string; readonly table: NounTable; readonly kind: 'present' | 'past' },
  point: Pick<ReadPoint, 'isPastIndexed'>,
): string {
  const { alias, table, kind } = of
  return kind === 'past' && point.isPastIndexed === true && table.isPastMarked ? ` AND ${alias}.${isMarked}` : ''
}

function columnOf(path: FilterPath): string {
  return path.field.startsWith('$') ? quoteName(path.field) : quoteName(`${path.field}:${path.storage}`)
}

function negate(condition: string, isNegated: boolean): string {
  return isNegated ? `(${condition}) IS NOT TRUE` : condition
}

/** Joins conditions as a balanced tree, because SQLite limits the depth of expressions. */
function balanced(parts: readonly string[], operator: 'AND' | 'OR', empty: string): string {
  if (parts.length === 0) return empty
  if (parts.length === 1) return parts[0] as string
  const half = Math.ceil(parts.length / 2)
  return `(${balanced(parts.slice(0, half), operator, empty)} ${operator} ${balanced(parts.slice(half), operator, empty)})`
}
