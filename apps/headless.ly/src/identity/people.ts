// The person who sent a request, in one tenant or on the server. A browser has one sign-in session; each tenant opens a session
// of its own for it, whose token is derived from the secret of the cookie. So the tenant alone decides about each request, and
// the directory is asked about once an hour.

import { type Authority, sha256Hex } from 'digital-objects'
import type { Person } from 'oauth.do/directory'
import type { Env } from '../base/env.ts'
import { requestRoomOf } from '../base/request-room.ts'
import { signInSecret } from '../base/sign-in-cookie.ts'
import { tenantsOf } from '../tenants/tenant-directory.ts'
import { directoryOf } from './directory-of.ts'
import { KeyAuthorities } from './key-authorities.ts'

export interface SentBy {
  readonly headers: Headers
  readonly env: Env
}

/** A signed-in person as a member of one tenant. */
export interface Member {
  /** The id of the tenant's `User`. */
  readonly user: string
  /** The id of the session, which events name as their key. */
  readonly session: string
  /** The person's rights in this tenant. */
  readonly authority: Authority
}

/** Returns which person of this tenant sent the request; undefined if nobody is signed in who is an active member of it. */
export async function memberOf({ headers, env }: SentBy, tenant: string): Promise<Member | undefined> {
  const secret = signInSecret(headers, env)
  const authority = secret === undefined ? undefined : await sessionAuthoritiesOf(env).find({ tenant, key: secret })
  if (authority?.through === undefined) return undefined
  return { user: authority.who, session: authority.through.id, authority }
}

/** Returns who sent the request, whatever tenant it is for; undefined if nobody is signed in. It asks the directory. */
export async function personOf({ headers, env }: SentBy): Promise<Person | undefined> {
  const secret = signInSecret(headers, env)
  return secret === undefined ? undefined : ((await directoryOf(env).personOf(secret)) ?? undefined)
}

/** The token of the tenant's session. The sign-in session cannot be computed from it. */
export function tenantToken(secret: string, tenant: string): string {
  return `hly_sess_${sha256Hex(`${tenant} ${secret}`).slice(0, 43)}`
}

/** By environment of an isolate. */
const known = new WeakMap<Env, KeyAuthorities>()

/** The verdicts on sign-in sessions in tenants, by the secrets of their cookies. */
export function sessionAuthoritiesOf(env: Env): KeyAuthorities {
  const kept = known.get(env)
  if (kept !== undefined) return kept
  const ask = ({ tenant, key }: { tenant: string; key: string }): Promise<string> | string =>
    requestRoomOf(env).run(tenant, () => proveSession(env, { tenant, secret: key }))
  const made = new KeyAuthorities({ ask, now: Date.now })
  known.set(env, made)
  return made
}

/** Returns what the session proves in the tenant, which opens it if the directory knows the person as a member; '' if nothing. */
async function proveSession(env: Env, { tenant, secret }: { tenant: string; secret: string }): Promise<string> {
  const tenants = tenantsOf(env)
  const hash = sha256Hex(tenantToken(secret, tenant))
  const proved = await tenants.authenticate(tenant, hash, { isSession: true })
  if (proved !== '') return proved
  const session = await directoryOf(env).sessionFor(secret, tenant)
  if (session === null) return ''
  const { id, user, endsMs } = session
  const isOpen = await tenants.openSession(tenant, { id, hash, entity: user, endsMs })
  return isOpen ? tenants.authenticate(tenant, hash, { isSession: true }) : ''
}
