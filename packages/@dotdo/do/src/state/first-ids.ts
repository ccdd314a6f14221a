// The ids that a page in slices collects, of which only the first in its order are kept.

/** Ids that a page collects before it drops those that cannot be on it. */
const collectedMax = 2_000

/** Collects ids, and drops those that cannot be among the first. */
export class FirstIds {
  readonly #limit: number
  readonly #first: (ids: readonly string[]) => readonly string[]
  #ids = new Set<string>()

  constructor(limit: number, first: (ids: readonly string[]) => readonly string[]) {
    this.#limit = limit
    this.#first = first
  }

  get size(): number {
    return this.#ids.size
  }

  get all(): readonly string[] {
    return [...this.#ids]
  }

  /** Whether ids should be dropped before more are added. */
  get isFull(): boolean {
    return this.#ids.size > this.#limit + collectedMax
  }

  add(ids: readonly SqlStorageValue[]): void {
    for (const id of ids) this.#ids.add(String(id))
  }

  dropLast(): void {
    this.#ids = new Set(this.#first(this.all))
  }
}
