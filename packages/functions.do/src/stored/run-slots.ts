// Lets some runs of stored functions of one tenant go on at a time, and the others wait in order, so that a burst of writes
// does not fill the places of other tenants.

import { ObjectError } from 'digital-objects'

const runningMax = 7
/** Writes wait in memory. */
const waitingMax = 1_000

export class RunSlots {
  #running = 0
  readonly #waiting: (() => void)[] = []

  /** Throws an ObjectError `overloaded` if too many wait. */
  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#running < runningMax) this.#running++
    else await this.#wait()
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#running--
      else next()
    }
  }

  /** The one that ends hands its place on. */
  #wait(): Promise<void> {
    if (this.#waiting.length >= waitingMax)
      throw new ObjectError({
        code: 'overloaded',
        message: 'too many runs of stored functions wait; try again shortly',
      })
    return new Promise((resolve) => this.#waiting.push(resolve))
  }
}
