// A tenant whose database is lost: it is named as such, and restored from the lake. Until the end of that it counts as lost.

import { ObjectError } from 'digital-objects'
import { beginTenant } from './begin-tenant.ts'
import { reloadTenant, type TenantParts, type TenantStoreOptions } from './compose-tenant.ts'
import { FileCommands } from './file-commands.ts'
import { LostDatabase } from './lost-database.ts'
import { eventsOfLoad } from './restore/load-archive.ts'
import type { RestoreReport, RestoreRequest } from './restore/restore-tenant.ts'
import type { TenantName } from './write/store-commit-options.ts'

export interface TenantLossOptions {
  readonly parts: TenantParts
  readonly options: TenantStoreOptions
  readonly isReady: () => boolean
  /** Opens the store once its database is there. */
  readonly open: () => void
}

export class TenantLoss {
  readonly #options: TenantLossOptions
  readonly #lost = new LostDatabase()
  #isRestoring = false

  constructor(options: TenantLossOptions) {
    this.#options = options
  }

  /**
   * Throws an ObjectError `database_lost` if only the lake has the tenant: a write would begin a new log over its files; or `conflict`
   * while an archive is being loaded.
   */
  async requireDatabase(tenant: string): Promise<void> {
    const fault = await this.fault(tenant)
    if (fault !== undefined) throw fault
  }

  /** Describes the loss of this tenant's database; undefined if it is there, or was never made. */
  async describe(tenant: string): Promise<string | undefined> {
    return (await this.fault(tenant))?.message
  }

  /** The error of calls that need the tenant's database; undefined if it is there, or was never made. */
  async fault(tenant: string): Promise<ObjectError | undefined> {
    const { parts, isReady } = this.#options
    if (isReady() || parts.lake === undefined) return undefined
    const begun = parts.meta.get('restoring')
    if (begun !== undefined && eventsOfLoad(begun) !== undefined) {
      const message = `an archive is being loaded into '${tenant}', and its load has not ended: send the same file again, or delete the tenant`
      return new ObjectError({ code: 'conflict', field: 'archive', message })
    }
    const message =
      begun === undefined
        ? await this.#lost.describe(parts.lake.store, tenant)
        : `a restore of '${tenant}' has begun and not ended: repeat it, and it goes on where it stopped`
    return message === undefined ? undefined : new ObjectError({ code: 'database_lost', message })
  }

  /**
   * Restores the tenant from the lake, in place of a database that is lost, or as a copy of another tenant. Throws an ObjectError
   * `not_found` if there is nothing to restore, and `conflict` if the tenant has a database or another restore has begun.
   */
  async restore(tenant: TenantName, request: Partial<RestoreRequest>): Promise<RestoreReport> {
    const { parts, isReady, open } = this.#options
    if (isReady() || this.#isRestoring) throw notLost(tenant.name, isReady())
    this.#isRestoring = true
    try {
      const report = await this.#restore(tenant, request)
      open()
      parts.runner.rescheduleAll()
      return report
    } finally {
      this.#isRestoring = false
    }
  }

  async #restore(
    tenant: TenantName,
    { from = tenant.name, throughMs }: Partial<RestoreRequest>,
  ): Promise<RestoreReport> {
    const { parts, options } = this.#options
    const { lake, meta } = parts
    const { storage } = options
    if (lake === undefined)
      throw new ObjectError({ code: 'not_configured', message: 'this server has no object store for files' })
    const text = JSON.stringify({ from, throughMs })
    const begun = meta.get('restoring')
    if (begun !== undefined && begun !== text)
      throw new ObjectError({ code: 'conflict', field: 'from', message: `another restore has begun: ${begun}` })
    await requireSource({ lost: this.#lost, from, throughMs, tenant: tenant.name, store: lake.store })
    if (begun === undefined)
      storage.transactionSync(() => {
        beginTenant(parts, options, tenant)
        meta.set('context', tenant.context)
        meta.set('restoring', text)
      })
    const commands = new FileCommands({ parts, lake, storage })
    const report = await commands.restore({ from, throughMs }, () => reloadTenant(parts))
    // Before the tenant opens: it stays closed until they are performed.
    await parts.erasures.followRecorded()
    meta.set('restored', meta.get('epoch') ?? '')
    storage.sql.exec("DELETE FROM meta WHERE key = 'restoring'")
    meta.reload()
    return report
  }
}

async function requireSource(of: {
  readonly lost: LostDatabase
  readonly store: Parameters<LostDatabase['describe']>[0]
  readonly from: string
  readonly tenant: string
  readonly throughMs: number | undefined
}): Promise<void> {
  const { lost, store, from, tenant, throughMs } = of
  const isOwn = from === tenant
  if (isOwn && throughMs !== undefined)
    throw new ObjectError({
      code: 'invalid_parameter',
      field: 'at',
      message: 'an earlier time is restored into another tenant, so that nothing is lost: name this one in from',
    })
  if (isOwn && (await lost.describe(store, tenant)) === undefined)
    throw new ObjectError({ code: 'not_found', field: 'tenant', message: `the lake has no files of '${tenant}'` })
}

function notLost(tenant: string, isReady: boolean): ObjectError {
  const message = isReady
    ? `the tenant '${tenant}' has a database: restore into another tenant, or delete this one first`
    : `a restore of '${tenant}' is running`
  return new ObjectError({ code: 'conflict', field: 'tenant', message })
}
