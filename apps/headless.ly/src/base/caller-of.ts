// The caller of a request as its URL and headers name it, before any key counts: everybody who reaches the server, which listens
// on loopback only, is the machine's `owner`.

import { fullAuthority, ObjectError } from 'digital-objects'
import type { Caller } from 'objects.do'
import { withoutLens } from '../contexts/lens-of.ts'
import type { Env } from './env.ts'
import type { Target } from './target.ts'
import { isTenantSlug } from './tenant-slug.ts'

/** Events name `owner` as the actor of a call without a key. Events of earlier versions say `anonymous`. */
const everything = fullAuthority('owner')

export interface RequestOfCaller {
  readonly headers: Headers
  /** The tenant's slug is its first segment. */
  readonly target: Target
  readonly env: Env
}

/** Throws or rejects with an ObjectError for a request that nobody may make. */
export type EstablishCaller = (request: RequestOfCaller) => Caller | Promise<Caller>

/** Throws an ObjectError `invalid_tenant`. */
export function callerOf({ headers, target, env }: RequestOfCaller): Caller {
  const { PUBLIC_URL: publicUrl = withoutLens(target) } = env
  const tenant = target.segments[0]?.slice(1) ?? ''
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
    authority: everything,
    via: 'rest',
    ...(bookmark === null ? {} : { bookmark }),
  }
}

/** Whether the sender may read the tenant, beyond what it can prove with keys of the lake. */
export function mayReadTenant(env: Env): boolean {
  return !requiresSignIn(env)
}

/** Whether a call without a key and without a signed-in person is refused. */
export function requiresSignIn({ REQUIRE_SIGN_IN }: Pick<Env, 'REQUIRE_SIGN_IN'>): boolean {
  return REQUIRE_SIGN_IN === 'true'
}

/** The operator of the server, as a caller of one of its tenants. Throws an ObjectError for a request that is not theirs. */
export function operatorOf(tenant: string, target: Target): Caller {
  return { tenant, context: `${withoutLens(target)}/~${tenant}`, authority: everything, via: 'rest' }
}
