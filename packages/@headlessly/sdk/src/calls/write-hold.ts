// Delays writes while a subscription determines its start: events of a write that overtook it would be lost.

import { isWorkers } from '../base/is-workers.ts'

/** In a Worker the subscriber may be another request. Wait for it briefly, while it lives. */
const workersHoldMsMax = 1_000
/** Requests that have ended run no timers. */
const workersBeatMs = 20
const workersBeatsMissedMax = 4

interface Hold {
  readonly opened: Promise<unknown>
  readonly sinceMs: number
  aliveMs: number
}

export class WriteHold {
  readonly #holds = new Set<Hold>()
  /** Shared by the writes of one turn, so that they continue together. */
  #freed: Promise<unknown> | undefined

  /** Delays all later writes until `opening` is settled, either way. */
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

  /** Resolves when all present holds are settled. */
  freed(): Promise<unknown> {
    if (this.#freed === undefined) {
      const holds = [...this.#holds]
      this.#freed = isWorkers() ? this.#freedInWorkers(holds) : Promise.all(holds.map(({ opened }) => opened))
      queueMicrotask(() => (this.#freed = undefined))
    }
    return this.#freed
  }

  /**
   * Polls with timers of the waiting request: a promise of another request may never settle, or continue as that
   * request.
   */
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
