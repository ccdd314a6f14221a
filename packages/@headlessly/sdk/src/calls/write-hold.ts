// Writes wait while a subscription finds out where it begins: one that overtook it would never be heard.

import { isWorkers } from '../base/is-workers.ts'

/** In a Worker it may be another request that subscribes: it is waited for while it lives, and not for long. */
const workersHoldMsMax = 1_000
/** A request that has ended has no timers. */
const workersBeatMs = 20
const workersBeatsMissedMax = 4

interface Hold {
  readonly opened: Promise<unknown>
  readonly sinceMs: number
  aliveMs: number
}

export class WriteHold {
  readonly #holds = new Set<Hold>()
  /** Of those who came in this turn, so that they go on together. */
  #freed: Promise<unknown> | undefined

  /** Who comes from now on waits until `opening` is settled, whichever way. */
  add(opening: Promise<unknown>): void {
    const beat = isWorkers() ? setInterval(() => void (hold.aliveMs = Date.now()), workersBeatMs) : undefined
    const done = (): void => {
      clearInterval(beat)
      this.#holds.delete(hold)
    }
    const hold: Hold = { opened: opening.catch(() => {}).finally(done), sinceMs: Date.now(), aliveMs: Date.now() }
    this.#holds.add(hold)
  }

  get isFree(): boolean {
    return this.#holds.size === 0
  }

  /** Until all that are there now are settled. */
  freed(): Promise<unknown> {
    if (this.#freed === undefined) {
      const holds = [...this.#holds]
      this.#freed = isWorkers() ? this.#freedInWorkers(holds) : Promise.all(holds.map(({ opened }) => opened))
      queueMicrotask(() => (this.#freed = undefined))
    }
    return this.#freed
  }

  /** By timers of the request that waits: a promise of another one may never be settled, or go on as that one. */
  async #freedInWorkers(holds: readonly Hold[]): Promise<void> {
    for (;;) {
      for (const hold of holds) if (isOver(hold)) this.#holds.delete(hold)
      if (!holds.some((hold) => this.#holds.has(hold))) return
      await new Promise((resolve) => void setTimeout(resolve, workersBeatMs))
    }
  }
}

function isOver({ sinceMs, aliveMs }: Hold): boolean {
  const now = Date.now()
  return now - sinceMs >= workersHoldMsMax || now - aliveMs > workersBeatMs * workersBeatsMissedMax
}
