// The authorization server of a tenant, through the front door, with plain requests.

import { expect, test, vi } from 'vitest'
import { KeyedTenant } from '../../test/keyed-tenant.ts'
import { OAuthVisitor, type Tokens } from '../../test/oauth-visitor.ts'

async function begun(): Promise<{ readonly tenant: KeyedTenant; readonly visitor: OAuthVisitor }> {
  const tenant = new KeyedTenant()
  await tenant.make('/Contact', { name: 'Ada' })
  return { tenant, visitor: new OAuthVisitor(tenant) }
}

test('a program signs in with the consent of the owner, reads, writes, and refreshes', async () => {
  const { tenant, visitor } = await begun()
  const tokens = await visitor.signIn()
  expect(tokens).toMatchObject({ expires_in: 3_600, scope: 'read write' })
  const key = tokens.access_token
  expect((await tenant.ask('/Contact', { key })).status).toBe(200)
  const made = await tenant.make('/Contact', { name: 'Bo' }, key)
  const event = (await tenant.events()).find(({ target }) => target === made.$id)
  expect(event).toMatchObject({ actor: 'owner', key: expect.stringMatching(/^grant_[\w-]{16}$/) })
  // Keys are no part of `write`.
  expect((await tenant.post('/ApiKey', { name: 'mine' }, key)).status).toBe(403)
  const next = await (await visitor.refresh(tokens.refresh_token)).json<Tokens>()
  expect(next.refresh_token).not.toBe(tokens.refresh_token)
  for (const token of [key, next.access_token]) expect((await tenant.ask('/Contact', { key: token })).status).toBe(200)
  for (const secret of [tokens.refresh_token, next.refresh_token])
    expect((await tenant.ask('/Contact', { key: secret })).status).toBe(401)
})

test('a person takes away from the scopes that are asked for, and adds none', async () => {
  const { tenant, visitor } = await begun()
  const tokens = await visitor.signIn({ scope: 'read write' }, { scope: 'read admin' })
  expect(tokens.scope).toBe('read')
  expect((await tenant.ask('/Contact', { key: tokens.access_token })).status).toBe(200)
  expect((await tenant.post('/Contact', { name: 'Bo' }, tokens.access_token)).status).toBe(403)
})

test('a refusal returns to the program as an error', async () => {
  const { visitor } = await begun()
  await visitor.register()
  const answered = Object.fromEntries(await visitor.allow({}, { decision: 'deny' }))
  const { origin } = visitor
  expect(answered).toEqual({ error: 'access_denied', state: 'a-state', iss: `${origin}/~${visitor.tenant.name}` })
})

test('metadata names every endpoint, and a refused caller learns where it is', async () => {
  const { tenant, visitor } = await begun()
  const refused = await tenant.ask('/Contact', { key: `hly_sk_${'0'.repeat(43)}` })
  const [, url = ''] = /resource_metadata="([^"]+)"/.exec(refused.headers.get('www-authenticate') ?? '') ?? []
  const path = `/~${tenant.name}`
  expect(url).toBe(`http://localhost/.well-known/oauth-protected-resource${path}`)
  const resource = await (await tenant.askServer(url)).json<{ authorization_servers: readonly string[] }>()
  expect(resource).toMatchObject({ resource: `${visitor.origin}${path}`, scopes_supported: ['read', 'write'] })
  const [issuer = ''] = resource.authorization_servers
  const described = await tenant.askServer(`http://localhost/.well-known/oauth-authorization-server${path}`)
  expect(await described.json()).toMatchObject({
    issuer,
    authorization_endpoint: `${issuer}/oauth/authorize`,
    code_challenge_methods_supported: ['S256'],
  })
  const agents = await tenant.askServer(`http://crm.localhost/.well-known/oauth-protected-resource${path}/mcp`)
  expect(await agents.json()).toMatchObject({
    resource: `http://crm.localhost${path}/mcp`,
    authorization_servers: [issuer],
  })
})

