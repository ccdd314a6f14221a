// The reads of a tenant that run in slices. One runs at a time, so that many of them take no more of the thread than one; the
// others wait for a limited time.

import { ObjectError } from 'digital-objects'
import type { Pausing } from '../base/pausing.ts'
import type { SliceSettings } from '../base/slice-settings.ts'
import { Slices } from './slices.ts'

/** Limits the waiting reads. Further ones are refused. */
const waitingMax = 32

export interface SlicedReadsOptions {
  readonly settings: SliceSettings
  readonly now: () => number
  /** Makes the pauses of one read. */
  readonly pausing: Pausing
}

export class SlicedReads {
  readonly settings: SliceSettings
  readonly #now: () => number
  readonly #pausing: Pausing
  #waiting = 0
  #last: Promise<unknown> = Promise.resolve()
  #slices = 0

  constructor({ settings, now, pausing }: SlicedReadsOptions) {
    this.settings = settings
    this.#now = now
    this.#pausing = pausing
  }

  /** The number of slices of all reads so far. */
  get sliceCount(): number {
    return this.#slices
  }

  /** Runs one read when those before it have ended. Throws an ObjectError `overloaded` if too many wait. */
  async run<Result>(check: () => void, read: (slices: Slices) => Promise<Result>): Promise<Result> {
    if (this.#waiting >= waitingMax)
      throw new ObjectError({
        code: 'overloaded',
        message: `${waitingMax} reads of many entities are waiting; try again shortly`,
      })
    const startMs = this.#now()
    const slices = new Slices({ settings: this.settings, now: this.#now, startMs, check, pause: this.#pausing() })
    this.#waiting++
    const mine = this.#last.then(() => this.#runOne(slices, startMs, read))
    // The next one starts whether this one succeeds or fails.
    this.#last = mine.catch(() => {})
    try {
      return await mine
    } finally {
      this.#waiting--
      this.#slices += slices.count
    }
  }

  #runOne<Result>(slices: Slices, startMs: number, read: (slices: Slices) => Promise<Result>): Promise<Result> {
    if (this.#now() - startMs > this.settings.readMs)
      throw new ObjectError({
        code: 'overloaded',
        message: `the read waited ${this.settings.readMs / 1_000} s for other reads of many entities; try again shortly`,
      })
    return read(slices)
  }
}
