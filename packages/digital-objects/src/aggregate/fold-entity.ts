// The reference implementation of aggregates: adds one entity to its group. Tests hold SQL and Parquet scans to it.

import type { Entity, JsonValue } from '../base/entity.ts'
import type { MatchContext } from '../filter/matches.ts'
import { valueAt } from '../filter/value-at.ts'
import { assert } from '../base/assert.ts'
import type { Aggregate, GroupTerm, Measure } from './aggregate.ts'
import { type EntityReading, groupName, type Groups, type KeyValue, type MeasureValue } from './groups.ts'
import { bucketOf } from './time-bucket.ts'
import { evaluateExpression, type ReadPath } from './value-expression.ts'
import type { ValuePath } from './value-path.ts'
import { type ZoneOffsets, zoneOffsets } from './zone-offsets.ts'

/** Adds an entity that matches the aggregate's filter. */
export type FoldEntity = (entity: Entity) => void

export function entityFold(aggregate: Aggregate, groups: Groups, related: MatchContext['related']): FoldEntity {
  const readingOf = entityReading(aggregate)
  return (entity) => groups.addEntity(readingOf(entity, related))
}

export function entityReading(
  aggregate: Aggregate,
): (entity: Entity, related: MatchContext['related']) => EntityReading {
  const offsets = offsetsOf(aggregate)
  const keys = aggregate.by.map((term) => ({ term, keyOf: groupKeyOf(term, offsets) }))
  return (entity, related) => {
    const read: ReadPath = (path) => readPath(entity, path, related)
    const key = keys.map(({ term, keyOf: toKey }) => toKey(read(term)))
    return {
      key,
      name: groupName(key),
      values: aggregate.measures.map((measure) => measuredValue(measure, read)),
    }
  }
}

/** The offsets of the aggregate's zone, which its parser has checked. */
export function offsetsOf({ zone }: Pick<Aggregate, 'zone'>): ZoneOffsets {
  const offsets = zoneOffsets(zone)
  assert(offsets !== undefined, `the zone ${zone} exists`)
  return offsets
}

/** The key of the bucket of an instant. */
export function bucketKey(ms: number, bucket: NonNullable<GroupTerm['bucket']>, offsets: ZoneOffsets): string | null {
  return bucketOf(bucket, localTime(ms, offsets))
}

function localTime(ms: number, offsets: ZoneOffsets): number {
  return ms + offsets.offsetAt(ms)
}

type PathValue = Extract<Measure['value'], { kind: 'path' }>

/** Whether a measure takes the values of a field as they are, and not as numbers. */
export function isPlainValue(measure: Measure): measure is Measure & { readonly value: PathValue } {
  const { kind, value } = measure
  if (value.kind !== 'path') return false
  return kind === 'distinct' || ((kind === 'min' || kind === 'max') && value.storage !== 'json')
}

function readPath(entity: Entity, { paths }: ValuePath, related: MatchContext['related']): JsonValue | undefined {
  for (const path of paths) {
    let at: Entity | undefined = entity
    for (const step of path.steps) at = at === undefined ? undefined : related(at, step)[0]
    const value = at === undefined ? undefined : valueAt(at, path)
    if (value !== undefined) return value
  }
  return undefined
}

/** Limits the buckets that are kept, of one group term. */
const bucketsMax = 10_000
const dayMs = 86_400_000

/** Returns a function that makes the key of a value at the end of the term's path. It keeps the buckets of days. */
export function groupKeyOf(term: GroupTerm, offsets: ZoneOffsets): (value: JsonValue | undefined) => KeyValue {
  const { storage, bucket } = term
  if (bucket === undefined) return (value) => plainKey(value, storage)
  const isDate = storage === 'date'
  const known = new Map<unknown, KeyValue>()
  return (value) => {
    if (value === undefined) return null
    const localMs = isDate ? undefined : localTime(Number(value), offsets)
    const day = localMs === undefined ? value : Math.floor(localMs / dayMs)
    const kept = known.get(day)
    if (kept !== undefined) return kept
    const key = bucketOf(bucket, localMs ?? Date.parse(`${String(value)}T00:00:00Z`))
    if (known.size < bucketsMax) known.set(day, key)
    return key
  }
}

function plainKey(value: JsonValue | undefined, storage: ValuePath['storage']): KeyValue {
  if (value === undefined || value === null || typeof value === 'object') return null
  if (storage === 'json') return JSON.stringify(value)
  return value === 0 ? 0 : value // negative zero is zero
}

/** An entity's value of a measure. */
export function measuredValue(measure: Measure, read: ReadPath): MeasureValue {
  if (isPlainValue(measure)) return plainKey(read(measure.value), measure.value.storage)
  return evaluateExpression(measure.value, read) ?? null
}
