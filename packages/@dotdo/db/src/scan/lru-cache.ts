// A cache with a total weight that evicts the least recently used entries. It is for immutable values only, so entries
// never become stale.

export class LruCache<Value> {
  readonly #weightMax: number
  readonly #entries = new Map<string, { readonly value: Value; readonly weight: number }>()
  #weight = 0
  /** The key at the end, which needs no move. */
  #newest: string | undefined

  constructor(weightMax: number) {
    this.#weightMax = weightMax
  }

  get(key: string): Value | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    if (key === this.#newest) return entry.value
    // A Map iterates in insertion order, so move the entry to the end.
    this.#entries.delete(key)
    this.#entries.set(key, entry)
    this.#newest = key
    return entry.value
  }

  set(key: string, value: Value, weight: number): void {
    this.delete(key)
    if (weight > this.#weightMax) return
    this.#entries.set(key, { value, weight })
    this.#newest = key
    this.#weight += weight
    if (this.#weight <= this.#weightMax) return
    for (const oldest of this.#entries.keys()) {
      if (this.#weight <= this.#weightMax) return
      this.delete(oldest)
    }
  }

  /** Entries may be deleted while these are iterated. */
  keys(): Iterable<string> {
    return this.#entries.keys()
  }

  delete(key: string): void {
    this.#weight -= this.#entries.get(key)?.weight ?? 0
    this.#entries.delete(key)
  }
}
