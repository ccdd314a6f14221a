// Composes contexts, in either order with the same effect except for the order of lists: `crm` with `healthcare` lists the
// entity types of the CRM and the records of health care.

import type { KnownName } from 'digital-objects'
import type { Context, Labels, Sector } from './context.ts'

/** The effect of one or several contexts. */
export interface Lens {
  /** `['crm', 'healthcare']`; the first decides the order of entity types. */
  readonly dimensions: readonly string[]
  readonly entities?: readonly KnownName[]
  readonly labels: Labels
  readonly sectors: readonly Sector[]
}

/** Lists the entity types that all have, or those of all if they have none in common. Returns undefined without contexts. */
export function composeContexts(given: readonly Context[]): Lens | undefined {
  const dimensions = given.filter(({ name }, at) => given.findIndex((other) => other.name === name) === at)
  if (dimensions.length === 0) return undefined
  const lists = dimensions.flatMap(({ entities }) => (entities === undefined ? [] : [entities]))
  const entities = lists.length === 0 ? undefined : composeLists(lists)
  return {
    dimensions: dimensions.map(({ name }) => name),
    ...(entities === undefined ? {} : { entities }),
    labels: Object.assign({}, ...dimensions.map(({ labels }) => labels).toReversed()) as Labels, // the first of each wins
    sectors: dimensions.flatMap(({ sector }) => (sector === undefined ? [] : [sector])),
  }
}

function composeLists(lists: readonly (readonly KnownName[])[]): readonly KnownName[] {
  const all = [...new Set(lists.flat())]
  const common = all.filter((name) => lists.every((list) => list.includes(name)))
  return common.length === 0 ? all : common
}
