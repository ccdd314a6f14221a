// The key or the token that a request presents: `Authorization: Bearer hly_sk_…`, or `X-API-Key`.

import { unauthorized } from 'objects.do'

/** A key, or an access token of OAuth: its owner, its grant and its secret. */
const pattern = /^hly_(?:(?:sk|pk|admin|sess)_[0-9A-Za-z]{43}|oauth_[0-9A-Za-z_]{1,80}:[\w-]{16}:[\w-]{32})$/

const operatorPattern = /^hly_op_[0-9A-Za-z]{43}$/

/** The operator's key, which counts for routes of the server only. */
export function presentedOperatorKey(headers: Headers): string | undefined {
  const bearer = /^Bearer +(\S+)$/i.exec(headers.get('authorization') ?? '')?.[1]
  const key = bearer ?? headers.get('x-api-key') ?? ''
  return operatorPattern.test(key) ? key : undefined
}

/**
 * Returns undefined for a request without a key. A bearer token of another form belongs to a proxy before this server. Throws an
 * ObjectError `unauthorized` for what looks like a key and is none, since a proof that was sent must not be ignored.
 */
export function presentedKey(headers: Headers): string | undefined {
  const bearer = /^Bearer +(hly_\S*)$/i.exec(headers.get('authorization') ?? '')?.[1]
  const named = headers.get('x-api-key') ?? undefined
  const key = bearer ?? named
  if (key === undefined) return undefined
  if ((named !== undefined && named !== key) || !pattern.test(key)) throw unauthorized()
  return key
}
