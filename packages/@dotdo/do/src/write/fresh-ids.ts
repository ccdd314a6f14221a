// Unique ids. Ids of one second differ only in their random half, so a busy tenant would occasionally get the same one twice.

/** Makes ids such as `contact_` and 12 characters, and never the same one twice while the object is in memory. */
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
