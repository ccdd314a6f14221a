// The authorization server of a tenant: replays, substitution, mix-up, open redirects, and consent that nobody gave.

import { createHash } from 'node:crypto'
import { attacksOf, type BorderAttack, type Expected, refused, type Row } from './border-attack.ts'
import { came, type Came } from './raw-request.ts'
import { acme, globex, type Stage } from './stage.ts'
import { redirectUri } from './stage-builder.ts'

type Fields = Readonly<Record<string, string | undefined>>

const verifier = 'a-verifier-of-at-least-forty-three-characters-0123'
const form = { 'content-type': 'application/x-www-form-urlencoded' }

function encode(fields: Fields): string {
  const sent = new URLSearchParams()
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) sent.set(name, value)
  return sent.toString()
}

/** A program that signs in, and the browser of the owner who allows it. */
class Visitor {
  readonly stage: Stage
  readonly tenant: string
  readonly client: string

  constructor(stage: Stage, program: 'program' | 'otherProgram' | 'globexProgram' = 'program') {
    this.stage = stage
    this.tenant = program === 'globexProgram' ? globex : acme
    this.client = stage.names.get(program) ?? ''
  }

  authorize(fields: Fields = {}): Promise<Came> {
    const query = encode({
      response_type: 'code',
      client_id: this.client,
      redirect_uri: redirectUri,
      scope: 'read write',
      state: 'a-state',
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
      ...fields,
    })
    return this.stage.owner({ method: 'GET', path: `${this.tenant}/oauth/authorize?${query}` })
  }

  async consent(fields: Fields = {}): Promise<Consent> {
    const page = await this.authorize(fields)
    const [, handle = ''] = /name="handle" value="([^"]+)"/.exec(page.body) ?? []
    const [set = ''] = [page.headers['set-cookie']].flat()
    return { handle, cookie: set.split(';')[0] ?? '' }
  }

  decide(
    { handle, cookie }: Consent,
    scope = 'read write',
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Came> {
    const body = `${encode({ handle, decision: 'approve' })}${scope
      .split(' ')
      .map((one) => `&scope=${one}`)
      .join('')}`
    const cookies = [cookie, this.stage.cookie ?? ''].filter((one) => one !== '').join('; ')
    const sent = { ...form, origin: this.stage.url, ...(cookies === '' ? {} : { cookie: cookies }), ...headers }
    return this.stage.send({ method: 'POST', path: `${this.tenant}/oauth/authorize`, headers: sent, body })
  }

  async code(fields: Fields = {}, scope?: string): Promise<string> {
    const answer = await this.decide(await this.consent(fields), scope)
    const { location } = answer.headers
    if (typeof location !== 'string') throw new Error(`no code: ${answer.status} ${answer.body.slice(0, 200)}`)
    return new URL(location).searchParams.get('code') ?? ''
  }

  form(path: string, fields: Fields): Promise<Came> {
    return this.stage.send({ method: 'POST', path: `${this.tenant}${path}`, headers: form, body: encode(fields) })
  }

  redeem(code: string, fields: Fields = {}): Promise<Came> {
    const grant = { grant_type: 'authorization_code', code, redirect_uri: redirectUri, client_id: this.client }
    return this.form('/oauth/token', { ...grant, code_verifier: verifier, ...fields })
  }

  refresh(token: string): Promise<Came> {
    return this.form('/oauth/token', { grant_type: 'refresh_token', refresh_token: token, client_id: this.client })
  }

  async signIn(fields: Fields = {}, scope?: string): Promise<Tokens> {
    const answer = await this.redeem(await this.code(fields, scope))
    return {
      access: textOf(answer, 'access_token'),
      refresh: textOf(answer, 'refresh_token'),
      scope: textOf(answer, 'scope'),
    }
  }

  read(token: string, tenant = this.tenant): Promise<Came> {
    return this.stage.send({
      method: 'GET',
      path: `${tenant}/Product?strong=true`,
      headers: { authorization: `Bearer ${token}` },
    })
  }
}

interface Consent {
  readonly handle: string
  readonly cookie: string
}

interface Tokens {
  readonly access: string
  readonly refresh: string
  readonly scope: string
}

