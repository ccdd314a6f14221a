// Deletes files that no manifest and no snapshot names, after readers of older manifests have had time to finish.

import type { ObjectStore } from '@dotdo/db'
import type { Job } from '../jobs/job.ts'
import { filesLane, storeRetry } from './files-lane.ts'
import type { LakeState } from './lake-state.ts'
import type { Manifests } from './manifests.ts'

export interface GarbageJobOptions {
  readonly store: ObjectStore
  readonly lake: LakeState
  readonly manifests: Manifests
  readonly now: () => number
}

const keysPerStep = 500

export class GarbageJob implements Job {
  readonly name = 'garbage'
  readonly clock = 'real'
  readonly lane = filesLane
  readonly freesSpace = true
  readonly retry = storeRetry
  readonly #options: GarbageJobOptions

  constructor(options: GarbageJobOptions) {
    this.#options = options
  }

  dueMs(): number | undefined {
    return this.#options.lake.nextGarbageMs
  }

  /** Deletes files that are due. Keys that the store fails to delete stay recorded. */
  async step(): Promise<boolean> {
    const { lake, manifests, now, store } = this.#options
    const keys = lake.garbageDue(now(), keysPerStep)
    if (keys.length === 0) return false
    await manifests.ensurePublished()
    // Publishing has postponed the due files.
    if (lake.garbageDue(now(), 1).length === 0) return true
    await store.delete(keys)
    lake.keep(keys)
    return true
  }
}
