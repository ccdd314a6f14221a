// Ids that were not given before: within one second the random half alone tells ids apart, and a busy tenant would
// meet the same one now and then.

/** Makes `contact_` and 12 characters; never the same twice in one life of the object. */
export class FreshIds {
  readonly #make: (prefix: string, nowMs: number) => string
  #second = -1
  readonly #given = new Set<string>()

  constructor(make: (prefix: string, nowMs: number) => string) {
    this.#make = make
  }

  next(prefix: string, nowMs: number): string {
    const second = Math.floor(nowMs / 1_000)
    if (second !== this.#second) this.#given.clear()
    this.#second = second
    for (;;) {
      const id = this.#make(prefix, nowMs)
      if (this.#given.has(id)) continue
      this.#given.add(id)
      return id
    }
  }
}
