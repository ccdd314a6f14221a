// The order of a list whose rows are known by their sort values only: nulls last, ties by id.

import { compareText, type SortTerm, type SortValue } from 'digital-objects'

export interface Ordered {
  readonly values: readonly SortValue[]
  readonly id: string
}

/** Returns a negative number if `a` comes first. */
export function compareOrdered(sort: readonly SortTerm[], a: Ordered, b: Ordered): number {
  for (let at = 0; at < sort.length; at++) {
    const order = compareSortValues(a.values[at] ?? null, b.values[at] ?? null, (sort[at] as SortTerm).direction)
    if (order !== 0) return order
  }
  return compareText(a.id, b.id)
}

/** Returns a negative number if `a` comes first. Null comes last in both directions. */
export function compareSortValues(a: SortValue, b: SortValue, direction: 1 | -1): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1
  const order = typeof a === 'string' && typeof b === 'string' ? compareText(a, b) : Number(a) - Number(b)
  return order * direction
}

/** Keeps the first `limit` of the items added, in bounded memory. */
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

  /** Returns the kept items in list order. */
  items(): readonly Item[] {
    this.#cut()
    return this.#items
  }

  /** Returns the last kept item if the list is full: items after it can be skipped. Otherwise undefined. */
  last(): Item | undefined {
    this.#cut()
    return this.#items.length < this.#limit ? undefined : this.#items.at(-1)
  }

  #cut(): void {
    this.#items.sort((a, b) => compareOrdered(this.#sort, a, b))
    this.#items.length = Math.min(this.#items.length, this.#limit)
  }
}
