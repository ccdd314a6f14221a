// A program that signs in to a tenant, and the browser of the person who allows it: plain requests, so that tests can send wrong
// ones too.

import { sha256 } from './sha256.ts'
import type { KeyedTenant } from './keyed-tenant.ts'

export const redirectUri = 'http://127.0.0.1:4321/callback'
export const verifier = 'a-verifier-of-at-least-forty-three-characters-0123'

export interface Tokens {
  readonly access_token: string
  readonly refresh_token: string
  readonly expires_in: number
  readonly scope: string
}

export interface Consent {
  readonly handle: string
  readonly cookie: string
  readonly page: string
}

type Fields = Readonly<Record<string, string>>

export class OAuthVisitor {
  readonly tenant: KeyedTenant
  readonly origin: string
  clientId = ''

  constructor(tenant: KeyedTenant, origin = 'http://localhost') {
    this.tenant = tenant
    this.origin = origin
  }

  async register(fields: object = {}): Promise<Response> {
    const body = { client_name: 'Robot', redirect_uris: [redirectUri], token_endpoint_auth_method: 'none', ...fields }
    const response = await this.tenant.post('/oauth/register', body)
    if (response.ok) this.clientId = (await response.clone().json<{ client_id: string }>()).client_id
    return response
  }

  /** Opens the page on which a person decides. A field that is undefined is not sent. */
  async authorize(fields: Readonly<Record<string, string | undefined>> = {}): Promise<Response> {
    const query = {
      response_type: 'code',
      client_id: this.clientId,
      redirect_uri: redirectUri,
      scope: 'read write',
      state: 'a-state',
      code_challenge: await sha256(verifier),
      code_challenge_method: 'S256',
      ...fields,
    }
    const sent = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))
    return this.tenant.ask(`/oauth/authorize?${new URLSearchParams(sent).toString()}`, { redirect: 'manual' })
  }

  async consent(fields: Readonly<Record<string, string | undefined>> = {}): Promise<Consent> {
    const response = await this.authorize(fields)
    const page = await response.text()
    const [, handle = ''] = /name="handle" value="([^"]+)"/.exec(page) ?? []
    const [cookie = ''] = (response.headers.get('set-cookie') ?? '').split(';')
    return { handle, cookie, page }
  }

  decide(
    { handle, cookie }: Pick<Consent, 'handle' | 'cookie'>,
    fields: Fields & { readonly scope?: string } = {},
    headers: Fields = {},
  ): Promise<Response> {
    const { scope = 'read write', ...others } = fields
    const form = new URLSearchParams({ handle, decision: 'approve', ...others })
    for (const one of scope.split(' ')) form.append('scope', one)
    return this.tenant.ask('/oauth/authorize', {
      method: 'POST',
      redirect: 'manual',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        origin: this.origin,
        ...(cookie === '' ? {} : { cookie }),
        ...headers,
      },
      body: form.toString(),
    })
  }

  /** Returns the parameters with which the browser comes back to the program. */
  async allow(
    fields: Readonly<Record<string, string | undefined>> = {},
    decision: Fields = {},
  ): Promise<URLSearchParams> {
    const response = await this.decide(await this.consent(fields), decision)
    const location = response.headers.get('location')
    if (location === null) throw new Error(`${response.status} ${await response.text()}`)
    return new URL(location).searchParams
  }

  form(path: string, fields: Fields, headers: Fields = {}): Promise<Response> {
    return this.tenant.ask(path, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      body: new URLSearchParams(fields).toString(),
    })
  }

  redeem(code: string, fields: Fields = {}): Promise<Response> {
    return this.form('/oauth/token', {
      grant_type: 'authorization_code',
      code,
      redirect_uri: redirectUri,
      client_id: this.clientId,
      code_verifier: verifier,
      ...fields,
    })
  }

  refresh(token: string, fields: Fields = {}): Promise<Response> {
    const grant = { grant_type: 'refresh_token', refresh_token: token, client_id: this.clientId }
    return this.form('/oauth/token', { ...grant, ...fields })
  }

  /** Signs in with all steps. */
  async signIn(fields: Readonly<Record<string, string | undefined>> = {}, decision: Fields = {}): Promise<Tokens> {
    if (this.clientId === '') await this.register()
    const { code = '' } = Object.fromEntries(await this.allow(fields, decision))
    const response = await this.redeem(code)
    if (!response.ok) throw new Error(await response.text())
    return response.json<Tokens>()
  }
}
