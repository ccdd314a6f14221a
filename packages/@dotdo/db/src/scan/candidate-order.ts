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

/** Returns the numbers of `count` rows in list order. */
export function sortRows(count: number, orderedAt: (row: number) => Ordered, sort: readonly SortTerm[]): Uint32Array {
  const rows = Array.from({ length: count }, (_, row) => ({ row, ...orderedAt(row) }))
  return Uint32Array.from(
    rows.sort((a, b) => compareOrdered(sort, a, b)),
    ({ row }) => row,
  )
}

/** Returns the first index that passes; `count` if none does. All indexes after one that passes have to pass. */
export function firstIndex(count: number, passes: (index: number) => boolean): number {
  let [start, end] = [0, count]
  while (start < end) {
    const middle = (start + end) >>> 1
    if (passes(middle)) end = middle
    else start = middle + 1
  }
  return start
}

/** Keeps the first `limit` of the items added, in bounded memory. */
export class FirstOf<Item extends Ordered> {
  readonly #sort: readonly SortTerm[]
  readonly #limit: number
  #items: Item[] = []
  /** Items after this one are not kept. Undefined until the list is full. */
  #last: Item | undefined

  constructor(sort: readonly SortTerm[], limit: number) {
    this.#sort = sort
    this.#limit = limit
  }

  add(item: Item): void {
    if (this.#last !== undefined && compareOrdered(this.#sort, item, this.#last) > 0) return
    this.#items.push(item)
    if (this.#items.length >= 2 * this.#limit + 100) this.#cut()
  }

  /** Returns the kept items in list order. */
  items(): readonly Item[] {
    this.#cut()
    return this.#items
  }

  /** Returns the last kept item if the list is full: items after it can be skipped. Otherwise undefined. */
  last(): Item | undefined {
    this.#cut()
    return this.#last
  }

  #cut(): void {
    this.#items.sort((a, b) => compareOrdered(this.#sort, a, b))
    if (this.#items.length < this.#limit) return
    this.#items.length = this.#limit
    this.#last = this.#items.at(-1)
  }
}
