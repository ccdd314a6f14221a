// One read of a tenant, which may need several attempts. What was read in slices is kept for the next attempt, and all of the
// answer reflects the event after which the first slice was read.

export class ReadRun {
  /** Made with the first result, since most reads need no slices. */
  #results: Map<string, unknown> | undefined
  #seq: number | undefined

  /** The event after which the state is read; undefined while nothing was read in slices. */
  get seq(): number | undefined {
    return this.#seq
  }

  /** Fixes the state that the read reflects, and returns its `seq`. */
  pin(seq: number): number {
    this.#seq ??= seq
    return this.#seq
  }

  /** Starts again, after definitions have changed. */
  reset(): void {
    this.#results = undefined
    this.#seq = undefined
  }

  has(key: string): boolean {
    return this.#results?.has(key) === true
  }

  get(key: string): unknown {
    return this.#results?.get(key)
  }

  set(key: string, result: unknown): void {
    this.#results ??= new Map()
    this.#results.set(key, result)
  }
}
