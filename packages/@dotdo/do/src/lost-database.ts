// Notices that a tenant's database is missing although the lake has its files.

import type { ObjectStore } from '@dotdo/db'

export class LostDatabase {
  /** The name of a tenant that is known to have no files. */
  #newTenant: string | undefined

  /** Describes the loss of the database of a tenant without tables; undefined if it was never made. */
  async describe(store: ObjectStore, tenant: string): Promise<string | undefined> {
    if (this.#newTenant === tenant) return undefined
    const { objects } = await store.list({ prefix: `${tenant}/`, limit: 1 })
    const [file] = objects
    if (file !== undefined) {
      return (
        `the database of '${tenant}' is missing, but the lake has files of this tenant, such as '${file.key}': ` +
        'restore it from its lake (headlessly restore), or stop the server and restore the folders objects and lake from one ' +
        'backup, or move these files away to start afresh'
      )
    }
    this.#newTenant = tenant
    return undefined
  }
}
