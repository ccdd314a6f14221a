// The reference implementation of filters, as a predicate on one entity. Tests hold SQL and Parquet scans to it.

import { unreachable } from '../base/unreachable.ts'
import { compareText } from '../base/compare-text.ts'
import type { Entity, JsonValue } from '../base/entity.ts'
import type { Filter, FilterPath } from './filter.ts'
import { isListStorage } from './storage-class.ts'
import { tokenize } from '../base/tokenize.ts'
import { valueAt } from './value-at.ts'

export interface MatchContext {
  /** Returns the live entities at the end of a step, at the time of the read. */
  readonly related: (entity: Entity, step: FilterPath['steps'][number]) => readonly Entity[]
  /** Compiles the pattern with a linear-time engine. */
  readonly regex: (pattern: string, ignoreCase: boolean) => { readonly test: (text: string) => boolean }
  /** The fields that `$text` searches. */
  readonly searchable: readonly string[]
}

/** A condition on the values at the end of one path. */
export type ValueCondition = Exclude<Extract<Filter, { readonly path: FilterPath }>, { readonly kind: 'compareFields' }>

export function matches(filter: Filter, entity: Entity, context: MatchContext): boolean {
  switch (filter.kind) {
    case 'and':
      return filter.of.every((part) => matches(part, entity, context))
    case 'or':
      return filter.of.some((part) => matches(part, entity, context))
    case 'not':
      return !matches(filter.of, entity, context)
    case 'compareFields': {
      const [value, other] = [valueAt(entity, filter.path), valueAt(entity, filter.other)]
      return value !== undefined && other !== undefined && compares(value, filter.op, other)
    }
    case 'text':
      return hasWords(
        filter.words,
        context.searchable.map((field) => entity[field]),
      )
    case 'compare':
    case 'in':
    case 'exists':
    case 'regex':
      return anyValue(filter.path, { entity, related: context.related }, valueTest(filter, context))
    default:
      return unreachable(filter)
  }
}

/** Returns the test of one value, which for a path to a list is a value of the list. */
export function valueTest(
  condition: ValueCondition,
  { regex }: Pick<MatchContext, 'regex'>,
): (value: JsonValue) => boolean {
  switch (condition.kind) {
    case 'compare':
      return (value) => compares(value, condition.op, condition.value)
    case 'in':
      return (value) => condition.values.some((wanted) => compares(value, 'eq', wanted))
    case 'exists':
      return () => true
    case 'regex': {
      const engine = regex(condition.pattern, condition.ignoreCase)
      return (value) => typeof value === 'string' && engine.test(value)
    }
    default:
      return unreachable(condition)
  }
}

/** Returns true if any value at the end of the path passes the test. A missing value never does. */
function anyValue(
  path: FilterPath,
  { entity, related }: { entity: Entity; related: MatchContext['related'] },
  test: (value: JsonValue) => boolean,
): boolean {
  let reached: readonly Entity[] = [entity]
  for (const step of path.steps) reached = reached.flatMap((from) => related(from, step))
  return reached.some((end) => {
    const value = valueAt(end, path)
    if (value === undefined) return false
    return isListStorage(path.storage) && Array.isArray(value) ? value.some((item) => test(item)) : test(value)
  })
}

/** Compares two values of a field. Values of different types never match. */
export function compares(value: JsonValue, op: 'eq' | 'gt' | 'gte' | 'lt' | 'lte', wanted: JsonValue): boolean {
  if (value === null || wanted === null) return op === 'eq' && value === wanted
  if (typeof value !== typeof wanted || typeof value === 'object' || typeof wanted === 'object') return false
  const order = typeof value === 'string' ? compareText(value, String(wanted)) : Number(value) - Number(wanted)
  switch (op) {
    case 'eq':
      return order === 0
    case 'gt':
      return order > 0
    case 'gte':
      return order >= 0
    case 'lt':
      return order < 0
    case 'lte':
      return order <= 0
    default:
      return unreachable(op)
  }
}

/** Whether each of the words begins a word of the values of the searched fields. */
export function hasWords(words: readonly string[], searched: readonly (JsonValue | undefined)[]): boolean {
  const own = searched.flatMap((value) => (typeof value === 'string' ? tokenize(value) : []))
  return words.every((word) => own.some((candidate) => candidate.startsWith(word)))
}
