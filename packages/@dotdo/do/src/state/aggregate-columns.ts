// Compiles the groups and measures of an aggregate into the columns of an SQL statement on the row `t`.

import {
  type Aggregate,
  assert,
  type FilterPath,
  type GroupTerm,
  isCounted,
  isPlainValue,
  matchAll,
  type Measure,
  offsetsOf,
  storageClassOf,
  unreachable,
  type ValueExpression,
  type ValuePath,
  type ZoneTable,
} from 'digital-objects'
import { quoteName } from './column.ts'
import { filterToSql, type ReadPoint, relatedName, type SqlParameters } from './filter-to-sql.ts'
import { jsonPath } from './json-path.ts'

export interface AggregateColumns {
  /** The columns of a statement with groups: the keys, the number of entities, and the measures. */
  readonly grouped: string
  /** The same columns for one row alone. */
  readonly single: string
  /** Starts with GROUP BY; empty without groups. */
  readonly groupBy: string
  /** The Nouns that the paths reach. */
  readonly related: ReadonlySet<string>
}

export interface AggregateColumnsOptions {
  readonly aggregate: Aggregate
  readonly point: ReadPoint
  readonly parameters: SqlParameters
  /** The measure whose values are counted one by one; undefined for all measures of which SQL computes the result. */
  readonly counted?: number
}

export function aggregateColumns(options: AggregateColumnsOptions): AggregateColumns {
  const { aggregate, counted } = options
  const compiler = new ColumnCompiler(options)
  const keys = aggregate.by.map((term) => compiler.key(term))
  const measure = counted === undefined ? undefined : aggregate.measures[counted]
  const groups = measure === undefined ? keys : [...keys, compiler.measure(measure)]
  const others = measure === undefined ? aggregate.measures.filter((one) => !isCounted(one)) : []
  const values = others.map((one) => ({ kind: one.kind, text: compiler.measure(one) }))
  const grouped = values.map(({ kind, text }) =>
    kind === 'min' || kind === 'max' ? `${kind}(${text})` : `sum(${text}), count(${text})`,
  )
  const single = values.map(({ kind, text }) =>
    kind === 'min' || kind === 'max' ? text : `${text}, (${text}) IS NOT NULL`,
  )
  return {
    grouped: [...groups, 'count(*)', ...grouped].join(', '),
    single: [...groups, '1', ...single].join(', '),
    groupBy: groups.length === 0 ? '' : ` GROUP BY ${groups.map((_, at) => at + 1).join(', ')}`,
    related: compiler.related,
  }
}

const formats = { day: '%Y-%m-%d', week: '%G-W%V', month: '%Y-%m', year: '%Y' } as const

class ColumnCompiler {
  readonly related = new Set<string>()
  readonly #options: AggregateColumnsOptions

  constructor(options: AggregateColumnsOptions) {
    this.#options = options
  }

  key(term: GroupTerm): string {
    const { bucket, storage } = term
    if (bucket === undefined) return this.#plain(term)
    const value = this.#value(term)
    if (storage === 'date') return bucketOfDate(bucket, value)
    const { isUtc, table } = offsetsOf(this.#options.aggregate)
    if (isUtc) return bucketOfTime(bucket, value)
    // A path across references is evaluated once.
    const isFar = term.paths.some(({ steps }) => steps.length > 0)
    return isFar
      ? `(SELECT ${bucketInZone(bucket, 'v', table)} FROM (SELECT ${value} AS v))`
      : bucketInZone(bucket, value, table)
  }

  measure(measure: Measure): string {
    return isPlainValue(measure) ? this.#plain(measure.value) : this.#number(measure.value)
  }

  /** The value as a key: strings and numbers as they are, the values of `json` as JSON. */
  #plain(path: ValuePath): string {
    const value = this.#value(path)
    const [first] = path.paths
    if (path.storage !== 'json' || first === undefined) return value
    const at = jsonPath(first.keys)
    return `CASE json_type(${value}, ${at}) WHEN 'null' THEN NULL WHEN 'object' THEN NULL WHEN 'array' THEN NULL ELSE ${value} -> ${at} END`
  }

