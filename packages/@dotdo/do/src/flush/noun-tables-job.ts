// Brings the Nouns' Iceberg tables up to the manifest, all that are behind in one round. A step commits to one table.

import type { Job, JobFailure } from '../jobs/job.ts'
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
    if (this.#haveAllToWait(nowMs))
      return Math.min(tables.failures.retryAtMs(tables.due) ?? nowMs, expiryMs ?? Infinity)
    // A round begins some time after the change that makes it due, since more changes usually follow.
    const sinceMs = Math.min(tables.behindSinceMs ?? nowMs, nowMs)
    const startMs = Math.max(sinceMs + settings.tablesMs, Math.min(this.#nextRoundMs, nowMs + pauseMsMax))
    const roundMs = this.#roundStartMs === undefined ? startMs : nowMs
    return Math.min(roundMs, expiryMs ?? Infinity)
  }

  async step(nowMs: number): Promise<boolean> {
    const { tables } = this.#options
    if (this.#haveAllToWait(nowMs) && (tables.nextExpiryMs ?? Infinity) <= nowMs) return tables.expireNext()
    this.#roundStartMs ??= nowMs
    try {
      if (await tables.followNext()) return true
    } finally {
      this.#endRound()
    }
    return tables.expireNext()
  }

  failure(): JobFailure | undefined {
    const { tables } = this.#options
    return tables.failures.oldest(tables.due)
  }

  /** A round ends once every table is up to date, or has failed and waits. */
  #endRound(): void {
    const { tables, settings, now } = this.#options
    const nowMs = now()
    if (this.#roundStartMs === undefined || (tables.due.length > 0 && !this.#haveAllToWait(nowMs))) return
    const tookMs = Math.max(0, nowMs - this.#roundStartMs)
    this.#nextRoundMs = nowMs + Math.max(settings.tablesMs, Math.min(tookMs * pauseShare, pauseMsMax))
    this.#roundStartMs = undefined
  }

  #haveAllToWait(nowMs: number): boolean {
    const { tables } = this.#options
    return (tables.failures.retryAtMs(tables.due) ?? nowMs) > nowMs
  }
}
