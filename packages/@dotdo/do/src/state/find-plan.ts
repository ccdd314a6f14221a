// Plans the read of a list: the statements, as data, that fetch a page and count matches. It runs nothing.

import {
  type Cursor,
  defaultSort,
  type Filter,
  matchAll,
  ObjectError,
  type SortTerm,
  type SortValue,
} from 'digital-objects'
import {
  filterToSql,
  gramMatchOf,
  matchOf,
  markCondition,
  seqCondition,
  relatedDefinitions,
  type ReadPoint,
  SqlParameters,
} from './filter-to-sql.ts'
import { quoteName } from './column.ts'
import { type NounTable } from './noun-table.ts'
import type { SqlValue } from './row-codec.ts'

export interface Statement {
  readonly text: string
  readonly parameters: readonly SqlValue[]
}

export interface FindPlan {
  readonly page: Statement
  /** True if the rows are a superset, and each must be tested with the predicate. */
  readonly hasResidual: boolean
  /** True if the list is ranked by relevance. Such a list has no cursor. */
  readonly isRanked: boolean
  readonly sort: readonly SortTerm[]
}

export interface FindPlanOptions {
  readonly table: NounTable
  readonly filter: Filter
  /** The default is newest first, or by relevance if the filter has words. */
  readonly sort?: readonly SortTerm[]
  /** The number of rows to fetch. */
  readonly limit: number
  /** Starts after this cursor. */
  readonly after?: Cursor
  readonly point: ReadPoint
}

/** The platform's limit is 100 KB. A past condition across two relations reads four tables. */
const statementCharactersMax = 100_000
/** The platform's limit. Values of the caller's authority are bound in addition to those of the filter. */
const parametersMax = 100

export function statementOf(text: string, parameters: SqlParameters): Statement {
  const { values } = parameters
  if (values.length > parametersMax) {
    throw new ObjectError({
      code: 'invalid_filter',
      field: 'filter',
      message: `the filter has too many different values for one statement, which takes ${parametersMax}; use fewer conditions`,
    })
  }
  if (text.length <= statementCharactersMax) return { text, parameters: values }
  throw new ObjectError({
    code: 'invalid_filter',
    field: 'filter',
    message: 'the filter crosses too many relations for one read of the past; use fewer conditions',
  })
}

export function planFind(options: FindPlanOptions): FindPlan {
  const { table, filter, limit, after, point } = options
  const words = wordsOf(filter)
  const isRanked = options.sort === undefined && words !== undefined && point.seq === undefined
  if (isRanked && seesAllWords(table, point)) return planRanked({ ...options, words })
  const sort = options.sort ?? defaultSort
  const parameters = new SqlParameters()
  const condition = filterToSql({ filter, noun: table.schema.name, alias: 't', point, parameters })
  const position = after === undefined ? '' : ` AND ${keysetCondition(sort, after, parameters)}`
  const arms = armsOf(table, point).map(
    (arm) =>
      `SELECT ${table.columnList} FROM ${arm.table} AS t WHERE ${condition.text}${seqCondition({ alias: 't', table: arm.kind }, point, parameters)}${markCondition({ alias: 't', table, kind: arm.kind }, point)}${position}`,
  )
  const text = `${relatedDefinitions(condition.related, point, parameters)}${arms.join(' UNION ALL ')} ORDER BY ${orderOf(sort)} LIMIT ${parameters.add(limit)}`
  return { page: statementOf(text, parameters), hasResidual: condition.hasResidual, isRanked: false, sort }
}

/** Whether a list is sorted newest first. */
export function isDefaultSort(sort: readonly SortTerm[] | undefined): boolean {
  if (sort === undefined) return true
  const [first, ...rest] = sort
  return first?.field === '$createdAt' && first.direction === -1 && rest.length === 0
}

/** Plans the read of these entities as they were after the event `seq`, in the order of a list. */
export function planVersions(options: {
  readonly table: NounTable
  readonly ids: readonly string[]
  readonly seq: number
  readonly sort: readonly SortTerm[]
  readonly limit: number
  readonly columns: string
}): Statement {
  const { table, ids, seq, sort, limit, columns } = options
  const parameters = new SqlParameters()
  const given = parameters.add(JSON.stringify(ids))
  // With CROSS JOIN, SQLite looks up each id, whatever it estimates.
  const arms = armsOf(table, { seq }).map(
    (arm) =>
      `SELECT ${table.columnList} FROM json_each(${given}) AS given CROSS JOIN ${arm.table} AS t ON t."$id" = given.value WHERE true${seqCondition({ alias: 't', table: arm.kind }, { seq }, parameters)}`,
  )
  return statementOf(
    `SELECT ${columns} FROM (${arms.join(' UNION ALL ')}) ORDER BY ${orderOf(sort)} LIMIT ${parameters.add(limit)}`,
    parameters,
  )
}

/** Plans a count of matches. With a limit, it stops there. */
export function planCount(options: {
  readonly table: NounTable
  readonly filter: Filter
  readonly point: ReadPoint
  readonly limit?: number
}): Statement {
  const { table, filter, point, limit } = options
  const parameters = new SqlParameters()
  const condition = filterToSql({ filter, noun: table.schema.name, alias: 't', point, parameters })
  const arms = armsOf(table, point).map(
    (arm) =>
      `SELECT 1 FROM ${arm.table} AS t WHERE ${condition.text}${seqCondition({ alias: 't', table: arm.kind }, point, parameters)}${markCondition({ alias: 't', table, kind: arm.kind }, point)}`,
  )
  return statementOf(
    `${relatedDefinitions(condition.related, point, parameters)}SELECT count(*) AS count FROM (${arms.join(' UNION ALL ')}${limit === undefined ? '' : ` LIMIT ${parameters.add(limit)}`})`,
    parameters,
  )
}

