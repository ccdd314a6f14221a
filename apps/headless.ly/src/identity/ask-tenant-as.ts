// Calls that the server itself makes in a tenant, for people: their users are entities of the tenant.

import { type Call, fullAuthority, ObjectError } from 'digital-objects'
import { type Caller, parseAnswer } from 'objects.do'
import type { Env } from '../base/env.ts'
import { tenantsOf } from '../tenants/tenant-directory.ts'

export interface TenantUser {
  readonly $id: string
  readonly $version: number
  readonly email: string
  readonly role?: string
  readonly status?: string
}

/** Returns the body of the answer. Rejects with the ObjectError of a refusal. */
export async function askTenantAs(env: Env, caller: Caller, call: Call): Promise<string> {
  const [text = ''] = await tenantsOf(env).ask({ caller, calls: [call] })
  const answer = parseAnswer(text)
  if (answer.ok) return answer.body
  throw new ObjectError(answer.error)
}

export async function findUser(env: Env, caller: Caller, email: string): Promise<TenantUser | undefined> {
  // An address has one spelling in the tenant.
  const parameters = { email: email.trim().toLowerCase() }
  const body = await askTenantAs(env, caller, { kind: 'read', read: 'find', noun: 'User', parameters })
  return (JSON.parse(body) as { readonly results: readonly TenantUser[] }).results[0] // made by our own read
}

export function parseUser(body: string): TenantUser {
  return JSON.parse(body) as TenantUser // made by our own write
}

/** Activates a user who has accepted an invitation. Does nothing for one that was suspended or deleted meanwhile. */
export async function activateUser(env: Env, tenant: string, id: string): Promise<void> {
  const context = `${env.PUBLIC_URL ?? 'http://localhost'}/~${tenant}`
  const caller: Caller = { tenant, context, authority: fullAuthority(id), via: 'system' }
  if (!(await tenantsOf(env).exists(tenant))) return
  try {
    const found = await askTenantAs(env, caller, { kind: 'read', read: 'get', noun: 'User', id, parameters: {} })
    const { status, $version } = parseUser(found)
    if (status !== 'Invited') return
    const write = { kind: 'write', noun: 'User', verb: 'activate', id, body: '{}', ifVersion: $version } as const
    await askTenantAs(env, caller, write)
  } catch (error) {
    const isOver = error instanceof ObjectError && error.code === 'not_found'
    if (!isOver) throw error
  }
}
