// Compiles a filter for use on many rows: long lists become hash look-ups. All other conditions use the plain
// predicate.

import { elementStorageOf, type Entity, type Filter, type MatchContext, matches } from 'digital-objects'

export type RowTest = (entity: Entity) => boolean

/** Shorter lists are searched as fast without a hash set. */
const listMin = 8

export function filterToRowTest(filter: Filter, context: MatchContext): RowTest {
  if (filter.kind === 'and' || filter.kind === 'or') {
    const parts = filter.of.map((part) => filterToRowTest(part, context))
    return filter.kind === 'and'
      ? (entity) => parts.every((part) => part(entity))
      : (entity) => parts.some((part) => part(entity))
  }
  if (filter.kind === 'not') {
    const part = filterToRowTest(filter.of, context)
    return (entity) => !part(entity)
  }
  // Only text: values of other storage classes are not compared in the form that an entity holds.
  if (filter.kind === 'in' && filter.values.length >= listMin && elementStorageOf(filter.path.storage) === 'text') {
    const wanted = new Set<unknown>(filter.values)
    const { field } = filter.path
    return (entity) => {
      const value = Object.hasOwn(entity, field) ? entity[field] : undefined
      return Array.isArray(value) ? value.some((item) => wanted.has(item)) : wanted.has(value)
    }
  }
  return (entity) => matches(filter, entity, context)
}
