// The order of a list over rows of which only the sort values are known yet: nulls last, ties by id.

import { compareText, type SortTerm, type SortValue } from 'digital-objects'

export interface Ordered {
  readonly values: readonly SortValue[]
  readonly id: string
}

/** Negative when `a` comes first. */
export function compareOrdered(sort: readonly SortTerm[], a: Ordered, b: Ordered): number {
  for (let at = 0; at < sort.length; at++) {
    const order = compareSortValues(a.values[at] ?? null, b.values[at] ?? null, (sort[at] as SortTerm).direction)
    if (order !== 0) return order
  }
  return compareText(a.id, b.id)
}

/** Negative when `a` comes first; null comes last in both directions. */
export function compareSortValues(a: SortValue, b: SortValue, direction: 1 | -1): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1
  const order = typeof a === 'string' && typeof b === 'string' ? compareText(a, b) : Number(a) - Number(b)
  return order * direction
}

/** Keeps the first `limit` of what it is given, in bounded memory. */
export class FirstOf<Item extends Ordered> {
  readonly #sort: readonly SortTerm[]
  readonly #limit: number
  #items: Item[] = []

  constructor(sort: readonly SortTerm[], limit: number) {
    this.#sort = sort
    this.#limit = limit
  }

  add(item: Item): void {
    this.#items.push(item)
    if (this.#items.length >= 4 * this.#limit + 1_000) this.#cut()
  }

  /** In order. */
  items(): readonly Item[] {
    this.#cut()
    return this.#items
  }

  /** The last of them, once there are as many as may be: what comes after it is of no use. */
  last(): Item | undefined {
    this.#cut()
    return this.#items.length < this.#limit ? undefined : this.#items.at(-1)
  }

  #cut(): void {
    this.#items.sort((a, b) => compareOrdered(this.#sort, a, b))
    this.#items.length = Math.min(this.#items.length, this.#limit)
  }
}