  #number(expression: ValueExpression): string {
    switch (expression.kind) {
      case 'path':
        return this.#numberAt(expression)
      case 'number':
        return `CAST(${this.#options.parameters.add(expression.value)} AS REAL)`
      case 'negative':
        return `(-${this.#number(expression.of)})`
      case 'binary':
        return `(${this.#number(expression.left)} ${expression.operator} ${this.#number(expression.right)})`
      case 'coalesce': {
        const parts = expression.of.map((part) => this.#number(part))
        return parts.length === 1 ? (parts[0] ?? 'NULL') : `coalesce(${parts.join(', ')})`
      }
      case 'match': {
        const { path, cases, otherwise } = expression
        const whens = cases.map(
          ({ value, then }) => `WHEN ${this.#options.parameters.add(value)} THEN ${this.#number(then)}`,
        )
        const rest = otherwise === undefined ? '' : ` ELSE ${this.#number(otherwise)}`
        return `(CASE ${this.#value(path)} ${whens.join(' ')}${rest} END)`
      }
      default:
        return unreachable(expression)
    }
  }

  #numberAt(path: ValuePath): string {
    const value = this.#value(path)
    const [first] = path.paths
    switch (path.storage) {
      case 'time':
        return `CAST(${value} AS REAL)`
      case 'date':
        return `(unixepoch(${value}) * 1000.0)`
      case 'json': {
        const at = jsonPath(first?.keys ?? [])
        return `CASE json_type(${value}, ${at}) WHEN 'integer' THEN CAST(json_extract(${value}, ${at}) AS REAL) WHEN 'real' THEN json_extract(${value}, ${at}) END`
      }
      case 'text':
      case 'boolean':
        return 'NULL'
      case 'real':
        return value
      default:
        return unreachable(path.storage)
    }
  }

  /** The column at the end of a path; for `json`, the whole field. */
  #value({ paths }: ValuePath): string {
    const values = paths.map((path) => this.#along(path.steps, 't', path))
    return values.length === 1 ? (values[0] ?? 'NULL') : `coalesce(${values.join(', ')})`
  }

  #along(steps: FilterPath['steps'], alias: string, path: FilterPath): string {
    const [step, ...rest] = steps
    if (step === undefined)
      return `${alias}.${quoteName(path.field.startsWith('$') ? path.field : `${path.field}:${path.storage}`)}`
    const { point, parameters } = this.#options
    const { field, to } = step
    if (point.table(to) === undefined) return 'NULL'
    assert(field.kind === 'reference', 'an aggregate follows references only')
    this.related.add(to)
    const inner = `${alias}v`
    const visible = filterToSql({ filter: matchAll, noun: to, alias: inner, point, parameters })
    for (const noun of visible.related) this.related.add(noun)
    const table = quoteName(point.seq === undefined ? to : relatedName(to))
    const link = `${inner}."$id" = ${alias}.${quoteName(`${field.name}:${storageClassOf(field)}`)}`
    return `(SELECT ${this.#along(rest, inner, path)} FROM ${table} AS ${inner} WHERE ${link} AND ${visible.text})`
  }
}

type Bucket = NonNullable<GroupTerm['bucket']>

/** The bucket of milliseconds since 1970, as UTC. */
function bucketOfTime(bucket: Bucket, ms: string): string {
  const at = (format: string): string => `strftime('${format}', (${ms}) / 1000.0, 'unixepoch')`
  return bucket === 'quarter' ? `(${at('%Y-Q')} || ((${at('%m')} + 2) / 3))` : at(formats[bucket])
}

/**
 * The same in a zone. An instant outside of the zone's table is returned as it is, as a number, and its bucket is computed
 * afterwards.
 */
function bucketInZone(bucket: Bucket, ms: string, { fromMs, toMs, spans }: ZoneTable): string {
  const local = `${ms} + ${offsetOf(ms, spans)}`
  return `CASE WHEN ${ms} >= ${fromMs} AND ${ms} < ${toMs} THEN ${bucketOfTime(bucket, local)} ELSE ${ms} END`
}

/** A binary search among the zone's transitions. */
function offsetOf(ms: string, spans: ZoneTable['spans']): string {
  const middle = spans[spans.length >> 1]
  if (spans.length <= 1 || middle === undefined) return String(spans[0]?.offsetMs ?? 0)
  const [before, after] = [spans.slice(0, spans.length >> 1), spans.slice(spans.length >> 1)]
  return `CASE WHEN ${ms} < ${middle.startMs} THEN ${offsetOf(ms, before)} ELSE ${offsetOf(ms, after)} END`
}

function bucketOfDate(bucket: Bucket, date: string): string {
  switch (bucket) {
    case 'day':
      return date
    case 'week':
      return `strftime('${formats.week}', ${date})`
    case 'month':
      return `substr(${date}, 1, 7)`
    case 'quarter':
      return `(substr(${date}, 1, 5) || 'Q' || ((substr(${date}, 6, 2) + 2) / 3))`
    case 'year':
      return `substr(${date}, 1, 4)`
    default:
      return unreachable(bucket)
  }
}
