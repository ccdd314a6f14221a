// The order of slices of long works on one thread. Each work sleeps until its own slot, so at most one slice runs between two
// rests of the thread, however many works there are, and they come in turn. A work that ends or is cut off leaves a slot empty
// and delays nobody for long.

export interface SliceSlotsOptions {
  readonly now: () => number
  readonly sleep?: (ms: number) => Promise<void>
}

/** Time after a slice in which everybody else's requests are accepted and answered. */
const restMs = 2
/** The assumed length of the first slice after a pause. */
const firstSliceMs = 10
/** A slice that took longer has waited for a disk or another service. */
const sliceMsMax = 50
/** Limits the rests after a slot, each of which follows a slice of another work. */
const restsMax = 100
/** Slots further ahead come from a clock that was set back, or from more works than could ever end. */
const aheadMsMax = 10_000

export class SliceSlots {
  readonly #now: () => number
  readonly #sleep: (ms: number) => Promise<void>
  /** The end of the last slot that was given away. */
  #freeMs = 0
  /** The end of the last slice that was followed by a pause. */
  #endMs = 0

  constructor({ now, sleep = sleepFor }: SliceSlotsOptions) {
    this.#now = now
    this.#sleep = sleep
  }

  /** Makes the pauses of one work. It waits for its next slot in each, which is as long as its last slice was. */
  pausing(): () => Promise<void> {
    let startMs: number | undefined
    return async () => {
      const now = this.#now()
      const takenMs = startMs === undefined ? firstSliceMs : Math.min(Math.max(now - startMs, 0), sliceMsMax)
      const freeMs = this.#freeMs - now > aheadMsMax ? now : this.#freeMs
      const slotMs = Math.max(now + restMs, freeMs)
      this.#freeMs = slotMs + takenMs + restMs
      this.#endMs = now
      await this.#sleep(slotMs - now)
      // Another slice may have taken longer than its slot.
      for (let rests = 0; this.#now() === this.#endMs && rests < restsMax; rests++) await this.#sleep(restMs)
      startMs = this.#now()
    }
  }
}

function sleepFor(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
