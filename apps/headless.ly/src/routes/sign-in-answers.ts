// The answers of the sign-in pages and of the account page: pages for forms, JSON for programs, and the cookie of a session.

import { ObjectError } from 'digital-objects'
import type { Context } from 'hono'
import { type Device, sessionMsMax, type SignedIn, type Site } from 'oauth.do/directory'
import type { Env } from '../base/env.ts'
import { localTarget } from '../base/local-only.ts'
import { senderAddress } from '../base/sender-address.ts'
import { signInCookie, signInSecret, upstreamStateCookie } from '../base/sign-in-cookie.ts'
import { withoutLens } from '../contexts/lens-of.ts'
import { directoryOf, valueOf } from '../identity/directory-of.ts'
import type { Page } from '../pages/layout.ts'
import { htmlResponse } from '../pages/page-response.ts'
import { isForm } from './form-request.ts'

export type RouteContext = Context<{ Bindings: Env }>

export const noStore = { 'cache-control': 'no-store' }

/** Sends the browser to the provider of accounts: to sign in, or to link an account to the person with this secret. */
export async function beginProvider(c: RouteContext, secret: string | undefined): Promise<Response> {
  const begun = valueOf(await directoryOf(c.env).beginUpstream({ redirectUri: callbackOf(c), secret }))
  const headers = { ...noStore, 'set-cookie': upstreamStateCookie(begun.state, c.env) }
  return Response.json({ url: begun.url }, { headers })
}

/** Passkeys are bound to the host name of the page, which may be no address. */
export function siteOf(c: RouteContext): Site {
  const origin = c.req.header('origin') ?? ''
  const { hostname } = new URL(origin)
  if (!/^[\d.]+$|^\[/.test(hostname)) return { origin, rpId: hostname }
  throw new ObjectError({
    code: 'validation_error',
    field: 'Host',
    message: 'Host: passkeys work by a host name, not by an address; open http://localhost on this machine',
  })
}

export function jsonText(text: string): Response {
  return new Response(text, { headers: { 'content-type': 'application/json; charset=utf-8', ...noStore } })
}

export function requireSecret(c: RouteContext): string {
  const secret = signInSecret(c.req.raw.headers, c.env)
  if (secret !== undefined) return secret
  throw new ObjectError({ code: 'unauthorized', message: 'nobody is signed in here' })
}

export function cookieFor(c: RouteContext, secret: string): string {
  return signInCookie(secret, { env: c.env, lifeSeconds: sessionMsMax / 1_000 })
}

export function callbackOf(c: RouteContext): string {
  return `${c.env.PUBLIC_URL ?? withoutLens(localTarget(c.req.url, c.env))}/sign-in/callback`
}

interface SignInAnswer {
  /** The path of this server that a form opens next. */
  readonly to?: string
  /** Members of the answer besides the account. */
  readonly more?: object
}

export function signIn(
  c: RouteContext,
  { secret, account }: SignedIn,
  { to = '/account', more = {} }: SignInAnswer = {},
): Response {
  const cookie = cookieFor(c, secret)
  return done(c, { to, body: { account, ...more }, headers: { 'set-cookie': cookie } })
}

/** A program gets the body as JSON, and a form the next page. */
export function done(
  c: RouteContext,
  {
    to,
    body = {},
    headers = {},
  }: { readonly to: string; readonly body?: object; readonly headers?: Record<string, string> },
): Response {
  return isForm(c.req.raw) ? redirect(to, headers) : Response.json(body, { headers: { ...noStore, ...headers } })
}

export function redirect(to: string, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(null, { status: 303, headers: { location: to, ...noStore, ...headers } })
}

export function pageResponse(c: RouteContext, page: Page, status = 200): Promise<Response> {
  localTarget(c.req.url, c.env)
  return htmlResponse(page, { request: c.req.raw, headers: noStore, status })
}

export function deviceOf(c: RouteContext): Device {
  return { agent: c.req.header('user-agent') ?? '', address: senderAddress(c.req.raw, c.env) }
}
