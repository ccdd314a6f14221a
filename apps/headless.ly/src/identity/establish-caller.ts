// The one place where a request becomes a caller with an authority. A key that is sent counts, then the session of a signed-in
// person. A request with neither may do everything on a server that only this machine reaches. On any other it may do nothing, but
// look at `/~try` if the server has trials.

import { type Authority, ObjectError } from 'digital-objects'
import type { Caller } from 'objects.do'
import { callerOf, type EstablishCaller, requiresSignIn } from '../base/caller-of.ts'
import type { Env } from '../base/env.ts'
import { presentedKey } from '../base/presented-key.ts'
import { signInSecret } from '../base/sign-in-cookie.ts'
import { type KeyAuthorities, keyAuthoritiesOf, type PresentedTo } from './key-authorities.ts'
import { sessionAuthoritiesOf } from './people.ts'
import { anonymousCaller, trialSlug, trialsOf } from './trials.ts'

export const establishCaller: EstablishCaller = (request) => {
  const { headers, env } = request
  const caller = callerOf(request)
  const key = presentedKey(headers)
  const withAuthority = (authority: Authority): Caller => ({ ...caller, authority })
  if (key !== undefined) {
    const authorities = keyAuthoritiesOf(env)
    const of = { tenant: caller.tenant, key, word: request.target.segments[1] ?? '' }
    const known = authorities.known(of)
    return known === undefined ? authorities.require(of).then(withAuthority) : withAuthority(known)
  }
  const secret = signInSecret(headers, env)
  if (secret === undefined) return withoutProof(caller, env)
  const authorities = sessionAuthoritiesOf(env)
  const of = { tenant: caller.tenant, key: secret }
  const known = authorities.known(of)
  return known === undefined ? bySession({ caller, env, authorities, of }) : withAuthority(known)
}

interface Asked {
  readonly caller: Caller
  readonly env: Env
  readonly authorities: KeyAuthorities
  readonly of: PresentedTo
}

/** A browser sends its cookie on its own, so a session that has ended counts as none. */
async function bySession({ caller, env, authorities, of }: Asked): Promise<Caller> {
  const authority = await authorities.find(of)
  return authority === undefined ? withoutProof(caller, env) : { ...caller, authority }
}

function withoutProof(caller: Caller, env: Env): Caller {
  if (!requiresSignIn(env)) return caller
  if (caller.tenant === trialSlug && trialsOf(env) !== undefined) return anonymousCaller(caller, env)
  throw new ObjectError({
    code: 'unauthorized',
    message: 'this server expects a key, or a signed-in person who is a member of this tenant',
  })
}

/** Refuses a request to the server's own routes with a key: keys belong to tenants. Throws an ObjectError `unauthorized`. */
export function requireNoKey(headers: Headers): void {
  if (presentedKey(headers) === undefined) return
  throw new ObjectError({
    code: 'unauthorized',
    message:
      'this route of the server takes no key, since a key opens its tenant only: send none, or sign in at /account as an owner of the server',
  })
}
