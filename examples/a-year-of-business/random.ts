// Random numbers from a seed (mulberry32), so that a year can be imagined again as it was.

export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** From 0 to 1, which is exclusive. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let bits = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61)
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32
  }

  /** A whole number from `from` to `until`, which is exclusive. */
  whole(from: number, until: number): number {
    return from + Math.floor(this.next() * (until - from))
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }

  weighted<Item>(items: readonly [Item, ...Item[]] | readonly Item[], weights: readonly number[]): Item {
    let rest = this.next() * weights.reduce((sum, weight) => sum + weight, 0)
    const at = weights.findIndex((weight) => (rest -= weight) < 0)
    const item = items[Math.max(at, 0)]
    if (item === undefined) throw new Error('expected a weight for each item')
    return item
  }
}
