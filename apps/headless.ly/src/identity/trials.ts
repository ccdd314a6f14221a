// Trials: what an anonymous caller of a public server may have. Its first write begins a tenant of its own, with a key that ends
// after a day. Whoever claims the trial becomes its owner, and the key ends.

import { fullAuthority, type NounAuthority, ObjectError } from 'digital-objects'
import type { Caller } from 'objects.do'
import type { Account } from 'oauth.do/directory'
import type { Env } from '../base/env.ts'
import { requiresSignIn } from '../base/caller-of.ts'
import { registryOf, tenantsOf } from '../tenants/tenant-directory.ts'
import { askTenantAs } from './ask-tenant-as.ts'
import { directoryOf, valueOf } from './directory-of.ts'
import { makeOwner } from './join-tenant.ts'

/** The tenant's name in the paths of anonymous callers. */
export const trialSlug = 'try'
/** No slug, so no tenant has this name, and the vacant object answers. */
const nowhere = `~${trialSlug}`
const anonymous = 'anonymous'
/** The rights of a trial's key; see `guarded` in oauth.do. */
const trialScopes = 'read,write'
const trialLevel = 1
/** A trial has one key; the limit is for a server that was changed by hand. */
const keysMax = 100

export type TrialsSetting = 'members' | 'open'

/** Returns who may claim trials; undefined on a server that has none. Throws for a setting that is none. */
export function trialsOf(env: Pick<Env, 'TRIALS' | 'REQUIRE_SIGN_IN'>): TrialsSetting | undefined {
  const { TRIALS: setting = 'off' } = env
  if (setting !== 'off' && setting !== 'members' && setting !== 'open')
    throw new ObjectError({
      code: 'not_configured',
      field: 'TRIALS',
      message: 'expected TRIALS as off, members or open',
    })
  return setting === 'off' || !requiresSignIn(env) ? undefined : setting
}

/** Throws an ObjectError `not_found` on a server without trials. */
export function requireTrials(env: Env): TrialsSetting {
  const setting = trialsOf(env)
  if (setting !== undefined) return setting
  throw new ObjectError({ code: 'not_found', field: 'path', message: 'this server has no trials' })
}

const visible: NounAuthority = { read: 'all', write: 'none', hidden: [], verbs: [] }
const nothing: NounAuthority = { ...visible, read: 'none' }
const onlookers = {
  who: anonymous,
  nouns: { ApiKey: nothing, User: nothing, Agent: nothing },
  others: visible,
} as const

/** The caller without a proof, who sees schemas, and the demo tenant if the server has one. */
export function anonymousCaller(caller: Caller, { DEMO_TENANT: tenant = nowhere }: Pick<Env, 'DEMO_TENANT'>): Caller {
  return { ...caller, tenant, authority: onlookers }
}

export function isAnonymous({ authority }: Caller): boolean {
  return authority.who === anonymous && authority.through === undefined
}

export interface Trial {
  readonly tenant: string
  /** The key of the anonymous caller, which nothing else has. */
  readonly key: string
  readonly endsMs: number
}

/** Begins a trial for a sender at this address. Rejects with an ObjectError `rate_limited` if there are too many. */
export async function beginTrial(env: Env, of: { readonly address: string; readonly base: string }): Promise<Trial> {
  const { tenant, endsMs } = valueOf(await directoryOf(env).beginTrial(of.address))
  try {
    const expiresAt = new Date(endsMs).toISOString()
    const fields = { name: 'Trial', kind: 'Session', level: trialLevel, scopes: trialScopes, expiresAt }
    return { tenant, endsMs, key: await makeKey(env, systemOf(tenant, of.base), fields) }
  } catch (error) {
    await directoryOf(env).endTrial(tenant)
    throw error
  }
}

/** Makes a key for the CI job that has claimed the tenant. It is a principal of its own, with every right. */
export function makeKeyOfJob(
  env: Env,
  { tenant, job, base }: { readonly tenant: string; readonly job: string; readonly base: string },
): Promise<string> {
  return makeKey(env, systemOf(tenant, base), { name: `CI job ${job}` })
}

async function makeKey(env: Env, caller: Caller, fields: object): Promise<string> {
  const write = { kind: 'write', noun: 'ApiKey', verb: 'create', body: JSON.stringify(fields) } as const
  const made = JSON.parse(await askTenantAs(env, caller, write)) as { readonly key: string } // made by our own write
  return made.key
}

/** Makes a claimed trial permanent; it may be done twice. Returns the id of the claimant's `User`, unless a CI job has claimed it. */
export async function makePermanent(
  env: Env,
  tenant: string,
  account: Account | undefined,
): Promise<string | undefined> {
  // The deletion of a tenant is no fault here: there is nothing to make permanent.
  if (!(await tenantsOf(env).exists(tenant))) return undefined
  const caller = systemOf(tenant, env.PUBLIC_URL ?? 'http://localhost')
  const user = account === undefined ? undefined : await makeOwner(env, caller, account)
  await revokeTrialKeys(env, caller)
  return user
}

async function revokeTrialKeys(env: Env, caller: Caller): Promise<void> {
  const parameters = { kind: 'Session', level: String(trialLevel), status: 'Active', limit: String(keysMax) }
  const body = await askTenantAs(env, caller, { kind: 'read', read: 'find', noun: 'ApiKey', parameters })
  const { results } = JSON.parse(body) as { readonly results: readonly { readonly $id: string }[] } // made by our own read
  for (const { $id: id } of results)
    await askTenantAs(env, caller, { kind: 'write', noun: 'ApiKey', verb: 'revoke', id, body: '{}' })
}

/** Deletes the tenant of a trial that is over. */
export async function deleteTrial(env: Env, tenant: string): Promise<void> {
  await registryOf(env).delete(tenant)
  tenantsOf(env).forget(tenant)
}

function systemOf(tenant: string, base: string): Caller {
  return { tenant, context: `${base}/~${tenant}`, authority: fullAuthority('system'), via: 'system' }
}