test('revocation by either token ends the grant at once, with its sockets and streams', async () => {
  for (const which of ['access_token', 'refresh_token'] as const) {
    const { tenant, visitor } = await begun()
    const tokens = await visitor.signIn()
    const key = tokens.access_token
    const { seen } = await tenant.listen('/events', key)
    const revoked = await visitor.form('/oauth/revoke', { token: tokens[which], client_id: visitor.clientId })
    expect(revoked.status).toBe(200)
    expect((await tenant.ask('/Contact?strong=true', { key })).status).toBe(401)
    expect((await tenant.post('/Contact', { name: 'Bo' }, key)).status).toBe(401)
    expect((await visitor.refresh(tokens.refresh_token)).status).toBe(400)
    await vi.waitFor(() => expect(seen.at(-1)).toBe('closed 4001'))
    await vi.waitFor(async () => expect((await tenant.ask('/Contact', { key })).status).toBe(401), { timeout: 1_500 })
  }
})

test('a token is described to its client and to keys with full authority, and to nobody else', async () => {
  const { tenant, visitor } = await begun()
  const { access_token: token } = await visitor.signIn()
  const other = new OAuthVisitor(tenant)
  await other.register()
  const { key } = await tenant.make('/ApiKey', { name: 'all' })
  const ask = async (client: OAuthVisitor, headers = {}) => {
    const fields = Object.keys(headers).length > 0 ? { token } : { token, client_id: client.clientId }
    return (await client.form('/oauth/introspect', fields, headers)).json()
  }
  const active = { active: true, scope: 'read write', client_id: visitor.clientId, sub: 'owner', token_type: 'Bearer' }
  expect(await ask(visitor)).toMatchObject(active)
  expect(await ask(visitor, { authorization: `Bearer ${key}` })).toMatchObject(active)
  expect(await ask(other)).toEqual({ active: false })
  await visitor.form('/oauth/revoke', { token, client_id: visitor.clientId })
  expect(await ask(visitor)).toEqual({ active: false })
})

test('a grant follows the rights of its person', async () => {
  const { tenant, visitor } = await begun()
  const user = await tenant.make('/User', { name: 'Eve', email: 'eve@example.com', role: 'Admin' })
  tenant.person = user.$id
  const { access_token: key } = await visitor.signIn()
  tenant.person = undefined
  const made = await tenant.make('/Contact', { name: 'Bo' }, key)
  expect((await tenant.events()).find(({ target }) => target === made.$id)).toMatchObject({ actor: user.$id })
  await tenant.send('PATCH', `/User/${user.$id}`, { role: 'Viewer' })
  expect((await tenant.post('/Contact', { name: 'Cy' }, key)).status).toBe(403)
  await tenant.post(`/User/${user.$id}/suspend`, {})
  expect((await tenant.post('/Contact', { name: 'Cy' }, key)).status).toBe(401)
})

test('tokens, codes and their hashes are in no answer and no event', async () => {
  const { tenant, visitor } = await begun()
  const tokens = await visitor.signIn()
  await tenant.make('/Contact', { name: 'Bo' }, tokens.access_token)
  expect((await tenant.post('/lake/flush', {})).status).toBe(200)
  for (const path of ['/events?limit=1000', '/status', '/whoami', '', '/commits/2'])
    for (const secret of [tokens.access_token, tokens.refresh_token])
      expect(await (await tenant.ask(path)).text()).not.toContain(secret.split(':')[2])
})

test('programs of other machines register with a key of full authority, and registrations are limited', async () => {
  const { tenant, visitor } = await begun()
  const body = { redirect_uris: ['https://app.example/callback'], client_name: 'App' }
  expect((await tenant.post('/oauth/register', body)).status).toBe(400)
  const { key } = await tenant.make('/ApiKey', { name: 'all' })
  expect((await tenant.post('/oauth/register', body, key)).status).toBe(201)
  const statuses: number[] = []
  for (let index = 0; index < 25; index++) statuses.push((await visitor.register()).status)
  expect(statuses.filter((status) => status === 201).length).toBe(18)
  expect(statuses.at(-1)).toBe(429)
})

