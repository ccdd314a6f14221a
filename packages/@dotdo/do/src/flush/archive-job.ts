// Keeps the log's table small. One step merges some of its files, expires snapshots, or trims old texts from the log.

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

  /** Returns false while texts cannot be trimmed, because work is still owed for their events. */
  step(): Promise<boolean> {
    return this.#archive.tidy()
  }
}
