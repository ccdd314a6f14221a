// When things happened to each unit: the times of the entities of a Noun that match a condition, grouped by the unit to which
// they belong. The engine of aggregates reads them, in slices where there are many.

import {
  type Filter,
  type FilterContext,
  type GroupTerm,
  type KeyValue,
  type Measure,
  type NounSchema,
  ObjectError,
  parseFilter,
  parseFirstPath,
  parseValuePath,
  type ValueExpression,
  type ValuePath,
} from 'digital-objects'
import { type Period, withinPeriod } from '../metrics/period.ts'
import { nounWithRole, type ProductParts, productReader } from './product-parts.ts'
import { unitFields } from './subject.ts'

/** A condition on entities of a Noun, the time at which they happened, and the unit to which they belong. */
export interface MomentSource {
  readonly noun: NounSchema
  readonly filter: Filter
  readonly at: ValuePath
  readonly unit: ValuePath
}

/** A source as a caller writes it: an event by its name, or the entities of a Noun. */
export interface SourceDefinition {
  readonly event?: string
  readonly from?: string
  readonly filter?: unknown
  /** A datetime of the Noun. */
  readonly at?: string
  /** A field of the Noun, or several, of which the first with a value counts. */
  readonly unit?: readonly string[]
}

/** Limits the units, or moments of units, that one analysis holds in memory. */
const groupsMax = 50_000

/** Throws an ObjectError that names the part. */
export function sourceOf(parts: ProductParts, definition: SourceDefinition): MomentSource {
  const { event, from, filter = {}, at, unit } = definition
  const noun = from === undefined ? nounWithRole(parts, 'event') : parts.lookup(from)
  if (noun === undefined)
    throw new ObjectError({
      code: 'not_found',
      field: 'from',
      message: `unknown entity type '${String(from).slice(0, 64)}'`,
    })
  const context: FilterContext = { schema: noun, lookup: parts.lookup }
  const named = event === undefined ? [] : [parseFilter(eventFilter(noun, event), context)]
  const time = parseValuePath(
    { parameter: 'at', text: at ?? (noun.role === 'event' ? 'timestamp' : '$createdAt') },
    context,
  )
  if (time.storage !== 'time')
    throw new ObjectError({ code: 'validation_error', field: 'at', message: 'at expects a datetime' })
  const known = unitFields.filter((name) => isStored(noun, name))
  const texts = unit ?? (known.length === 0 ? ['$id'] : known)
  return {
    noun,
    filter: { kind: 'and', of: [...named, parseFilter(filter, context)] },
    at: time,
    unit: parseFirstPath({ parameter: 'unit', texts }, context),
  }
}

/** An event is known by its name or by its type. */
function eventFilter(noun: NounSchema, event: string): Readonly<Record<string, unknown>> {
  return isStored(noun, 'type') ? { $or: [{ name: event }, { type: event }] } : { name: event }
}

function isStored({ fields }: NounSchema, name: string): boolean {
  return Object.hasOwn(fields, name) && fields[name]?.kind !== 'reverse'
}

/** The times of each unit, in order, and the values of further terms by the first time at which a unit has them. */
export interface Moments {
  readonly timesMs: readonly number[]
  readonly values: ReadonlyMap<number, readonly KeyValue[]>
}

export function momentsOf(
  parts: ProductParts,
  source: MomentSource,
  asked: { readonly period: Period; readonly terms?: readonly GroupTerm[] },
): ReadonlyMap<string, Moments> {
  const { terms = [] } = asked
  const by = [termOf('unit', source.unit), termOf('at', source.at), ...terms]
  const found = new Map<string, { timesMs: Set<number>; values: Map<number, readonly KeyValue[]> }>()
  for (const { key } of groupsOf(parts, source, { period: asked.period, by, measures: [] })) {
    const [unit, at, ...values] = key
    if (typeof unit !== 'string' || typeof at !== 'number') continue
    const mine = found.get(unit) ?? { timesMs: new Set(), values: new Map() }
    found.set(unit, mine)
    mine.timesMs.add(at)
    if (!mine.values.has(at)) mine.values.set(at, values)
  }
  return new Map(
    [...found].map(([unit, { timesMs, values }]) => [
      unit,
      { timesMs: [...timesMs].toSorted((a, b) => a - b), values },
    ]),
  )
}

/** The first or the last time of each unit, and with terms of each of their values. */
export function edgesOf(
  parts: ProductParts,
  source: MomentSource,
  asked: { readonly period: Period; readonly edge: 'min' | 'max'; readonly terms?: readonly GroupTerm[] },
): readonly { readonly unit: string; readonly atMs: number; readonly values: readonly KeyValue[] }[] {
  const { period, edge, terms = [] } = asked
  const measure: Measure = { kind: edge, name: 'at', value: { kind: 'path', ...source.at }, isInteger: false }
  const groups = groupsOf(parts, source, { period, by: [termOf('unit', source.unit), ...terms], measures: [measure] })
  return groups.flatMap(({ key: [unit, ...values], states }) => {
    const atMs = states[0]?.best
    return typeof unit === 'string' && typeof atMs === 'number' ? [{ unit, atMs, values }] : []
  })
}

/** The sums of an expression for each unit, by the times at which they happened. */
export function amountsOf(
  parts: ProductParts,
  source: MomentSource,
  { period, value }: { readonly period: Period; readonly value: ValueExpression },
): readonly { readonly unit: string; readonly atMs: number; readonly amount: number }[] {
  const measure: Measure = { kind: 'sum', name: 'amount', value, isInteger: false }
  const by = [termOf('unit', source.unit), termOf('at', source.at)]
  return groupsOf(parts, source, { period, by, measures: [measure] }).flatMap(({ key: [unit, atMs], states }) => {
    const [sum] = states
    if (typeof unit !== 'string' || typeof atMs !== 'number' || sum === undefined) return []
    return [{ unit, atMs, amount: sum.sum.value }]
  })
}

function groupsOf(
  parts: ProductParts,
  { noun, filter, at }: MomentSource,
  asked: { readonly period: Period; readonly by: readonly GroupTerm[]; readonly measures: readonly Measure[] },
): ReturnType<ReturnType<typeof productReader>['aggregate']>['all'] {
  const { period, by, measures } = asked
  const aggregate = { by, measures, zone: 'UTC', sort: [], limit: groupsMax, groupsMax }
  const inPeriod: Filter = { kind: 'and', of: [filter, withinPeriod(at, period)] }
  return productReader(parts).aggregate({ noun, filter: inPeriod, aggregate, asOfMs: undefined }).all
}

/** The value of a key: that of a path inside a `json` field is JSON. */
export function readKey(value: KeyValue, storage: ValuePath['storage'] | undefined): KeyValue {
  return storage === 'json' && typeof value === 'string' ? (JSON.parse(value) as KeyValue) : value // plain values only
}

function termOf(name: string, path: ValuePath): GroupTerm {
  return { name, ...path }
}
