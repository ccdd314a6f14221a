// The last step of a pipeline that goes on at the caller's: items with the entities at the other ends of their relations,
// as far as the caller's own callbacks may look.

import { loadDepthMax } from 'digital-objects'
import { EntityValue } from './entity-value.ts'
import type { EvaluationContext } from './evaluation-context.ts'
import { isList, isPrimitive, type PlainObject, type Value } from './value.ts'

/**
 * `items` of a list, else `item`: each a row and the relations of it that have one of the names, an unset reference
 * absent. `relations` are the names of all relations of each type that occurs, inside of items that are no entities too,
 * so that the caller can tell what was not loaded from what is not there.
 */
export function loadAll(value: Value, names: readonly string[], context: EvaluationContext): PlainObject {
  const loading: Loading = { names: new Set(names), types: new Map(), context }
  const loaded: PlainObject = isList(value)
    ? { items: value.map((item) => load(item, loadDepthMax, loading)) }
    : { item: load(value, loadDepthMax, loading) }
  return { ...loaded, relations: Object.fromEntries(loading.types) }
}

interface Loading {
  readonly names: ReadonlySet<string>
  /** The names of all relations, by type. */
  readonly types: Map<string, readonly string[]>
  readonly context: EvaluationContext
}

function load(item: Value, depth: number, loading: Loading): PlainObject {
  const { names, types, context } = loading
  context.countEvaluations(1)
  if (!(item instanceof EntityValue)) {
    noteTypesIn(item, loading)
    return { row: item, relations: {} }
  }
  noteType(item, types)
  const relations: Record<string, Value> = {}
  for (const relation of depth === 0 ? [] : item.relations) {
    if (!names.has(relation.name)) continue
    const value = item.related(relation)
    if (isList(value)) relations[relation.name] = value.map((one) => load(one, depth - 1, loading))
    else if (value !== undefined) relations[relation.name] = value === null ? null : load(value, depth - 1, loading)
  }
  return { row: item, relations }
}

function noteType({ schema, relations }: EntityValue, types: Loading['types']): void {
  if (!types.has(schema.name))
    types.set(
      schema.name,
      relations.map((relation) => relation.name),
    )
}

/** What is deeper is refused when it is written. */
const depthMax = 100

/** Entities inside of an object or a list, which a callback has made of them. */
function noteTypesIn(value: Value, loading: Loading, depth = depthMax): void {
  if (isPrimitive(value) || depth === 0) return
  loading.context.countEvaluations(1)
  if (value instanceof EntityValue) return noteType(value, loading.types)
  for (const inner of Object.values(value)) noteTypesIn(inner, loading, depth - 1)
}
