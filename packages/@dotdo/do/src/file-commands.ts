// The operator's commands on a tenant's files. Each has the files for itself while it runs.

import type { TenantParts } from './compose-tenant.ts'
import { schedulesLane } from './write/schedule-job.ts'
import { filesLane } from './flush/files-lane.ts'
import { type RebuildOptions, type RebuildReport, rebuildTenant } from './flush/rebuild-tenant.ts'
import { dropShadows } from './flush/state-shadows.ts'
import type { ArchiveMember } from './restore/archive-members.ts'
import { finishArchive, loadMember } from './restore/load-archive.ts'
import {
  type RestoreOptions,
  type RestoreReport,
  type RestoreRequest,
  restoreTenant,
} from './restore/restore-tenant.ts'
import type { TenantLake } from './flush/tenant-lake.ts'
import { type VerifyOptions, type VerifyReport, verifyTenant } from './flush/verify-tenant.ts'

export class FileCommands {
  readonly #parts: TenantParts
  readonly #lake: TenantLake
  readonly #storage: DurableObjectStorage
  readonly #verify: VerifyOptions['verifyMore']

  constructor(options: {
    readonly parts: TenantParts
    readonly lake: TenantLake
    readonly storage: DurableObjectStorage
    readonly verify?: VerifyOptions['verifyMore']
  }) {
    this.#parts = options.parts
    this.#lake = options.lake
    this.#storage = options.storage
    this.#verify = options.verify
  }

  /** Brings the files up to the log; returns the `seq` that they reach. */
  async flush(): Promise<{ readonly seq: number; readonly revision: number }> {
    await this.#parts.runner.drain(filesLane)
    return this.#lake.position
  }

  /** Compares log, state and files. */
  verify(): Promise<VerifyReport> {
    return this.#parts.runner.exclusively(filesLane, () =>
      verifyTenant({ ...this.#options(), verifyMore: this.#verify }),
    )
  }

  /** Rebuilds state, files and Iceberg table from the log. */
  async rebuild(): Promise<RebuildReport> {
    const { runner, schedules, pastValues, vectors } = this.#parts
    const report = await runner.exclusively(filesLane, () => rebuildTenant(this.#options()))
    pastValues.forget()
    vectors.recheck()
    schedules.recomputeAll()
    runner.reschedule(schedulesLane)
    return report
  }

  /** Restores everything from the lake. Call it while nothing else uses the tenant. */
  async restore(request: RestoreRequest, reload: () => void): Promise<RestoreReport> {
    const { runner, schedules } = this.#parts
    const report = await runner.exclusively(filesLane, () => restoreTenant(this.#restoreOptions(reload), request))
    schedules.recomputeAll()
    return report
  }

  /** Loads a part of an archive. Call it while nothing else uses the tenant. */
  loadMember(member: ArchiveMember, reload: () => void): Promise<void> {
    return this.#parts.runner.exclusively(filesLane, () => loadMember(this.#restoreOptions(reload), member))
  }

  async finishArchive(expected: number, reload: () => void): ReturnType<typeof finishArchive> {
    const { runner, schedules } = this.#parts
    const report = await runner.exclusively(filesLane, () => finishArchive(this.#restoreOptions(reload), expected))
    schedules.recomputeAll()
    return report
  }

  #restoreOptions(reload: () => void): RestoreOptions {
    const { catalog, events, state, meta } = this.#parts
    const { now, settings } = this.#lake.parts
    return { ...this.#options(), events, state, catalog, meta, now, settings, reload }
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
