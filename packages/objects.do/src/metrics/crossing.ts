// When a metric with limits crosses them: once when it goes beyond, and again only after it has come back by the margin.

import type { Entity, EntityFields, NounSchema } from 'digital-objects'

export type Side = 'inside' | 'above' | 'below'

export function isWatched({ alertAbove, alertBelow }: EntityFields): boolean {
  return typeof alertAbove === 'number' || typeof alertBelow === 'number'
}

/** The side of its limits on which a metric was last. */
export function sideOf({ state, categories }: NounSchema, entity: Entity): Side {
  const value = state === undefined ? undefined : entity[state]
  const category = typeof value === 'string' && Object.hasOwn(categories, value) ? categories[value] : undefined
  return category === 'above' || category === 'below' ? category : 'inside'
}

/** Returns the side to which the metric has moved; undefined if it has not. */
export function crossingOf(
  { alertAbove, alertBelow, alertMargin }: EntityFields,
  { value, side }: { readonly value: number; readonly side: Side },
): Side | undefined {
  const margin = typeof alertMargin === 'number' ? alertMargin : 0
  const above = typeof alertAbove === 'number' ? alertAbove - (side === 'above' ? margin : 0) : Infinity
  const below = typeof alertBelow === 'number' ? alertBelow + (side === 'below' ? margin : 0) : -Infinity
  const now: Side = value > above ? 'above' : value < below ? 'below' : 'inside'
  return now === side ? undefined : now
}
