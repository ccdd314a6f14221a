// Brings the Nouns' Iceberg tables up to the manifest, all that are behind in one round. A step commits to one table.

import type { Job } from '../jobs/job.ts'
import { filesLane, storeRetry } from './files-lane.ts'
import type { FlushSettings } from './flush-settings.ts'
import type { NounTables } from './noun-tables.ts'

export interface NounTablesJobOptions {
  readonly tables: NounTables
  readonly settings: Pick<FlushSettings, 'tablesMs'>
  readonly now: () => number
}

/** A round that took long is followed by a pause of this many times its duration, so that tables never take all the time. */
const pauseShare = 4
/** Tables are at most about a minute behind, however long a round takes. */
const pauseMsMax = 40_000

export class NounTablesJob implements Job {
  readonly name = 'tables'
  readonly clock = 'real'
  readonly lane = filesLane
  readonly retry = storeRetry
  readonly #options: NounTablesJobOptions
  #roundStartMs: number | undefined
  #nextRoundMs = 0

  constructor(options: NounTablesJobOptions) {
    this.#options = options
  }

  dueMs(nowMs: number): number | undefined {
    const { tables, settings } = this.#options
    const expiryMs = tables.nextExpiryMs
    if (tables.due.length === 0) return expiryMs
    // A round begins some time after the change that makes it due, since more changes usually follow.
    const sinceMs = Math.min(tables.behindSinceMs ?? nowMs, nowMs)
    const startMs = Math.max(sinceMs + settings.tablesMs, Math.min(this.#nextRoundMs, nowMs + pauseMsMax))
    const roundMs = this.#roundStartMs === undefined ? startMs : nowMs
    return Math.min(roundMs, expiryMs ?? Infinity)
  }

  async step(nowMs: number): Promise<boolean> {
    const { tables, settings, now } = this.#options
    this.#roundStartMs ??= nowMs
    const isDone = !(await tables.followNext())
    if (tables.due.length === 0) {
      const tookMs = Math.max(0, now() - this.#roundStartMs)
      this.#nextRoundMs = now() + Math.max(settings.tablesMs, Math.min(tookMs * pauseShare, pauseMsMax))
      this.#roundStartMs = undefined
    }
    return isDone ? tables.expireNext() : true
  }
}
