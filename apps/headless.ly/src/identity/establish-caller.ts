// The one place where a request becomes a caller with an authority. A key that is sent counts; without one, whoever
// reaches the server may do everything, since it listens on loopback only.

import { unauthorized } from 'objects.do'
import { callerOf, type EstablishCaller } from '../base/caller-of.ts'
import { keyAuthoritiesOf } from './key-authorities.ts'
import { presentedKey } from './presented-key.ts'

export const establishCaller: EstablishCaller = (request) => {
  const caller = callerOf(request)
  const key = presentedKey(request.headers)
  if (key === undefined) return caller
  const authorities = keyAuthoritiesOf(request.env)
  const of = { tenant: caller.tenant, key }
  const known = authorities.known(of)
  if (known !== undefined) return { ...caller, authority: known }
  return authorities.require(of).then((authority) => ({ ...caller, authority }))
}

/** Refuses a request to the server's own routes with a key: keys belong to tenants. Throws an ObjectError `unauthorized`. */
export function requireNoKey(headers: Headers): void {
  if (presentedKey(headers) !== undefined) throw unauthorized()
}
