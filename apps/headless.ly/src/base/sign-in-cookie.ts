// The cookie of a signed-in person. Its name has the prefix `__Host-`, so no other host can set it, and the server's instance,
// since browsers send cookies of one host to all its ports.

import { sha256Hex } from 'digital-objects'
import type { Env } from './env.ts'

const secretPattern = /^[0-9A-Za-z]{43}$/

/** Returns the secret of the sign-in session; undefined if the request has none. */
export function signInSecret(headers: Headers, env: Pick<Env, 'LAKE_SECRET'>): string | undefined {
  const cookies = headers.get('cookie')
  if (cookies === null) return undefined
  const start = `${cookieName(env)}=`
  const found = cookies.split('; ').find((cookie) => cookie.startsWith(start))
  const secret = found?.slice(start.length)
  return secret !== undefined && secretPattern.test(secret) ? secret : undefined
}

/** The header that signs a browser in. */
export function signInCookie(secret: string, options: { readonly env: Env; readonly lifeSeconds: number }): string {
  const { env, lifeSeconds } = options
  return `${cookieName(env)}=${secret}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=${lifeSeconds}`
}

/** The header that signs a browser out. */
export function endedCookie(env: Env): string {
  return signInCookie('', { env, lifeSeconds: 0 })
}

/** Returns the state of a sign-in with an account elsewhere; empty if the browser has begun none. */
export function upstreamState(headers: Headers, env: Pick<Env, 'LAKE_SECRET'>): string {
  const start = `${cookieName(env)}-state=`
  const found = (headers.get('cookie') ?? '').split('; ').find((cookie) => cookie.startsWith(start))
  return found?.slice(start.length) ?? ''
}

export function upstreamStateCookie(state: string, env: Env): string {
  const lifeSeconds = state === '' ? 0 : 600
  return `${cookieName(env)}-state=${state}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=${lifeSeconds}`
}

/** By environment: every request of a browser needs it. */
const names = new WeakMap<object, string>()

function cookieName(env: Pick<Env, 'LAKE_SECRET'>): string {
  const known = names.get(env)
  if (known !== undefined) return known
  const instance = sha256Hex(`instance ${env.LAKE_SECRET ?? ''}`).slice(0, 8)
  const name = `__Host-headlessly-${instance}`
  names.set(env, name)
  return name
}
