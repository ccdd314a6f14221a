// A compensated sum (Neumaier): the error does not grow with the number of values. SQLite sums in the same way.

export class Sum {
  #sum = 0
  #compensation = 0
  #values = 0

  /** Adds the sum of `values` values. */
  add(value: number, values: number): void {
    const sum = this.#sum + value
    if (Number.isFinite(sum))
      this.#compensation += Math.abs(this.#sum) >= Math.abs(value) ? this.#sum - sum + value : value - sum + this.#sum
    this.#sum = sum
    this.#values += values
  }

  get value(): number {
    return this.#sum + this.#compensation
  }

  /** The number of values. */
  get values(): number {
    return this.#values
  }
}
