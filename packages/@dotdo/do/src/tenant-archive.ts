// The archive of a whole tenant, read from one that has data and loaded into one that has nothing.

import { ObjectError } from 'digital-objects'
import { beginTenant } from './begin-tenant.ts'
import { reloadTenant } from './compose-tenant.ts'
import { FileCommands } from './file-commands.ts'
import { type ArchiveMember, type ArchivePage, readMembers } from './restore/archive-members.ts'
import { eventsOfLoad, formatLoad, parseArchiveHead } from './restore/load-archive.ts'
import type { TenantLossOptions } from './tenant-loss.ts'
import type { TenantName } from './write/store-commit-options.ts'

export class TenantArchive {
  readonly #options: TenantLossOptions

  constructor(options: TenantLossOptions) {
    this.#options = options
  }

  /** `at` is empty at first, and then `next` of the page before. */
  async read(at: string): Promise<ArchivePage> {
    const { parts, options, isReady } = this.#options
    if (!isReady()) throw new ObjectError({ code: 'not_found', field: 'tenant', message: 'this tenant has no data' })
    const { events, lake } = parts
    const fetch = async (seqs: readonly number[]): Promise<void> => lake?.fetchArchived(seqs)
    return readMembers({ sql: options.storage.sql, events, fetch }, at)
  }

  /** Begins to load an archive, or continues. Throws an ObjectError `conflict` if the tenant has data. */
  async begin(tenant: TenantName, head: string, isEmpty: () => Promise<boolean>): Promise<void> {
    const { parts, options, isReady } = this.#options
    const { events } = parseArchiveHead(head)
    const text = formatLoad(events)
    const begun = parts.meta.get('restoring')
    if (begun === text) return
    if (begun !== undefined && eventsOfLoad(begun) !== undefined)
      throw new ObjectError({
        code: 'conflict',
        field: 'archive',
        message: `the load of another archive into '${tenant.name}' has begun: send that one again, or delete the tenant first`,
      })
    if (isReady() || begun !== undefined || !(await isEmpty()))
      throw new ObjectError({
        code: 'conflict',
        field: 'tenant',
        message: `an archive is loaded into a tenant that has nothing, and '${tenant.name}' has data or files`,
      })
    options.storage.transactionSync(() => {
      beginTenant(parts, options, tenant)
      parts.meta.set('context', tenant.context)
      parts.meta.set('restoring', text)
    })
  }

  async load(member: ArchiveMember): Promise<void> {
    const { files } = this.#loading()
    await files.loadMember(member, () => reloadTenant(this.#options.parts))
  }

  async finish(): Promise<{ readonly events: number; readonly entities: number }> {
    const { files, expected } = this.#loading()
    const { parts, options, open } = this.#options
    const report = await files.finishArchive(expected, () => reloadTenant(parts))
    parts.meta.set('restored', parts.meta.get('epoch') ?? '')
    options.storage.sql.exec("DELETE FROM meta WHERE key = 'restoring'")
    parts.meta.reload()
    open()
    parts.runner.rescheduleAll()
    return report
  }

  #loading(): { readonly files: FileCommands; readonly expected: number } {
    const { parts, options, isReady } = this.#options
    const { lake, meta } = parts
    const expected = eventsOfLoad(meta.get('restoring') ?? '')
    if (lake === undefined || expected === undefined || isReady())
      throw new ObjectError({
        code: 'conflict',
        field: 'archive',
        message: 'no archive is being loaded: begin with archive.json',
      })
    return { files: new FileCommands({ parts, lake, storage: options.storage }), expected }
  }
}
