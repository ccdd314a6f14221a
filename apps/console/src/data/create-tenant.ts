// The first start: creates a tenant by its first write.

import { HeadlesslyError } from '@headlessly/sdk'
import { account, clientOf, tenants } from './workspace.ts'

export interface NewTenant {
  readonly tenant: string
  readonly currency: string
  readonly timeZone: string
}

/** Throws a HeadlesslyError `conflict` if the tenant has data. */
export async function createTenant({ tenant, currency, timeZone }: NewTenant): Promise<void> {
  await beginTenant(tenant)
  await clientOf(tenant).settings.update({ currency, timeZone })
}

/** A person who is signed in becomes the owner; on an open server the first write begins the tenant. */
async function beginTenant(tenant: string): Promise<void> {
  if (await refuseExisting(tenant)) await account.createTenant(tenant)
}

/** Throws a HeadlesslyError `conflict` if the tenant has data. Returns whether somebody is signed in. */
export async function refuseExisting(tenant: string): Promise<boolean> {
  const isSignedIn = (await account.read()) !== null
  const exists = isSignedIn ? await isListed(tenant) : (await clientOf(tenant).status()).events > 0
  if (exists) throw new HeadlesslyError({ code: 'conflict', field: 'tenant', message: `tenant '${tenant}' exists` })
  return isSignedIn
}

/** The list is in the order of names. An owner of the server would join a tenant that exists. */
async function isListed(tenant: string): Promise<boolean> {
  for (let cursor: string | null | undefined; cursor !== null;) {
    const page = await tenants.list({ limit: 1_000, ...(cursor === undefined ? {} : { cursor }) })
    if (page.results.some(({ name }) => name === tenant)) return true
    cursor = page.cursor
  }
  return false
}
