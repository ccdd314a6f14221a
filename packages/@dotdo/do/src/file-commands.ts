// The operator's commands on a tenant's files. Each has the files for itself while it runs.

import type { TenantParts } from './compose-tenant.ts'
import { schedulesLane } from './write/schedule-job.ts'
import { filesLane } from './flush/files-lane.ts'
import { type RebuildOptions, type RebuildReport, rebuildTenant } from './flush/rebuild-tenant.ts'
import { dropShadows } from './flush/state-shadows.ts'
import type { TenantLake } from './flush/tenant-lake.ts'
import { type VerifyOptions, type VerifyReport, verifyTenant } from './flush/verify-tenant.ts'

export class FileCommands {
  readonly #parts: TenantParts
  readonly #lake: TenantLake
  readonly #storage: DurableObjectStorage

  constructor(options: {
    readonly parts: TenantParts
    readonly lake: TenantLake
    readonly storage: DurableObjectStorage
  }) {
    this.#parts = options.parts
    this.#lake = options.lake
    this.#storage = options.storage
  }

  /** Brings the files up to the log; returns the `seq` that they reach. */
  async flush(): Promise<{ readonly seq: number; readonly revision: number }> {
    await this.#parts.runner.drain(filesLane)
    return this.#lake.position
  }

  /** Compares log, state and files. */
  verify(): Promise<VerifyReport> {
    return this.#parts.runner.exclusively(filesLane, () => verifyTenant(this.#options()))
  }

  /** Rebuilds state, files and Iceberg table from the log. */
  async rebuild(): Promise<RebuildReport> {
    const { runner, schedules, pastValues } = this.#parts
    const report = await runner.exclusively(filesLane, () => rebuildTenant(this.#options()))
    pastValues.forget()
    schedules.recomputeAll()
    runner.reschedule(schedulesLane)
    return report
  }

  /** Drops the tables that a killed rebuild has left. Logs a failure, after which the next start or rebuild tries again. */
  async dropShadows(log: (message: string) => void): Promise<void> {
    const { runner, pausing } = this.#parts
    try {
      await runner.exclusively(filesLane, () => dropShadows(this.#storage.sql, pausing()))
    } catch (error) {
      log(`the tables of a killed rebuild could not be dropped: ${String(error)}`)
    }
  }

  #options(): VerifyOptions & RebuildOptions {
    const { events, state, text, past, catalog, pausing } = this.#parts
    const tables = { storage: this.#storage, sql: this.#storage.sql, events, state, text, past, lake: this.#lake }
    return { ...tables, pause: pausing(), lookup: catalog.lookup, catalog: () => catalog.current }
  }
}
