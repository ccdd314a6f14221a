// A `fetch` that sends the token of `headlessly login` for a tenant, and refreshes it before it ends.

import type { HeadlesslyOptions } from '@headlessly/sdk'
import { contextOf, type Server, toSignIn, tokenRequest } from './oauth-endpoints.ts'
import type { Environment } from './settings.ts'
import { readSignIn, type SignIn, withSignIns, writeSignIn } from './sign-ins.ts'

/** Clocks of two machines differ, and a request takes time. */
const earlyMs = 60_000

/** Adds the sign-in of this user to the options of a client. A key that is given counts instead. */
export function withSignIn(options: HeadlesslyOptions, env: Environment): HeadlesslyOptions {
  if (options.apiKey !== undefined) return options
  const fetch = signedInFetch(options, env)
  return fetch === undefined ? options : { ...options, fetch }
}

/** Returns undefined if nobody has signed in to the tenant of this server with this user's files. */
export function signedInFetch(server: Server, env: Environment = process.env): HeadlesslyOptions['fetch'] {
  const context = contextOf(server)
  if (readSignIn(env, context) === undefined) return undefined
  return async (url, init) => {
    const signIn = readSignIn(env, context)
    const fresh = signIn && signIn.endsMs - earlyMs < Date.now() ? await refresh(server, env) : signIn
    const headers = new Headers(init.headers)
    // The token belongs to this tenant, and is sent nowhere else.
    if (fresh !== undefined && (url === context || url.startsWith(`${context}/`)))
      headers.set('authorization', `Bearer ${fresh.accessToken}`)
    return fetch(url, { ...init, headers })
  }
}

/** Another process may have refreshed it meanwhile. Returns undefined if the sign-in has ended. */
function refresh(server: Server, env: Environment): Promise<SignIn | undefined> {
  const context = contextOf(server)
  return withSignIns(env, async () => {
    const signIn = readSignIn(env, context)
    if (signIn === undefined || signIn.endsMs - earlyMs >= Date.now()) return signIn
    const { clientId, refreshToken } = signIn
    const answer = await tokenRequest(server, {
      grant_type: 'refresh_token',
      refresh_token: refreshToken,
      client_id: clientId,
    })
    // A server that is busy keeps the sign-in; the old token may still count.
    if (!answer.ok && answer.error !== 'invalid_grant' && answer.error !== 'invalid_client') return signIn
    const next = answer.ok ? toSignIn(answer.tokens, clientId) : undefined
    writeSignIn(env, context, next)
    return next
  })
}
