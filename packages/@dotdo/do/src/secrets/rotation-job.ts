// Encrypts the secrets of older keys by the newest key, after the server was started with one more.

import type { Job, RetryRule } from '../jobs/job.ts'
import { requestsLane } from '../requests/request-sweep-job.ts'
import type { SecretStore } from './secret-store.ts'

export class RotationJob implements Job {
  readonly name = 'secrets'
  readonly clock = 'real'
  readonly lane = requestsLane
  readonly retry: RetryRule = { firstMs: 60_000, factor: 4, maxMs: 86_400_000 }
  readonly #secrets: SecretStore

  constructor(secrets: SecretStore) {
    this.#secrets = secrets
  }

  dueMs(nowMs: number): number | undefined {
    return this.#secrets.isStale ? nowMs : undefined
  }

  async step(): Promise<boolean> {
    if (!this.#secrets.isStale) return false
    await this.#secrets.rotate()
    return true
  }
}
