// A filter made ready for many rows: long lists are looked up instead of being gone through for each row. Everything
// else is the plain predicate itself.

import { type Entity, type Filter, type MatchContext, matches } from 'digital-objects'

export type RowTest = (entity: Entity) => boolean

/** Shorter lists are as fast to go through. */
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
  // Only texts: the other storage classes are not compared as they stand in an entity.
  if (filter.kind === 'in' && filter.values.length >= listMin && filter.path.storage === 'text') {
    const wanted = new Set<unknown>(filter.values)
    const { field } = filter.path
    return (entity) => Object.hasOwn(entity, field) && wanted.has(entity[field])
  }
  return (entity) => matches(filter, entity, context)
}