function planRanked(options: FindPlanOptions & { readonly words: readonly string[] }): FindPlan {
  const { table, filter, limit, point, words } = options
  const parameters = new SqlParameters()
  const condition = filterToSql({ filter, noun: table.schema.name, alias: 't', point, parameters })
  const query = parameters.add(matchOf(words))
  const columns = table.columnList.replaceAll(/"[^"]+"/g, (column) => `t.${column}`)
  const text =
    `SELECT ${columns} FROM ${table.text} AS f JOIN ${table.present} AS t ON t."$text" = f.rowid ` +
    `WHERE ${table.text} MATCH ${query} AND ${condition.text} ORDER BY f.rank, t."$id" LIMIT ${parameters.add(limit)}`
  return { page: statementOf(text, parameters), hasResidual: condition.hasResidual, isRanked: true, sort: [] }
}

/** Whether the caller may see relevance, which depends on the number of entities that contain a word, hidden ones included. */
export function seesAllWords({ schema }: NounTable, { visibility }: Pick<ReadPoint, 'visibility'>): boolean {
  if (visibility === undefined) return true
  return visibility.rows(schema.name) === undefined && visibility.searchesAllFields(schema.name)
}

/** Returns the words that every match must contain. */
export function wordsOf(filter: Filter): readonly string[] | undefined {
  if (filter.kind === 'text') return filter.words
  return filter.kind === 'and' ? filter.of.map(wordsOf).find((words) => words !== undefined) : undefined
}

/** Returns the filter without the condition that `wordsOf` found. */
export function withoutWords(filter: Filter, words: readonly string[]): Filter {
  if (filter.kind === 'text') return filter.words === words ? matchAll : filter
  return filter.kind === 'and' ? { ...filter, of: filter.of.map((part) => withoutWords(part, words)) } : filter
}

/** Returns the query of the index of substrings that every match meets; undefined without a pattern that it helps. */
export function patternMatchOf(filter: Filter, table: Pick<NounTable, 'schema'>): string | undefined {
  if (filter.kind === 'regex') return gramMatchOf(filter, table.schema)
  if (filter.kind !== 'and') return undefined
  return filter.of.map((part) => patternMatchOf(part, table)).find((match) => match !== undefined)
}

/** Returns the tables to read: for the past both, because an entity's version at a `seq` is in one of them. */
export function armsOf(
  table: NounTable,
  point: Pick<ReadPoint, 'seq'>,
): readonly { readonly table: string; readonly kind: 'present' | 'past' }[] {
  const present = { table: table.present, kind: 'present' } as const
  return point.seq === undefined ? [present] : [present, { table: table.past, kind: 'past' }]
}

export function orderOf(sort: readonly SortTerm[]): string {
  const terms = sort.map((term) => {
    // SQLite sorts null as the smallest value, so it already comes last in descending order.
    const nulls = term.direction === 1 && !term.field.startsWith('$') ? ' NULLS LAST' : ''
    return `${sortColumn(term)} ${term.direction === 1 ? 'ASC' : 'DESC'}${nulls}`
  })
  return sort.some((term) => term.field === '$id') ? terms.join(', ') : [...terms, '"$id" ASC'].join(', ')
}

function sortColumn(term: SortTerm): string {
  return quoteName(term.field.startsWith('$') ? term.field : `${term.field}:${term.storage}`)
}

/** Selects rows after the cursor: later in the first term, or equal there and later in the second, and so on. */
export function keysetCondition(sort: readonly SortTerm[], after: Cursor, parameters: SqlParameters): string {
  const steps: string[] = []
  const equals: string[] = []
  const withTie: readonly SortTerm[] = sort.some((term) => term.field === '$id')
    ? sort
    : [...sort, { field: '$id', storage: 'text', direction: 1 }]
  for (const [at, term] of withTie.entries()) {
    const column = sortColumn(term)
    const value: SortValue = at < sort.length ? (after.values[at] ?? null) : after.id
    if (value !== null) {
      const isNullable = !term.field.startsWith('$')
      const beyond = `${column} ${term.direction === 1 ? '>' : '<'} ${parameters.add(value)}`
      steps.push(conjunction([...equals, isNullable ? `(${beyond} OR ${column} IS NULL)` : beyond]))
    }
    equals.push(value === null ? `${column} IS NULL` : `${column} = ${parameters.add(value)}`)
  }
  const [first] = withTie
  const firstValue = after.values[0]
  // A plain bound on the first column lets an index start there.
  const bound =
    first?.field.startsWith('$') === true && firstValue !== undefined && firstValue !== null && sort.length > 0
      ? `${sortColumn(first)} ${first.direction === 1 ? '>=' : '<='} ${parameters.add(firstValue)} AND `
      : ''
  return `(${bound}(${steps.join(' OR ')}))`
}

function conjunction(conditions: readonly string[]): string {
  return conditions.length === 1 ? (conditions[0] as string) : `(${conditions.join(' AND ')})`
}