function textOf({ body }: Came, name: string): string {
  const value = (JSON.parse(body) as Readonly<Record<string, unknown>>)[name] // the server answers with objects
  return typeof value === 'string' ? value : ''
}

/** The error with which the browser is sent back to the program, as a status. */
function errorOf(answer: Came): Came {
  const location = answer.headers['location']
  return location === undefined
    ? answer
    : { ...answer, status: new URL(String(location)).searchParams.get('error') ?? 'a code' }
}

const attack = (name: string, expected: Expected, send: (visitor: Visitor) => Promise<Came>): BorderAttack => ({
  name,
  entry: 'OAuth',
  by: 'page',
  expected: [expected],
  send: (stage) => send(new Visitor(stage)),
})

const grants: readonly BorderAttack[] = [
  attack('a code that was redeemed', 400, async (visitor) => {
    const code = await visitor.code()
    await visitor.redeem(code)
    return visitor.redeem(code)
  }),
  attack('the tokens of a code that was redeemed again', 401, async (visitor) => {
    const code = await visitor.code()
    const token = textOf(await visitor.redeem(code), 'access_token')
    await visitor.redeem(code)
    return visitor.read(token)
  }),
  attack('a code of another program', 400, async (visitor) => {
    const other = new Visitor(visitor.stage, 'otherProgram')
    return other.redeem(await visitor.code())
  }),
  attack('a code of one tenant at another', 400, async (visitor) => {
    const other = new Visitor(visitor.stage, 'globexProgram')
    return other.redeem(await visitor.code())
  }),
  attack('a code with another verifier', 400, async (visitor) => {
    return visitor.redeem(await visitor.code(), { code_verifier: `${verifier}x` })
  }),
  attack('a code without a verifier', 400, async (visitor) => {
    return visitor.redeem(await visitor.code(), { code_verifier: undefined })
  }),
  attack('a code for another address', 400, async (visitor) => {
    return visitor.redeem(await visitor.code(), { redirect_uri: 'http://127.0.0.1:4321/other' })
  }),
  attack('a refresh token that was used', 400, async (visitor) => {
    const { refresh } = await visitor.signIn()
    await visitor.refresh(refresh)
    return visitor.refresh(refresh)
  }),
  attack('the tokens of a refresh token that was used again', 401, async (visitor) => {
    const { refresh } = await visitor.signIn()
    const token = textOf(await visitor.refresh(refresh), 'access_token')
    await visitor.refresh(refresh)
    return visitor.read(token)
  }),
  attack('a refresh token of another program', 400, async (visitor) => {
    const { refresh } = await visitor.signIn()
    const other = new Visitor(visitor.stage, 'otherProgram')
    return other.refresh(refresh)
  }),
  attack('a refresh token at another tenant', 400, async (visitor) => {
    const { refresh } = await visitor.signIn()
    const other = new Visitor(visitor.stage, 'globexProgram')
    return other.refresh(refresh)
  }),
  attack('a refresh token as a key', 401, async (visitor) => visitor.read((await visitor.signIn()).refresh)),
  attack('a token of one tenant at another', 401, async (visitor) =>
    visitor.read((await visitor.signIn()).access, globex),
  ),
  attack('a token for agents at the REST interface', 401, async (visitor) =>
    visitor.read((await visitor.signIn({ resource: `${visitor.stage.url}${acme}/mcp` })).access),
  ),
  attack('more scopes than were asked for', 'read', async (visitor) => {
    const { scope } = await visitor.signIn({ scope: 'read' }, 'read admin')
    return came(scope, '')
  }),
  attack('a token whose scope reads, for a write', 403, async (visitor) => {
    const { access } = await visitor.signIn({ scope: 'read' }, 'read')
    return visitor.stage.send({
      method: 'POST',
      path: `${acme}/Contact`,
      headers: { authorization: `Bearer ${access}` },
      body: { name: 'x' },
    })
  }),
  attack('a token for a key', 403, async (visitor) => {
    const { access } = await visitor.signIn()
    return visitor.stage.send({
      method: 'POST',
      path: `${acme}/ApiKey`,
      headers: { authorization: `Bearer ${access}` },
      body: { name: 'mine' },
    })
  }),
  attack('the end of a token by another program', 200, async (visitor) => {
    const { access, refresh } = await visitor.signIn()
    const other = new Visitor(visitor.stage, 'otherProgram')
    await other.form('/oauth/revoke', { token: refresh, client_id: other.client })
    return visitor.read(access)
  }),
  attack('the facts of a token for another program', 401, async (visitor) => {
    const { access } = await visitor.signIn()
    return visitor.form('/oauth/introspect', { token: access, client_id: 'nobody' })
  }),
  attack('an invented code of a device', 400, async (visitor) => {
    return visitor.form('/oauth/token', {
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      device_code: 'x'.repeat(43),
      client_id: visitor.client,
    })
  }),
]

