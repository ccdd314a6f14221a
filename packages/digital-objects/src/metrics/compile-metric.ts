// Makes a metric over entities ready against a tenant's Nouns: its filter at a time, and the aggregate that computes it.

import { addDuration, type Duration, parseDuration } from '../base/duration.ts'
import { ObjectError } from '../base/object-error.ts'
import type { Aggregate, Measure } from '../aggregate/aggregate.ts'
import { parseValueExpression } from '../aggregate/parse-value-expression.ts'
import { parseFirstPath, parseValuePath } from '../aggregate/parse-value-path.ts'
import type { ValueExpression } from '../aggregate/value-expression.ts'
import type { ValuePath } from '../aggregate/value-path.ts'
import type { Filter } from '../filter/filter.ts'
import { parseFilter } from '../filter/parse-filter.ts'
import { type FilterContext } from '../filter/parse-path.ts'
import type { NounLookup, NounSchema } from '../noun/schema.ts'
import type { EntityMetric } from './metric-definition.ts'

export interface CompiledMetric {
  readonly definition: EntityMetric
  readonly schema: NounSchema
  /** Groups by currency if the metric has one; its only measure is the value, unless it counts. */
  readonly aggregate: Aggregate
  /** The datetime by which a flow counts. */
  readonly at: ValuePath | undefined
  /** Returns the filter with `$now` replaced. */
  readonly filterAt: (nowMs: number) => Filter
  /** Whether the filter depends on the time. */
  readonly usesNow: boolean
}

/** Throws an ObjectError if the Noun or a field does not exist. */
export function compileMetric(definition: EntityMetric, lookup: NounLookup): CompiledMetric {
  const { name, from, filter = {}, kind, currency = [], as } = definition
  const schema = lookup(from)
  if (schema === undefined)
    throw new ObjectError({
      code: 'not_found',
      field: 'from',
      message: `metric '${name}': unknown entity type '${from}'`,
    })
  const context: FilterContext = { schema, lookup }
  const by =
    currency.length === 0
      ? []
      : [{ name: 'currency', ...parseFirstPath({ parameter: 'currency', texts: currency }, context) }]
  const measure: Measure | undefined =
    as === 'count' ? undefined : { kind: as, name: 'value', value: valueOf(definition, context), isInteger: false }
  const measures = measure === undefined ? [] : [measure]
  const at = kind === 'flow' ? parseValuePath({ parameter: 'at', text: definition.at ?? '' }, context) : undefined
  if (at !== undefined && at.storage !== 'time')
    throw new ObjectError({
      code: 'invalid_definition',
      field: 'at',
      message: `metric '${name}': at expects a datetime`,
    })
  return {
    definition,
    schema,
    aggregate: { by, measures, zone: 'UTC', sort: [], limit: 1_000 },
    at,
    filterAt: (nowMs) => parseFilter(withNow(filter, nowMs), context),
    usesNow: JSON.stringify(filter).includes('"$now'),
  }
}

function valueOf({ value }: EntityMetric, context: FilterContext): ValueExpression {
  if (typeof value === 'string') return parseValueExpression({ parameter: 'value', text: value }, context)
  return { kind: 'path', ...parseFirstPath({ parameter: 'value', texts: value ?? [] }, context) }
}

const nowPattern = /^\$now(?:([+-])(P.*))?$/

function withNow(value: unknown, nowMs: number): unknown {
  if (typeof value === 'string') {
    const match = nowPattern.exec(value)
    return match === null ? value : new Date(shiftedBy(nowMs, match[1], match[2])).toISOString()
  }
  if (Array.isArray(value)) return value.map((item: unknown) => withNow(item, nowMs))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withNow(inner, nowMs)]))
}

function shiftedBy(nowMs: number, sign: string | undefined, text = 'P0D'): number {
  const duration = parseDuration(text)
  if (duration === undefined)
    throw new ObjectError({
      code: 'invalid_definition',
      field: 'filter',
      message: `filter expects $now, or $now-P14D, got '$now${sign ?? ''}${text.slice(0, 32)}'`,
    })
  const { months, ms }: Duration = duration
  return addDuration(nowMs, sign === '-' ? { months: -months, ms: -ms } : duration)
}