test('a token for agents counts at their interface only', async () => {
  const { tenant, visitor } = await begun()
  const resource = `${visitor.origin}/~${tenant.name}/mcp`
  const { access_token: key } = await visitor.signIn({ resource })
  expect((await tenant.ask('/Contact', { key })).status).toBe(401)
  const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' }
  const headers = { accept: 'application/json, text/event-stream' }
  expect((await tenant.post('/mcp', list, key, headers)).status).toBe(200)
  expect((await tenant.post('/mcp', list, `${key.slice(0, -1)}${key.endsWith('x') ? 'y' : 'x'}`, headers)).status).toBe(
    401,
  )
})

test('attack: a code that is redeemed again ends what the first redemption gave', async () => {
  const { tenant, visitor } = await begun()
  await visitor.register()
  const code = (await visitor.allow()).get('code') ?? ''
  const answers = await Promise.all(Array.from({ length: 8 }, () => visitor.redeem(code)))
  const [winner, ...others] = answers.filter(({ ok }) => ok)
  expect(others).toEqual([])
  const { access_token: key } = (await winner?.json<Tokens>()) ?? { access_token: '' }
  expect((await tenant.ask('/Contact?strong=true', { key })).status).toBe(401)
})

test('attack: a refresh token that is used again ends its family, also if several come at once', async () => {
  const { tenant, visitor } = await begun()
  for (const replays of [1, 6]) {
    const first = await visitor.signIn()
    const second = await (await visitor.refresh(first.refresh_token)).json<Tokens>()
    const third = await (await visitor.refresh(second.refresh_token)).json<Tokens>()
    const answers = await Promise.all(Array.from({ length: replays }, () => visitor.refresh(first.refresh_token)))
    for (const answer of answers) expect(await answer.json()).toMatchObject({ error: 'invalid_grant' })
    expect((await tenant.post('/Contact', { name: 'Bo' }, third.access_token)).status).toBe(401)
    expect((await visitor.refresh(third.refresh_token)).status).toBe(400)
  }
})

test('attack: of several refreshes with one token at once, one is answered, and its tokens end', async () => {
  const { tenant, visitor } = await begun()
  const { refresh_token: token } = await visitor.signIn()
  const answers = await Promise.all(Array.from({ length: 6 }, () => visitor.refresh(token)))
  const good = answers.filter(({ ok }) => ok)
  expect(good.length).toBe(1)
  const next = (await good[0]?.json<Tokens>()) ?? { access_token: '', refresh_token: '' }
  expect((await tenant.post('/Contact', { name: 'Bo' }, next.access_token)).status).toBe(401)
  expect((await visitor.refresh(next.refresh_token)).status).toBe(400)
})

test('attack: a guess at a refresh token ends nothing', async () => {
  const { visitor } = await begun()
  const { refresh_token: token } = await visitor.signIn()
  const guess = token.slice(0, -32) + 'x'.repeat(32)
  expect((await visitor.refresh(guess)).status).toBe(400)
  expect((await visitor.refresh(token)).status).toBe(200)
})

test('attack: PKCE cannot be left out, weakened or guessed, also by a client with a secret', async () => {
  const { tenant, visitor } = await begun()
  await visitor.register()
  const secret = new OAuthVisitor(tenant)
  await secret.register({ token_endpoint_auth_method: 'client_secret_post' })
  for (const client of [visitor, secret])
    for (const weaker of [
      { code_challenge: undefined, code_challenge_method: undefined },
      { code_challenge_method: 'plain' },
      { code_challenge_method: undefined },
    ]) {
      const location = (await client.authorize(weaker)).headers.get('location') ?? 'http://none'
      expect(new URL(location).searchParams.get('error')).toBe('invalid_request')
    }
  const code = (await visitor.allow()).get('code') ?? ''
  const wrong = await visitor.redeem(code, { code_verifier: 'another-verifier-of-at-least-forty-three-characters' })
  expect(await wrong.json()).toMatchObject({ error: 'invalid_grant' })
})