const askedWith = (name: string, expected: Expected, fields: Fields): BorderAttack =>
  attack(name, expected, async (visitor) => {
    return errorOf(await visitor.authorize(fields))
  })

const pages: readonly BorderAttack[] = [
  askedWith('no proof of the code (PKCE)', 'invalid_request', {
    code_challenge: undefined,
    code_challenge_method: undefined,
  }),
  askedWith('a weaker proof of the code', 'invalid_request', { code_challenge_method: 'plain' }),
  askedWith('a token instead of a code', 'unsupported_response_type', { response_type: 'token' }),
  askedWith('the resource of another tenant', 'invalid_target', { resource: 'http://127.0.0.1/~globex' }),
  ...[
    'https://evil.example/callback',
    'http://127.0.0.1:4321/other',
    'http://127.0.0.1:4321/callback/../evil',
    'http://127.0.0.1.evil.example/callback',
    'javascript:alert(1)',
    'http://user@127.0.0.1:4321/callback',
    '//evil.example',
  ].map((uri) => askedWith(`a redirect to ${uri}`, 400, { redirect_uri: uri })),
  ...[
    'http://client.example/meta.json',
    'https://localhost/meta.json',
    'https://169.254.169.254/latest',
    'https://[::1]/meta.json',
    'https://printer/meta.json',
    'file:///etc/passwd',
  ].map((client) => askedWith(`a program described at ${client}`, 400, { client_id: client })),
  attack('consent from a page elsewhere', 403, async (visitor) => {
    return visitor.decide(await visitor.consent(), 'read', { origin: 'https://evil.example' })
  }),
  attack('consent without the page that was opened', refused, async (visitor) => {
    return visitor.decide({ ...(await visitor.consent()), cookie: '' })
  }),
  attack('consent for the page of another', refused, async (visitor) => {
    const [one, two] = [await visitor.consent(), await visitor.consent()]
    return visitor.decide({ handle: one.handle, cookie: two.cookie })
  }),
  attack('consent that was given', 400, async (visitor) => {
    const consent = await visitor.consent()
    await visitor.decide(consent)
    return visitor.decide(consent)
  }),
  attack('a page of consent in a frame', 'DENY', async (visitor) => {
    const page = await visitor.authorize()
    return { ...page, status: String(page.headers['x-frame-options']) }
  }),
  attack('an answer that names another server (mix-up)', 'its own', async (visitor) => {
    const answer = await visitor.decide(await visitor.consent())
    const issuer = new URL(String(answer.headers['location'])).searchParams.get('iss')
    return came(issuer === `${visitor.stage.url}${acme}` ? 'its own' : String(issuer), '')
  }),
  attack('a program whose address runs a script', 400, (visitor) =>
    visitor.stage.owner({
      method: 'POST',
      path: `${acme}/oauth/register`,
      body: { client_name: 'Evil', redirect_uris: ['javascript:alert(1)'] },
    }),
  ),
]

const rows: readonly Row[] = [
  ['consent in the name of a key', 'reader', 'GET', '/~acme/oauth/authorize?client_id=x', [400, 401]],
  [
    'a program of another machine, registered by nobody',
    'nobody',
    'POST',
    '/~acme/oauth/register',
    [400, 401, 403],
    { body: { client_name: 'Evil', redirect_uris: ['https://evil.example/callback'] } },
  ],
  ['a token in the query', 'nobody', 'GET', '/~acme/Deal?access_token=x', refused],
]

export const oauthAttacks: readonly BorderAttack[] = [...grants, ...pages, ...attacksOf('OAuth', rows)]
