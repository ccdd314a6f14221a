// The registry: one Durable Object of a server that holds the names of its tenants. A name is registered before the first
// write of its tenant, and removed after the last trace of the tenant has been deleted. So a crash can leave a registered
// name without data, which is an empty tenant, but never data whose deletion has been forgotten.

import { DurableObject } from 'cloudflare:workers'
import type { Registration, RegisteredTenant } from './tenant-names.ts'
import { TenantNames } from './tenant-names.ts'

/** A tenant's object, as the registry deletes it. */
export interface ErasableTenant {
  /** Deletes a slice of the tenant's data. From the first call on, the object refuses every other call. */
  erase(name: string): Promise<{ readonly isDone: boolean }>
  /** Ends the object, so that the next call finds it as new. Rejects, because it ends with an error. */
  end(): Promise<void>
}

export interface RegistryParts {
  readonly tenant: (name: string) => ErasableTenant
  /** Returns a page of tenants from before the registry, and where the next page starts; null after the last. */
  readonly earlierTenants: (
    position: string,
  ) => Promise<{ readonly names: readonly string[]; readonly next: string | null }>
}

export interface TenantPage {
  readonly tenants: readonly RegisteredTenant[]
  readonly hasMore: boolean
  /** False while the import of tenants from before the registry goes on. */
  readonly isComplete: boolean
}

const imported = 'done'
/** The time that a caller waits for a deletion. The rest continues in the background. */
const waitMsMax = 20_000
const retryMs = 2_000

export abstract class RegistryDurableObject<Env> extends DurableObject<Env> {
  readonly #names: TenantNames
  readonly #parts: RegistryParts
  /** Deletions in progress, by name. */
  readonly #deletions = new Map<string, Promise<void>>()

  constructor(ctx: DurableObjectState, env: Env, parts: RegistryParts) {
    super(ctx, env)
    this.#parts = parts
    this.#names = new TenantNames(ctx.storage)
    if (this.#hasWork) void ctx.storage.setAlarm(Date.now())
  }

  find(name: string): Registration {
    const tenant = this.#names.find(name)
    if (tenant === undefined) return 'absent'
    return tenant.isBeingDeleted ? 'being-deleted' : 'present'
  }

  details(name: string): RegisteredTenant | null {
    return this.#names.find(name) ?? null
  }

  /** Registers a tenant, and returns whether it is present. A tenant that is being deleted is not. */
  add(name: string): boolean {
    this.#names.add(name, Date.now())
    return this.find(name) === 'present'
  }

  list({ after, limit }: { readonly after: string; readonly limit: number }): TenantPage {
    const tenants = this.#names.list(after, limit + 1)
    return {
      tenants: tenants.slice(0, limit),
      hasMore: tenants.length > limit,
      isComplete: this.#names.getMeta('import') === imported,
    }
  }

  /** Deletes a tenant, and returns whether that is done; if not, it continues in the background. */
  async delete(name: string): Promise<boolean> {
    this.#names.markDeleting(name, Date.now())
    if (this.find(name) === 'absent') return true
    await this.ctx.storage.setAlarm(Date.now() + retryMs)
    const timedOut = new Promise<void>((resolve) => setTimeout(resolve, waitMsMax))
    await Promise.race([this.#erase(name), timedOut])
    return this.find(name) === 'absent'
  }

  /** Continues what a crash or a failing store has interrupted. */
  override async alarm(): Promise<void> {
    try {
      await this.#importSome()
      for (const name of this.#names.deleting(1)) await this.#erase(name)
    } finally {
      if (this.#hasWork) await this.ctx.storage.setAlarm(Date.now() + retryMs)
    }
  }

  get #hasWork(): boolean {
    return this.#names.getMeta('import') !== imported || this.#names.deleting(1).length > 0
  }

  #erase(name: string): Promise<void> {
    const running = this.#deletions.get(name)
    if (running !== undefined) return running
    const deletion = this.#eraseAll(name).finally(() => this.#deletions.delete(name))
    this.#deletions.set(name, deletion)
    return deletion
  }

  /** Each step may be repeated, so this may end at any line and start again. */
  async #eraseAll(name: string): Promise<void> {
    const tenant = this.#parts.tenant(name)
    while (!(await tenant.erase(name)).isDone);
    await tenant.end().catch(() => {
      // The object has ended, as asked.
    })
    this.#names.remove(name)
  }

  async #importSome(): Promise<void> {
    for (let position = this.#names.getMeta('import') ?? ''; position !== imported;) {
      const { names, next } = await this.#parts.earlierTenants(position)
      for (const name of names) this.#names.add(name, Date.now())
      position = next ?? imported
      this.#names.setMeta('import', position)
    }
  }
}
