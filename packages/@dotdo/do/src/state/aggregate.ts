// Computes an aggregate from the tables of a Noun in one statement for each table, and reads the rows of such statements.

import {
  type Aggregate,
  bucketKey,
  Groups,
  type GroupTerm,
  isCounted,
  isPlainValue,
  type KeyValue,
  type MeasurePart,
  offsetsOf,
} from 'digital-objects'
import { aggregateColumns } from './aggregate-columns.ts'
import { filterToSql, markCondition, relatedDefinitions, seqCondition, SqlParameters } from './filter-to-sql.ts'
import { type FindOptions, scannedMax, testedVersions, tooManyTested } from './find.ts'
import { armsOf, planFind, statementOf, type Statement } from './find-plan.ts'
import type { StoredVersion } from './row-codec.ts'

export interface AggregateOptions extends Pick<FindOptions, 'sql' | 'table' | 'filter' | 'point' | 'matches'> {
  readonly aggregate: Aggregate
  /** Adds an entity by the predicate, for filters that SQL cannot express. */
  readonly fold: (groups: Groups) => (version: StoredVersion) => void
}

type AggregateRow = readonly SqlStorageValue[]

/** Throws an ObjectError if a pattern would have to test too many entities. */
export function aggregateVersions(options: AggregateOptions): Groups {
  const { sql, aggregate } = options
  const plan = planFind({ ...options, sort: [], limit: scannedMax + 1 })
  if (plan.hasResidual) return foldTested(options, plan.page)
  const groups = new Groups(aggregate)
  for (const counted of statementsOf(aggregate)) {
    const add = rowAdder(aggregate, groups, counted)
    for (const { text, parameters } of planAggregate(options, counted))
      for (const row of sql.exec(text, ...parameters).raw<SqlStorageValue[]>()) add(row)
  }
  return groups
}

function foldTested(options: AggregateOptions, superset: Statement): Groups {
  const groups = new Groups(options.aggregate)
  const add = options.fold(groups)
  const tested = testedVersions(options, superset)
  if (tested === undefined) throw tooManyTested()
  for (const version of tested) add(version)
  return groups
}

/** Returns undefined for the statement with the keys and all plain measures, and the index of each measure that is counted. */
export function statementsOf({ measures }: Aggregate): readonly (number | undefined)[] {
  return [undefined, ...measures.flatMap((measure, at) => (isCounted(measure) ? [at] : []))]
}

/** Plans a statement for each table that is read. */
export function planAggregate(
  { table, filter, point, aggregate }: Pick<AggregateOptions, 'table' | 'filter' | 'point' | 'aggregate'>,
  counted: number | undefined,
): readonly Statement[] {
  return armsOf(table, point).map((arm) => {
    const parameters = new SqlParameters()
    const condition = filterToSql({ filter, noun: table.schema.name, alias: 't', point, parameters })
    const measured = counted === undefined ? {} : { counted }
    const { grouped, groupBy, related } = aggregateColumns({ aggregate, point, parameters, ...measured })
    const where = `${condition.text}${seqCondition({ alias: 't', table: arm.kind }, point, parameters)}${markCondition({ alias: 't', table, kind: arm.kind }, point)}`
    const nouns = new Set([...condition.related, ...related])
    const text = `${relatedDefinitions(nouns, point, parameters)}SELECT ${grouped} FROM ${arm.table} AS t WHERE ${where}${groupBy}`
    return statementOf(text, parameters)
  })
}

/** Returns a function that adds a row with the columns that `aggregateColumns` names. */
export function rowAdder(
  aggregate: Aggregate,
  groups: Groups,
  counted: number | undefined,
): (row: AggregateRow) => void {
  const { by, measures } = aggregate
  const offsets = offsetsOf(aggregate)
  const keyOf = (row: AggregateRow): KeyValue[] =>
    by.map((term, at): KeyValue => {
      const value = toKey(row[at] ?? null, term)
      const isInstant = term.bucket !== undefined && typeof value === 'number'
      return isInstant ? bucketKey(value, term.bucket, offsets) : value
    })
  const measure = counted === undefined ? undefined : measures[counted]
  if (counted !== undefined && measure !== undefined) {
    const storage = isPlainValue(measure) ? measure.value.storage : 'real'
    return (row) => {
      const value = toKey(row[by.length] ?? null, { storage })
      groups.addCount(keyOf(row), counted, { value, count: Number(row[by.length + 1]) })
    }
  }
  const others = measures.filter((one) => !isCounted(one))
  return (row) => {
    let at = by.length + 1
    const parts = others.map(({ kind }): MeasurePart => {
      if (kind === 'min' || kind === 'max') return { best: plainValue(row[at++] ?? null) }
      const sum = row[at++] ?? null
      return { sum: sum === null ? null : Number(sum), values: Number(row[at++]) }
    })
    groups.addPart(keyOf(row), Number(row[by.length]), parts)
  }
}

function toKey(value: SqlStorageValue, { storage }: Pick<GroupTerm, 'storage'>): KeyValue {
  if (value === null || value instanceof ArrayBuffer) return null
  return storage === 'boolean' ? value === 1 : value === 0 ? 0 : value
}

function plainValue(value: SqlStorageValue): string | number | null {
  return value instanceof ArrayBuffer ? null : value
}
