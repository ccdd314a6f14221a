// How a list is read: the statements, as data, that fetch a page and count what matches. Nothing runs here.

import { type Cursor, defaultSort, type Filter, ObjectError, type SortTerm, type SortValue } from 'digital-objects'
import { filterToSql, momentCondition, relatedDefinitions, type SqlMoment, SqlParameters } from './filter-to-sql.ts'
import { quoteName } from './column.ts'
import { type NounTable } from './noun-table.ts'
import type { SqlValue } from './row-codec.ts'

export interface Statement {
  readonly text: string
  readonly parameters: readonly SqlValue[]
}

export interface FindPlan {
  readonly page: Statement
  /** Rows are a superset: each is looked at with the predicate. */
  readonly hasResidual: boolean
  /** Ranked by relevance: such a list has no cursor. */
  readonly isRanked: boolean
  readonly sort: readonly SortTerm[]
}

export interface FindPlanOptions {
  readonly table: NounTable
  readonly filter: Filter
  /** Without one: newest first, or by relevance where the filter has words. */
  readonly sort?: readonly SortTerm[]
  /** Rows to fetch. */
  readonly limit: number
  /** Begin after this one. */
  readonly after?: Cursor
  readonly moment: SqlMoment
}

/** The platform takes 100 KB. A condition that crosses two relations at a past moment asks four tables. */
const statementCharactersMax = 100_000
/** The platform binds no more. What the caller may see is bound beside what it asks for. */
const parametersMax = 100

function statementOf(text: string, parameters: SqlParameters): Statement {
  const { values } = parameters
  if (values.length > parametersMax) {
    throw new ObjectError({
      code: 'invalid_filter',
      field: 'filter',
      message: `the filter compares with too many different values for one statement, which takes ${parametersMax}; ask with fewer conditions`,
    })
  }
  if (text.length <= statementCharactersMax) return { text, parameters: values }
  throw new ObjectError({
    code: 'invalid_filter',
    field: 'filter',
    message: 'the filter crosses relations too often for one read at a past moment; ask with fewer conditions',
  })
}

export function planFind(options: FindPlanOptions): FindPlan {
  const { table, filter, limit, after, moment } = options
  const words = wordsOf(filter)
  const isRanked = options.sort === undefined && words !== undefined && moment.seq === undefined
  if (isRanked && seesAllWords(table, moment)) return planRanked({ ...options, words })
  const sort = options.sort ?? defaultSort
  const parameters = new SqlParameters()
  const condition = filterToSql({ filter, noun: table.schema.name, alias: 't', moment, parameters })
  const position = after === undefined ? '' : ` AND ${keysetCondition(sort, after, parameters)}`
  const arms = armsOf(table, moment).map(
    (arm) =>
      `SELECT ${table.columnList} FROM ${arm.table} AS t WHERE ${condition.text}${momentCondition('t', arm.kind, moment, parameters)}${position}`,
  )
  const text = `${relatedDefinitions(condition.related, moment, parameters)}${arms.join(' UNION ALL ')} ORDER BY ${orderOf(sort)} LIMIT ${parameters.add(limit)}`
  return { page: statementOf(text, parameters), hasResidual: condition.hasResidual, isRanked: false, sort }
}

/** How many match, up to a bound: one more than `limit` says that there are more. */
export function planCount(options: { table: NounTable; filter: Filter; moment: SqlMoment; limit: number }): Statement {
  const { table, filter, moment, limit } = options
  const parameters = new SqlParameters()
  const condition = filterToSql({ filter, noun: table.schema.name, alias: 't', moment, parameters })
  const arms = armsOf(table, moment).map(
    (arm) =>
      `SELECT 1 FROM ${arm.table} AS t WHERE ${condition.text}${momentCondition('t', arm.kind, moment, parameters)}`,
  )
  return statementOf(
    `${relatedDefinitions(condition.related, moment, parameters)}SELECT count(*) AS count FROM (${arms.join(' UNION ALL ')} LIMIT ${parameters.add(limit)})`,
    parameters,
  )
}

function planRanked(options: FindPlanOptions & { readonly words: readonly string[] }): FindPlan {
  const { table, filter, limit, moment, words } = options
  const parameters = new SqlParameters()
  const condition = filterToSql({ filter, noun: table.schema.name, alias: 't', moment, parameters })
  const query = parameters.add(words.map((word) => `"${word}"*`).join(' AND '))
  const columns = table.columnList.replaceAll(/"[^"]+"/g, (column) => `t.${column}`)
  const text =
    `SELECT ${columns} FROM ${table.text} AS f JOIN ${table.present} AS t ON t."$text" = f.rowid ` +
    `WHERE ${table.text} MATCH ${query} AND ${condition.text} ORDER BY f.rank, t."$id" LIMIT ${parameters.add(limit)}`
  return { page: statementOf(text, parameters), hasResidual: condition.hasResidual, isRanked: true, sort: [] }
}

/** Relevance weighs a word by how many entities have it: a caller that does not see all of them gets the usual order. */
function seesAllWords({ schema }: NounTable, { visibility }: SqlMoment): boolean {
  if (visibility === undefined) return true
  return visibility.rows(schema.name) === undefined && visibility.searchesAllFields(schema.name)
}

/** The words that every match must have. */
function wordsOf(filter: Filter): readonly string[] | undefined {
  if (filter.kind === 'text') return filter.words
  return filter.kind === 'and' ? filter.of.map(wordsOf).find((words) => words !== undefined) : undefined
}

/** The present, and at an earlier moment the past too: an entity is in one of them at any `seq`. */
function armsOf(
  table: NounTable,
  moment: SqlMoment,
): readonly { readonly table: string; readonly kind: 'present' | 'past' }[] {
  const present = { table: table.present, kind: 'present' } as const
  return moment.seq === undefined ? [present] : [present, { table: table.past, kind: 'past' }]
}

function orderOf(sort: readonly SortTerm[]): string {
  const terms = sort.map((term) => {
    // SQLite takes null for the smallest, so it comes last by itself when the order descends.
    const nulls = term.direction === 1 && !term.field.startsWith('$') ? ' NULLS LAST' : ''
    return `${sortColumn(term)} ${term.direction === 1 ? 'ASC' : 'DESC'}${nulls}`
  })
  return sort.some((term) => term.field === '$id') ? terms.join(', ') : [...terms, '"$id" ASC'].join(', ')
}

function sortColumn(term: SortTerm): string {
  return quoteName(term.field.startsWith('$') ? term.field : `${term.field}:${term.storage}`)
}

/** What comes after the cursor in this order: later in the first term, or equal there and later in the second, and so on. */
function keysetCondition(sort: readonly SortTerm[], after: Cursor, parameters: SqlParameters): string {
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
  // A plain bound on the leading column, which an index can begin at.
  const bound =
    first?.field.startsWith('$') === true && firstValue !== undefined && firstValue !== null && sort.length > 0
      ? `${sortColumn(first)} ${first.direction === 1 ? '>=' : '<='} ${parameters.add(firstValue)} AND `
      : ''
  return `(${bound}(${steps.join(' OR ')}))`
}

function conjunction(conditions: readonly string[]): string {
  return conditions.length === 1 ? (conditions[0] as string) : `(${conditions.join(' AND ')})`
}
