// Makes an owner of the server an owner of a tenant, which begins with that if it does not exist. Each step may be repeated, so
// a request that was cut off is simply sent again.

import { type Call, fullAuthority, ObjectError } from 'digital-objects'
import { type Caller, parseAnswer } from 'objects.do'
import type { Person } from 'oauth.do/directory'
import type { Env } from '../base/env.ts'
import { isTenantSlug } from '../base/tenant-slug.ts'
import { tenantsOf } from '../tenants/tenant-directory.ts'

export interface Joining {
  readonly env: Env
  readonly person: Person
  readonly tenant: string
  /** The address of the tenant, for its events. */
  readonly context: string
}

interface FoundUser {
  readonly $id: string
  readonly role?: string
  readonly status?: string
}

/** Returns the id of the tenant's `User` for this person, who is active and has the role Owner. */
export async function becomeOwner({ env, person, tenant, context }: Joining): Promise<string> {
  if (!person.account.isOwner)
    throw new ObjectError({ code: 'forbidden', message: 'only an owner of the server may begin or join a tenant' })
  if (!isTenantSlug(tenant))
    throw new ObjectError({
      code: 'invalid_tenant',
      field: 'tenant',
      message: `tenant: expects 2 to 64 lower-case letters, digits and hyphens, got '${tenant.slice(0, 64)}'`,
    })
  const caller: Caller = { tenant, context, authority: fullAuthority('owner'), via: 'rest' }
  const ask = async (call: Call): Promise<string> => {
    const [text = ''] = await tenantsOf(env).ask({ caller, calls: [call] })
    const answer = parseAnswer(text)
    if (answer.ok) return answer.body
    throw new ObjectError(answer.error)
  }
  const { name, email } = person.account
  const found = await ask({ kind: 'read', read: 'find', noun: 'User', parameters: { email, strong: 'true' } })
  const [user] = (JSON.parse(found) as { readonly results: readonly FoundUser[] }).results
  const write = { kind: 'write', noun: 'User' } as const
  if (user === undefined) {
    const body = JSON.stringify({ name, email, role: 'Owner', status: 'Active' })
    return (JSON.parse(await ask({ ...write, verb: 'create', body })) as FoundUser).$id
  }
  if (user.status !== 'Active') await ask({ ...write, verb: 'activate', id: user.$id, body: '{}' })
  if (user.role !== 'Owner') await ask({ ...write, verb: 'update', id: user.$id, body: '{"role":"Owner"}' })
  return user.$id
}
