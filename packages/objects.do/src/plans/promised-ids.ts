// Gives the ids of a plan to the commit that executes it. Each kind of entity gets its ids in the promised order.

export class PromisedIds {
  readonly #ids: readonly string[]
  #left = new Map<string, string[]>()

  constructor(ids: readonly string[]) {
    this.#ids = ids
    this.reset()
  }

  /** Starts again. Call it at the start of the commit's work, which may be run several times. */
  reset(): void {
    this.#left = Map.groupBy(this.#ids, (id) => id.slice(0, id.indexOf('_')))
  }

  readonly next = (prefix: string, make: () => string): string => this.#left.get(prefix)?.shift() ?? make()
}