test('attack: a browser is never sent to an address that the client has not registered', async () => {
  const { visitor } = await begun()
  await visitor.register()
  for (const uri of [
    'https://evil.example/callback',
    'http://127.0.0.1:4321/other',
    'http://127.0.0.1:4321/callback/../evil',
    'http://127.0.0.1.evil.example/callback',
    'javascript:alert(1)',
    'http://user@127.0.0.1:4321/callback',
    '',
  ]) {
    const response = await visitor.authorize({ redirect_uri: uri })
    expect([uri, response.status, response.headers.get('location')]).toEqual([uri, 400, null])
  }
  const unknown = await visitor.authorize({ client_id: 'nobody', redirect_uri: 'https://evil.example/' })
  expect([unknown.status, unknown.headers.get('location')]).toEqual([400, null])
  // Another port of the own machine is that of the same program (RFC 8252, 7.3).
  expect((await visitor.authorize({ redirect_uri: 'http://127.0.0.1:9/callback' })).status).toBe(200)
  const code = (await visitor.allow()).get('code') ?? ''
  expect((await visitor.redeem(code, { redirect_uri: 'http://127.0.0.1:4321/other' })).status).toBe(400)
})

test('attack: an answer names its server, so that a client cannot be led to mix up two', async () => {
  const { visitor } = await begun()
  await visitor.register()
  const issuer = `${visitor.origin}/~${visitor.tenant.name}`
  expect((await visitor.allow()).get('iss')).toBe(issuer)
  const refused = (await visitor.authorize({ scope: 'read no-such-scope' })).headers.get('location') ?? ''
  const answered = Object.fromEntries(new URL(refused).searchParams)
  expect(answered).toMatchObject({ error: 'invalid_scope', iss: issuer, state: 'a-state' })
})

test('attack: nothing of one tenant counts at another', async () => {
  const [a, b] = [await begun(), await begun()]
  const tokens = await a.visitor.signIn()
  expect((await b.tenant.ask('/Contact', { key: tokens.access_token })).status).toBe(401)
  await b.visitor.register()
  const code = (await a.visitor.allow()).get('code') ?? ''
  expect((await b.visitor.redeem(code)).status).toBe(400)
  expect((await b.visitor.refresh(tokens.refresh_token)).status).toBe(400)
  const foreign = new OAuthVisitor(b.tenant)
  foreign.clientId = a.visitor.clientId
  expect((await foreign.authorize()).status).toBe(400)
  const resource = `${a.visitor.origin}/~${a.tenant.name}`
  expect((await b.visitor.authorize({ resource })).headers.get('location')).toContain('error=invalid_target')
  expect((await a.tenant.ask('/Contact', { key: tokens.access_token })).status).toBe(200)
})

test('attack: codes and tokens of one client are worthless to another', async () => {
  const { tenant, visitor } = await begun()
  const other = new OAuthVisitor(tenant)
  await other.register()
  const tokens = await visitor.signIn()
  expect((await other.refresh(tokens.refresh_token)).status).toBe(400)
  await other.form('/oauth/revoke', { token: tokens.refresh_token, client_id: other.clientId })
  await other.form('/oauth/revoke', { token: tokens.access_token, client_id: other.clientId })
  expect((await tenant.ask('/Contact?strong=true', { key: tokens.access_token })).status).toBe(200)
  const code = (await visitor.allow()).get('code') ?? ''
  expect((await other.redeem(code)).status).toBe(400)
})

