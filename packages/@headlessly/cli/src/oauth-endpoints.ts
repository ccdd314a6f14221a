// The authorization server of a tenant, as the command line uses it.

import { HeadlesslyError } from '@headlessly/sdk'
import { isPlainObject, tryParseJson } from 'digital-objects'
import { defaultEndpoint } from './settings.ts'
import type { SignIn } from './sign-ins.ts'

export interface Server {
  readonly tenant: string
  readonly endpoint?: string | undefined
}

/** A JSON object of the server. */
export type Members = Readonly<Record<string, unknown>>

export type TokenAnswer =
  | { readonly ok: true; readonly tokens: Members }
  | { readonly ok: false; readonly error: string }

const timeoutMs = 30_000

/** The tenant's URL. */
export function contextOf({ endpoint = defaultEndpoint, tenant }: Server): string {
  return `${new URL(endpoint).href.replace(/\/+$/, '')}/~${tenant}`
}

/** Throws a HeadlesslyError if the server cannot be reached. */
export async function tokenRequest(server: Server, fields: Readonly<Record<string, string>>): Promise<TokenAnswer> {
  const { ok, body } = await postForm(`${contextOf(server)}/oauth/token`, fields)
  return ok ? { ok, tokens: body } : { ok, error: String(body['error'] ?? 'server_error') }
}

export function postForm(url: string, fields: Readonly<Record<string, string>>): Promise<Posted> {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  return post(url, { headers, body: new URLSearchParams(fields).toString() })
}

export function postJson(url: string, body: object, headers: Readonly<Record<string, string>> = {}): Promise<Posted> {
  return post(url, { headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(body) })
}

interface Posted {
  readonly ok: boolean
  readonly body: Members
}

async function post(url: string, init: Pick<RequestInit, 'headers' | 'body'>): Promise<Posted> {
  let response: Response
  let text: string
  try {
    const signal = AbortSignal.timeout(timeoutMs)
    response = await fetch(url, { ...init, method: 'POST', redirect: 'manual', signal })
    text = await response.text()
  } catch (cause) {
    throw new HeadlesslyError({ code: 'network_error', message: `${new URL(url).origin} cannot be reached`, cause })
  }
  const value = text === '' ? {} : tryParseJson(text)
  if (isPlainObject(value)) return { ok: response.ok, body: { ...value } }
  throw new HeadlesslyError({
    code: 'unexpected_answer',
    status: response.status,
    message: `${new URL(url).origin} answers something else than an authorization server would`,
  })
}

/** Throws a HeadlesslyError for tokens without what a sign-in needs. */
export function toSignIn(tokens: Members, clientId: string): SignIn {
  const { access_token: accessToken, refresh_token: refreshToken, expires_in: seconds } = tokens
  if (typeof accessToken === 'string' && typeof refreshToken === 'string' && typeof seconds === 'number')
    return { clientId, accessToken, refreshToken, endsMs: Date.now() + seconds * 1_000 }
  throw new HeadlesslyError({ code: 'unexpected_answer', message: 'the server answers without a token' })
}
