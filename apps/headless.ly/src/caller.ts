// The one place where a request becomes an actor. There is no authentication yet: whoever reaches the server is
// `anonymous`. When there is, this is where it comes in.

import { ObjectError } from 'digital-objects'
import type { Caller } from 'objects.do'
import { isTenantSlug } from './tenant-slug.ts'

/** Throws an ObjectError `invalid_tenant`. */
export function callerOf(options: {
  readonly headers: Headers
  readonly tenant: string
  readonly publicUrl: string
}): Caller {
  const { headers, tenant, publicUrl } = options
  if (!isTenantSlug(tenant)) {
    throw new ObjectError({
      code: 'invalid_tenant',
      field: 'tenant',
      message: `a tenant is 2 to 64 lower-case letters, digits and hyphens, got '${tenant.slice(0, 64)}'`,
    })
  }
  const bookmark = headers.get('x-headlessly-bookmark')
  return {
    tenant,
    context: `${publicUrl}/~${tenant}`,
    actor: 'anonymous',
    via: 'rest',
    ...(bookmark === null ? {} : { bookmark }),
  }
}

/** Whether who sent this may read the tenant, beyond what it can prove by keys of the lake. */
export async function mayReadTenant(_request: Request, _tenant: string): Promise<boolean> {
  return true // whoever reaches the server, which listens on loopback only
}
