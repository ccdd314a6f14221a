// Parses the parameters of an aggregate, as they are in a URL: `by=stage,month(closedAt)&sum=value&sort=-sum(value)`.

import { shorten } from '../base/shorten.ts'
import type { FilterContext } from '../filter/parse-path.ts'
import {
  type Aggregate,
  type AggregateFunction,
  aggregateFunctions,
  type AggregateSortTerm,
  type GroupTerm,
  groupsMax,
  type Measure,
  timeBuckets,
} from './aggregate.ts'
import { invalidAggregate } from './invalid-aggregate.ts'
import { parseValueExpression } from './parse-value-expression.ts'
import { parseValuePath } from './parse-value-path.ts'
import type { ValueExpression } from './value-expression.ts'
import { zoneOffsets } from './zone-offsets.ts'

const byMax = 6
const measuresMax = 16
const sortMax = 4
const limitFallback = 1_000

/** Lists are separated by commas. */
export type AggregateParameters = Readonly<
  Partial<Record<AggregateFunction | 'by' | 'zone' | 'sort' | 'limit', string>>
>

/** Throws an ObjectError `invalid_aggregate`. */
export function parseAggregate(parameters: AggregateParameters, context: FilterContext): Aggregate {
  const by = partsOf(parameters.by).map((name) => parseGroup(name, context))
  const measures = aggregateFunctions.flatMap((kind) =>
    partsOf(parameters[kind]).map((name) => parseMeasure(kind, name, context)),
  )
  refuse('by', by.length > byMax, `expects at most ${byMax} groups, got ${by.length}`)
  refuse('sum', measures.length > measuresMax, `an aggregate has at most ${measuresMax} values, got ${measures.length}`)
  refuseTwice('by', by)
  for (const kind of aggregateFunctions)
    refuseTwice(
      kind,
      measures.filter((measure) => measure.kind === kind),
    )
  const { zone = 'UTC' } = parameters
  if (zoneOffsets(zone) === undefined)
    throw invalidAggregate('zone', `expects the name of a time zone such as Europe/Berlin, got '${shorten(zone)}'`)
  const sort = partsOf(parameters.sort).map((text) => parseSortTerm(text, { by, measures }))
  refuse('sort', sort.length > sortMax, `expects at most ${sortMax} terms, got ${sort.length}`)
  return { by, measures, zone, sort, limit: parseLimit(parameters.limit) }
}

function parseGroup(name: string, context: FilterContext): GroupTerm {
  const call = /^(\w+)\s*\((.*)\)$/.exec(name)
  if (call === null) return { name, ...parseValuePath({ parameter: 'by', text: name }, context) }
  const [, called = '', text = ''] = call
  const bucket = timeBuckets.find((one) => one === called)
  if (bucket === undefined)
    throw invalidAggregate('by', `unknown function '${shorten(called)}'; expected ${timeBuckets.join(', ')}`)
  const path = parseValuePath({ parameter: 'by', text: text.trim() }, context)
  if (path.storage !== 'time' && path.storage !== 'date')
    throw invalidAggregate('by', `${bucket} expects a datetime or a date, and '${shorten(text)}' is none`)
  return { name, ...path, bucket }
}

function parseMeasure(kind: AggregateFunction, name: string, context: FilterContext): Measure {
  const value = parseValueExpression({ parameter: kind, text: name }, context)
  const storage = value.kind === 'path' ? value.storage : 'real'
  const isAccepted =
    storage === 'real' ||
    storage === 'json' ||
    kind === 'distinct' ||
    ((kind === 'min' || kind === 'max') && storage !== 'boolean')
  if (!isAccepted) throw invalidAggregate(kind, `'${shorten(name)}' holds no numbers`)
  return { kind, name, value, isInteger: isIntegerField(value, context) }
}

function isIntegerField(value: ValueExpression, { schema, lookup }: FilterContext): boolean {
  if (value.kind !== 'path') return false
  return value.paths.every(({ steps, field: name }) => {
    if (name === '$version') return true
    const end = steps.length === 0 ? schema : lookup(steps.at(-1)?.to ?? '')
    const field = end?.fields[name]
    return field?.kind === 'data' && (field.type === 'integer' || field.type === 'money')
  })
}

function parseSortTerm(text: string, { by, measures }: Pick<Aggregate, 'by' | 'measures'>): AggregateSortTerm {
  const direction = text.startsWith('-') ? -1 : 1
  const name = direction === -1 ? text.slice(1).trim() : text
  if (name === 'count') return { of: 'count', direction }
  const group = by.findIndex((term) => term.name === name)
  if (group >= 0) return { of: { by: group }, direction }
  const measure = measures.findIndex((one) => `${one.kind}(${one.name})` === name)
  if (measure >= 0) return { of: { measure }, direction }
  const names = [...by.map((term) => term.name), 'count', ...measures.map((one) => `${one.kind}(${one.name})`)]
  throw invalidAggregate('sort', `expects ${names.join(', ')}, got '${shorten(name)}'`)
}

function parseLimit(text: string | undefined): number {
  if (text === undefined) return limitFallback
  const value = /^\d{1,9}$/.test(text) ? Number(text) : 0
  refuse(
    'limit',
    value < 1 || value > groupsMax,
    `expects a whole number from 1 to ${groupsMax}, got '${shorten(text)}'`,
  )
  return value
}

/** Splits at commas outside of parentheses and quotes. */
function partsOf(text: string | undefined): readonly string[] {
  if (text === undefined || text.trim() === '') return []
  const parts: string[] = []
  let [depth, isQuoted, start] = [0, false, 0]
  for (let at = 0; at < text.length; at++) {
    const character = text[at]
    if (character === "'") isQuoted = !isQuoted
    else if (isQuoted) continue
    else if (character === '(') depth++
    else if (character === ')') depth--
    else if (character === ',' && depth === 0) {
      parts.push(text.slice(start, at).trim())
      start = at + 1
    }
  }
  return [...parts, text.slice(start).trim()]
}

function refuse(field: string, isWrong: boolean, message: string): void {
  if (isWrong) throw invalidAggregate(field, message)
}

function refuseTwice(field: string, named: readonly { readonly name: string }[]): void {
  const twice = named.find(({ name }, at) => named.findIndex((other) => other.name === name) !== at)
  if (twice !== undefined) throw invalidAggregate(field, `names '${shorten(twice.name)}' twice`)
}
