// How long to leave alone what failed: a second after the first failure, then twice as long each time, up to a minute.

const firstMs = 1_000
const maxMs = 60_000

export class Backoff {
  readonly #now: () => number
  #failures = 0
  #untilMs = 0

  constructor(now: () => number) {
    this.#now = now
  }

  /** In a row. */
  get failures(): number {
    return this.#failures
  }

  get isOver(): boolean {
    return this.earliest(0) <= this.#now()
  }

  /** That moment, or a later one until which it is to be left alone. */
  earliest(atMs: number): number {
    // Longer than it ever lasts: the clock was set back.
    if (this.#untilMs > this.#now() + maxMs) this.#untilMs = 0
    return Math.max(atMs, this.#untilMs)
  }

  failed(): void {
    this.#untilMs = this.#now() + Math.min(firstMs * 2 ** this.#failures, maxMs)
    this.#failures++
  }

  succeeded(): void {
    this.#failures = 0
    this.#untilMs = 0
  }
}