test('attack: only the page that a person has open can allow access, once', async () => {
  const { tenant, visitor } = await begun()
  await visitor.register()
  const consent = await visitor.consent()
  const foreign = await visitor.decide(consent, {}, { origin: 'https://evil.example' })
  expect(foreign.status).toBe(403)
  const neighbour = await visitor.decide(consent, {}, { origin: 'http://localhost:9999' })
  expect(neighbour.status).toBe(403)
  const other = await visitor.consent()
  for (const wrong of [
    { ...consent, cookie: '' },
    { ...consent, cookie: other.cookie },
    { ...consent, handle: 'x'.repeat(43) },
  ])
    expect((await visitor.decide(wrong)).headers.get('location')).toBe(null)
  expect((await visitor.decide(consent)).status).toBe(303)
  expect((await visitor.decide(consent)).status).toBe(400)
  const { page } = other
  expect(page).not.toMatch(/(?:src|href|action)="https?:/)
  const headers = (await visitor.authorize()).headers
  expect(headers.get('x-frame-options')).toBe('DENY')
  expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
  expect(tenant.name).toContain('keys-')
})

test('attack: a program with a key or a token cannot allow access in the name of its person', async () => {
  const { tenant, visitor } = await begun()
  const { key } = await tenant.make('/ApiKey', { name: 'all' })
  const tokens = await visitor.signIn()
  for (const proof of [key, tokens.access_token]) {
    const path = `/oauth/authorize?client_id=${visitor.clientId}`
    const response = await tenant.ask(path, { key: proof })
    expect([response.status, response.headers.get('set-cookie')]).toEqual([401, null])
  }
})

test('attack: the address of a client never makes the server ask a private host', async () => {
  const { visitor } = await begun()
  const fetched = vi.spyOn(globalThis, 'fetch')
  for (const id of [
    'http://client.example/meta.json',
    'https://localhost/meta.json',
    'https://127.0.0.1/meta.json',
    'https://0x7f.1/meta.json',
    'https://[::1]/meta.json',
    'https://[::ffff:10.0.0.1]/meta.json',
    'https://192.168.1.1/meta.json',
    'https://169.254.169.254/latest',
    'https://router.lan/meta.json',
    'https://printer/meta.json',
    'https://metadata.google.internal/x',
    'https://client.example:8443/meta.json',
    'https://user:secret@client.example/meta.json',
    'file:///etc/passwd',
  ]) {
    expect((await visitor.authorize({ client_id: id })).status).toBe(400)
    const basic = { authorization: `Basic ${btoa(`${encodeURIComponent(id)}:secret`)}` }
    const fields = { grant_type: 'authorization_code', code: 'a:b:c' }
    expect((await visitor.form('/oauth/token', { ...fields, client_id: id })).status).toBe(401)
    expect((await visitor.form('/oauth/token', fields, basic)).status).toBe(401)
    expect((await visitor.form('/oauth/introspect', { token: 'x', client_id: id })).status).toBe(401)
  }
  expect(fetched).not.toHaveBeenCalled()
  fetched.mockRestore()
})

test('a client with a metadata document signs in under its domain', async () => {
  const { tenant, visitor } = await begun()
  const client_id = 'https://client.example/meta.json'
  const document = {
    client_id,
    client_name: 'The <b>App</b>',
    redirect_uris: ['https://client.example/callback'],
    token_endpoint_auth_method: 'none',
  }
  const fetched = vi.spyOn(globalThis, 'fetch').mockImplementation(async () => Response.json(document))
  visitor.clientId = client_id
  const fields = { redirect_uri: 'https://client.example/callback' }
  const consent = await visitor.consent(fields)
  expect(consent.page).toContain('<strong>client.example</strong>')
  expect(consent.page).toContain('The &lt;b&gt;App&lt;/b&gt;')
  const location = (await visitor.decide(consent)).headers.get('location') ?? ''
  const code = new URL(location).searchParams.get('code') ?? ''
  const tokens = await (await visitor.redeem(code, fields)).json<Tokens>()
  expect((await tenant.ask('/Contact', { key: tokens.access_token })).status).toBe(200)
  fetched.mockRestore()
})

interface DeviceCodes {
  readonly device_code: string
  readonly user_code: string
  readonly verification_uri_complete: string
  readonly interval: number
}

async function beginDevice(visitor: OAuthVisitor): Promise<DeviceCodes> {
  await visitor.register()
  const fields = { client_id: visitor.clientId, scope: 'read write' }
  return (await visitor.form('/oauth/device_authorization', fields)).json<DeviceCodes>()
}

function pollDevice(visitor: OAuthVisitor, codes: DeviceCodes): Promise<Response> {
  const grant_type = 'urn:ietf:params:oauth:grant-type:device_code'
  return visitor.form('/oauth/token', { grant_type, device_code: codes.device_code, client_id: visitor.clientId })
}

/** Enters the code and decides. */
async function decideDevice(visitor: OAuthVisitor, fields: Readonly<Record<string, string>>): Promise<Response> {
  const headers = { origin: visitor.origin }
  const asked = await visitor.form('/oauth/device', { user_code: fields['user_code'] ?? '' }, headers)
  const [, handle = ''] = /name="handle" value="([^"]+)"/.exec(await asked.text()) ?? []
  const [cookie = ''] = (asked.headers.get('set-cookie') ?? '').split(';')
  return visitor.form(
    '/oauth/device',
    { handle, decision: 'approve', scope: 'read', ...fields },
    { ...headers, cookie },
  )
}

