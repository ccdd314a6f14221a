// Unique ids. Ids of one second differ only in their random half, so a busy tenant would occasionally get the same one twice.

/** Seconds whose ids are remembered. A program makes ids for the second in which it started. */
const secondsMax = 8

/** Makes ids such as `contact_` and 12 characters, and never the same one twice while the object is in memory. */
export class FreshIds {
  readonly #make: (prefix: string, nowMs: number) => string
  /** Ids by second, the newest last. */
  readonly #given = new Map<number, Set<string>>()

  constructor(make: (prefix: string, nowMs: number) => string) {
    this.#make = make
  }

  next(prefix: string, nowMs: number): string {
    const given = this.#givenIn(Math.floor(nowMs / 1_000))
    for (;;) {
      const id = this.#make(prefix, nowMs)
      if (given.has(id)) continue
      given.add(id)
      return id
    }
  }

  #givenIn(second: number): Set<string> {
    const known = this.#given.get(second)
    if (known !== undefined) return known
    const [oldest] = this.#given.keys()
    if (oldest !== undefined && this.#given.size === secondsMax) this.#given.delete(oldest)
    const given = new Set<string>()
    this.#given.set(second, given)
    return given
  }
}
