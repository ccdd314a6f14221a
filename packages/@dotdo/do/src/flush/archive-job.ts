// Keeps the log's table small: one step merges some of its files, expires snapshots, or lets old texts leave the object.

import type { Job } from '../jobs/job.ts'
import type { EventArchive } from './event-archive.ts'
import { filesLane, storeRetry } from './files-lane.ts'

export class ArchiveJob implements Job {
  readonly name = 'archive'
  readonly clock = 'real'
  readonly lane = filesLane
  readonly retry = storeRetry
  readonly #archive: EventArchive

  constructor(archive: EventArchive) {
    this.#archive = archive
  }

  dueMs(nowMs: number): number | undefined {
    return this.#archive.isUntidy ? nowMs : this.#archive.nextTidyMs
  }

  /** Returns false while texts cannot leave yet, because work is owed for their events. */
  step(): Promise<boolean> {
    return this.#archive.tidy()
  }
}
