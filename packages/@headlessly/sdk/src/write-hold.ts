// Writes wait while a subscription finds out where it begins: one that overtook it would never be heard.

import { isWorkers } from './settings.ts'

/** In a Worker it may be another request that subscribes, and that may have ended before it found out. */
const workersHoldMsMax = 1_000
const workersPauseMs = 5

interface Hold {
  readonly opened: Promise<void>
  readonly sinceMs: number
}

export class WriteHold {
  readonly #holds = new Set<Hold>()

  /** Who comes from now on waits until `opening` is settled, whichever way. */
  add(opening: Promise<unknown>): void {
    const done = (): void => void this.#holds.delete(hold)
    const hold: Hold = { opened: opening.then(done, done), sinceMs: Date.now() }
    this.#holds.add(hold)
  }

  get isFree(): boolean {
    return this.#holds.size === 0
  }

  /** Until all that are there now are settled. */
  async freed(): Promise<void> {
    const holds = [...this.#holds]
    if (isWorkers()) return this.#freedInWorkers(holds)
    await Promise.all(holds.map(({ opened }) => opened))
  }

  /** By timers of the request that waits: a promise of another one may never be settled, or go on as that one. */
  async #freedInWorkers(holds: readonly Hold[]): Promise<void> {
    for (;;) {
      for (const hold of holds) if (Date.now() - hold.sinceMs >= workersHoldMsMax) this.#holds.delete(hold)
      if (!holds.some((hold) => this.#holds.has(hold))) return
      await new Promise((resolve) => void setTimeout(resolve, workersPauseMs))
    }
  }
}
