// The names of tenants from before the registry, which imports them once. The embedded server asks each stored object for
// its name. Elsewhere objects cannot be listed, and the folders of the lake are the names of the tenants that were flushed;
// the others are registered by their next request.

import { DiskObjectStore } from '@dotdo/db'
import { tenantsKey } from '../base/bindings.ts'
import type { Env } from '../base/env.ts'
import { objectStoreOf } from '../base/object-store-of.ts'
import { isTenantSlug } from '../base/tenant-slug.ts'

interface EarlierTenants {
  readonly names: readonly string[]
  readonly next: string | null
}

/** Objects or folders of one page. */
const pageMax = 50
const databasePattern = /^([0-9a-f]{64})\.sqlite$/

/** `position` is empty at first. */
export async function earlierTenants(env: Env, position: string): Promise<EarlierTenants> {
  return env.OBJECTS_DISK === undefined ? fromLake(env, position) : fromObjects(env, env.OBJECTS_DISK, position)
}

async function fromObjects(
  env: Env,
  disk: NonNullable<Env['OBJECTS_DISK']>,
  position: string,
): Promise<EarlierTenants> {
  const { TENANTS } = env
  const store = new DiskObjectStore({ disk })
  const { objects, hasMore } = await store.list({ prefix: `${tenantsKey}/`, after: position, limit: pageMax })
  const names: string[] = []
  for (const { key } of objects) {
    const id = databasePattern.exec(key.slice(tenantsKey.length + 1))?.[1]
    if (id === undefined) continue
    const object = TENANTS.get(TENANTS.idFromString(id))
    const name = await object.identify()
    if (name !== null) names.push(name)
    // Otherwise each would stay open for a minute. Ending one rejects.
    await object.rest().catch(() => true)
  }
  return { names, next: hasMore ? (objects.at(-1)?.key ?? null) : null }
}

async function fromLake(env: Env, position: string): Promise<EarlierTenants> {
  const store = objectStoreOf(env)
  const names: string[] = []
  for (let after = position; store !== undefined && names.length < pageMax;) {
    const { objects } = await store.list({ prefix: '', after, limit: 1 })
    const [folder = ''] = (objects[0]?.key ?? '').split('/', 1)
    if (folder === '') return { names, next: null }
    if (isTenantSlug(folder)) names.push(folder)
    // '0' is the character after '/', so this skips the rest of the folder.
    after = `${folder}0`
    if (names.length === pageMax) return { names, next: after }
  }
  return { names, next: null }
}
