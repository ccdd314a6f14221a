// Ways into a tenant: an owner of the server becomes an owner of the tenant, which begins with that if it does not exist, and a
// tenant invites a person. Each step may be repeated, so a request that was cut off is simply sent again.

import { fullAuthority, ObjectError } from 'digital-objects'
import { type Caller, requireFullAuthority } from 'objects.do'
import type { Account, Person } from 'oauth.do/directory'
import type { Env } from '../base/env.ts'
import { isTenantSlug } from '../base/tenant-slug.ts'
import { askTenantAs, findUser, parseUser, type TenantUser } from './ask-tenant-as.ts'
import { directoryOf } from './directory-of.ts'

export interface Joining {
  /** The time at which the clock of a new test tenant begins, before the first event dates it. */
  readonly now?: string | undefined
  readonly env: Env
  readonly person: Person
  readonly tenant: string
  /** The address of the tenant, for its events. */
  readonly context: string
}

/** Returns the id of the tenant's `User` for this person, who is active and has the role Owner. */
export async function becomeOwner({ env, person, tenant, context, now }: Joining): Promise<string> {
  if (!person.account.isOwner)
    throw new ObjectError({ code: 'forbidden', message: 'only an owner of the server may begin or join a tenant' })
  if (!isTenantSlug(tenant))
    throw new ObjectError({
      code: 'invalid_tenant',
      field: 'tenant',
      message: `tenant: expects 2 to 64 lower-case letters, digits and hyphens, got '${tenant.slice(0, 64)}'`,
    })
  const caller: Caller = { tenant, context, authority: fullAuthority('owner'), via: 'rest' }
  // A repeated request finds the owner that the first one made.
  if (now !== undefined && (await findUser(env, caller, person.account.email)) === undefined)
    await askTenantAs(env, caller, { kind: 'write', noun: '', verb: 'clock.set', body: JSON.stringify({ now }) })
  return makeOwner(env, caller, person.account)
}

/** Returns the id of the tenant's `User` for the account, whom the caller makes an active owner. */
export async function makeOwner(env: Env, caller: Caller, { name, email }: Account): Promise<string> {
  const user = await findUser(env, caller, email)
  const write = { kind: 'write', noun: 'User' } as const
  if (user === undefined) {
    const body = JSON.stringify({ name, email, role: 'Owner', status: 'Active' })
    return parseUser(await askTenantAs(env, caller, { ...write, verb: 'create', body })).$id
  }
  if (user.status !== 'Active') await askTenantAs(env, caller, { ...write, verb: 'activate', id: user.$id, body: '{}' })
  if (user.role !== 'Owner')
    await askTenantAs(env, caller, { ...write, verb: 'update', id: user.$id, body: '{"role":"Owner"}' })
  return user.$id
}

export interface Inviting {
  readonly env: Env
  /** The inviter. Needs full authority, since an invitation gives rights. */
  readonly caller: Caller
  readonly email: string
  readonly name: string | undefined
  readonly role: string | undefined
}

export interface Invited {
  readonly user: string
  readonly code: string
  readonly endsMs: number
}

/** Invites a person, who becomes a user of the tenant with the status Invited. An earlier link of the same user ends. */
export async function invite({ env, caller, email, name, role }: Inviting): Promise<Invited> {
  requireFullAuthority(caller, 'invitations')
  const found = await findUser(env, caller, email)
  if (found?.status === 'Suspended')
    throw new ObjectError({
      code: 'invalid_transition',
      field: 'email',
      message: `email: the user ${found.$id} is suspended; activate it first`,
    })
  const user = found ?? (await createInvited({ env, caller, email, name, role }))
  const link = await directoryOf(env).invite({ tenant: caller.tenant, user: user.$id, email: user.email })
  return { user: user.$id, ...link }
}

async function createInvited({ env, caller, email, name, role }: Inviting): Promise<TenantUser> {
  const fields = { email, ...(name === undefined ? {} : { name }), role: role ?? 'Member' }
  const call = { kind: 'write', noun: 'User', verb: 'invite', body: JSON.stringify(fields) } as const
  return parseUser(await askTenantAs(env, caller, call))
}
