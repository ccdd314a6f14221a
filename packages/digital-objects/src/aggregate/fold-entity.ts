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
  const keys = aggregate.by.map((term) => ({ term, keyOf: keysOf(term, offsets) }))
  return (entity, related) => {
    const read: ReadPath = (path) => readPath(entity, path, related)
    const key = keys.map(({ term, keyOf: toKey }) => toKey(read(term)))
    return {
      key,
      name: groupName(key),
      values: aggregate.measures.map((measure) => measured(measure, read)),
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
  return bucketOf(bucket, ms + offsets.offsetAt(ms))
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

/** Returns the key of a value, and keeps the buckets of dates, of which many entities have the same. */
function keysOf(term: GroupTerm, offsets: ZoneOffsets): (value: JsonValue | undefined) => KeyValue {
  if (term.bucket === undefined || term.storage !== 'date') return (value) => keyOf(value, term, offsets)
  const known = new Map<JsonValue | undefined, KeyValue>()
  return (value) => {
    const kept = known.get(value)
    if (kept !== undefined) return kept
    const key = keyOf(value, term, offsets)
    if (known.size < bucketsMax) known.set(value, key)
    return key
  }
}

function keyOf(value: JsonValue | undefined, { storage, bucket }: GroupTerm, offsets: ZoneOffsets): KeyValue {
  if (bucket === undefined || value === undefined) return plainKey(value, storage)
  if (storage === 'date') return bucketOf(bucket, Date.parse(`${String(value)}T00:00:00Z`))
  return bucketKey(Number(value), bucket, offsets)
}

function plainKey(value: JsonValue | undefined, storage: ValuePath['storage']): KeyValue {
  if (value === undefined || value === null || typeof value === 'object') return null
  if (storage === 'json') return JSON.stringify(value)
  return value === 0 ? 0 : value // negative zero is zero
}

function measured(measure: Measure, read: ReadPath): MeasureValue {
  if (isPlainValue(measure)) return plainKey(read(measure.value), measure.value.storage)
  return evaluateExpression(measure.value, read) ?? null
}