test('a device gets tokens once its code was allowed, with the scopes that are left', async () => {
  const { tenant, visitor } = await begun()
  const codes = await beginDevice(visitor)
  expect(codes.user_code).toMatch(/^[B-Z]{4}-[B-Z]{4}$/)
  expect(await (await pollDevice(visitor, codes)).json()).toMatchObject({ error: 'authorization_pending' })
  expect(await (await pollDevice(visitor, codes)).json()).toMatchObject({ error: 'slow_down' })
  const page = await tenant.askServer(codes.verification_uri_complete)
  expect(await page.text()).toContain(`value="${codes.user_code}"`)
  expect((await decideDevice(visitor, { user_code: codes.user_code.toLowerCase() })).status).toBe(200)
  const answers = await Promise.all([pollDevice(visitor, codes), pollDevice(visitor, codes)])
  const good = answers.filter(({ ok }) => ok)
  expect(good.length).toBe(1)
  const tokens = await good[0]?.json<Tokens>()
  expect(tokens).toMatchObject({ scope: 'read', refresh_token: expect.any(String) })
  expect((await tenant.ask('/Contact', { key: tokens?.access_token ?? '' })).status).toBe(200)
  expect(await (await pollDevice(visitor, codes)).json()).toMatchObject({ error: 'expired_token' })
})

test('attack: a device gets nothing by a refusal, a foreign form, the code of another, or another client', async () => {
  const { tenant, visitor } = await begun()
  const [codes, others] = [await beginDevice(visitor), await beginDevice(visitor)]
  const user_code = codes.user_code
  const foreign = await visitor.form('/oauth/device', { user_code }, { origin: 'https://evil.example' })
  expect(foreign.status).toBe(403)
  const { key } = await tenant.make('/ApiKey', { name: 'all' })
  const byKey = { origin: visitor.origin, authorization: `Bearer ${key}` }
  expect((await visitor.form('/oauth/device', { user_code }, byKey)).status).toBe(401)
  const asked = await visitor.form('/oauth/device', { user_code: others.user_code }, { origin: visitor.origin })
  const [, handle = ''] = /name="handle" value="([^"]+)"/.exec(await asked.text()) ?? []
  const [cookie = ''] = (asked.headers.get('set-cookie') ?? '').split(';')
  const fields = { handle, user_code, decision: 'approve', scope: 'read' }
  const swapped = await visitor.form('/oauth/device', fields, { origin: visitor.origin, cookie })
  expect(swapped.status).toBe(400)
  expect((await visitor.form('/oauth/device', fields, { origin: visitor.origin })).status).toBe(400)
  const other = new OAuthVisitor(tenant)
  await other.register()
  expect(await (await pollDevice(other, codes)).json()).toMatchObject({ error: 'expired_token' })
  expect((await decideDevice(visitor, { user_code, decision: 'deny' })).status).toBe(200)
  expect(await (await pollDevice(visitor, codes)).json()).toMatchObject({ error: expect.any(String) })
  for (let guess = 0; guess < 10; guess++)
    await visitor.form('/oauth/device', { user_code: 'BBBB-BBBB' }, { origin: visitor.origin })
  expect((await visitor.form('/oauth/device', { user_code: 'BBBB-BBBB' }, { origin: visitor.origin })).status).toBe(429)
})
