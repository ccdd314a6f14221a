// A tenant's name in paths, keys and files: characters that need no escaping in any of them.

import { ObjectError } from 'digital-objects'

export const slugPattern = /^[a-z0-9][a-z0-9-]{0,62}[a-z0-9]$/

/** Names that a program sends by mistake: a missing or wrong value, written as text. */
const mistakes: readonly string[] = ['undefined', 'null', 'nan', 'true', 'false']

/** Paths with this name belong to anonymous callers. */
const reserved = 'try'

/** Throws an ObjectError for a name that no new tenant may have. */
export function checkNewTenant(name: string): void {
  if (name === reserved) {
    const message = `'${name}' cannot name a tenant: its paths are those of callers who try the server`
    throw new ObjectError({ code: 'invalid_tenant', field: 'tenant', message })
  }
  if (!mistakes.includes(name)) return
  const message = `'${name}' cannot name a tenant: a program has probably sent a missing value as the tenant's name`
  throw new ObjectError({ code: 'invalid_tenant', field: 'tenant', message })
}

export function isTenantSlug(text: string): boolean {
  return slugPattern.test(text)
}
