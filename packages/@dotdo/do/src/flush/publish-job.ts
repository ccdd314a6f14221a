// Publishes the recorded manifest if readers have an older one, because of a crash or a failing store in between.

import type { Job } from '../jobs/job.ts'
import { filesLane, storeRetry } from './files-lane.ts'
import type { Manifests } from './manifests.ts'

export class PublishJob implements Job {
  readonly name = 'publish'
  readonly clock = 'real'
  readonly lane = filesLane
  readonly retry = storeRetry
  readonly #manifests: Manifests

  constructor(manifests: Manifests) {
    this.#manifests = manifests
  }

  dueMs(nowMs: number): number | undefined {
    return this.#manifests.isUnpublished ? nowMs : undefined
  }

  step(): Promise<boolean> {
    return this.#manifests.publish()
  }
}
