// People at the front door: the first owner, sign-in sessions, and what they prove in tenants.

import { createExecutionContext, env as testEnv } from 'cloudflare:test'
import { expect, test, vi } from 'vitest'
import { signInThere } from '../../../../packages/oauth.do/test/provider.ts'
import { sha256 } from '../../test/sha256.ts'
import { makeApp } from '../app.ts'
import type { Env } from '../base/env.ts'
import { services } from '../base/services.ts'
import { memberOf } from '../identity/people.ts'

/** A server on a public address. */
const env: Env = {
  ...testEnv,
  REQUIRE_SIGN_IN: 'true',
  LAKE_SECRET: 'a secret of the lake',
  // Other files have people too.
  DIRECTORY: { getByName: () => testEnv.DIRECTORY.getByName('of-sign-in') },
}
const app = makeApp(services)
const origin = 'http://localhost'

interface Asked {
  readonly method?: string
  readonly body?: object
  readonly cookie?: string
  readonly headers?: Readonly<Record<string, string>>
}

function ask(path: string, { method = 'GET', body, cookie, headers = {} }: Asked = {}): Promise<Response> {
  const init = {
    method,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(method === 'GET' ? {} : { origin }),
      ...(cookie === undefined ? {} : { cookie }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }
  return Promise.resolve(app.fetch(new Request(origin + path, init), env, createExecutionContext()))
}

const post = (path: string, body: object, asked: Asked = {}): Promise<Response> =>
  ask(path, { ...asked, method: 'POST', body })

/** The cookie as a browser sends it back. */
function cookieOf(response: Response): string {
  return (response.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
}

const claim = { code: 'the-owner', name: 'Ada Lovelace', email: 'Ada@Example.com' }
let owner = ''

test('without an owner, nobody may do anything but claim the server', async () => {
  expect(await (await ask('/sign-in/state')).json()).toEqual({ isClaimed: false })
  const answers = await Promise.all([
    ask('/~acme/Contact'),
    post('/~acme/Contact', { name: 'x' }),
    ask('/tenants'),
    ask('/account'),
    ask('/~acme/events', { headers: { upgrade: 'websocket' } }),
    post('/account/tenants', { tenant: 'acme' }),
    ask('/iceberg/acme/v1/namespaces'),
  ])
  expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401, 401, expect.any(Number)])
  expect((await ask('/')).status).toBe(200)
})

test('the link makes one owner, also for two at the same time, and works once', async () => {
  for (const wrong of [
    { ...claim, code: 'the-other' },
    { ...claim, email: 'nobody' },
    { ...claim, name: ' ' },
  ])
    expect((await post('/sign-in/claim', wrong)).ok).toBe(false)
  const both = await Promise.all([post('/sign-in/claim', claim), post('/sign-in/claim', { ...claim, email: 'b@x.io' })])
  expect(both.map(({ status }) => status).toSorted((one, two) => one - two)).toEqual([200, 403])
  owner = cookieOf(both.find(({ ok }) => ok) ?? new Response())
  const [header = ''] = both.map(({ headers }) => headers.get('set-cookie') ?? '').filter((text) => text !== '')
  expect(header).toMatch(
    /^__Host-headlessly-[0-9a-f]{8}=[0-9A-Za-z]{43}; Path=\/; Secure; HttpOnly; SameSite=Lax; Max-Age=2592000$/,
  )
  expect((await post('/sign-in/claim', claim)).status).toBe(403)
  expect(await (await ask('/sign-in/state')).json()).toEqual({ isClaimed: true })
})

test('an owner begins a tenant, and is one of its users, as whom events name the session', async () => {
  const begun = await post('/account/tenants', { tenant: 'people-1' }, { cookie: owner })
  const { user } = await begun.json<{ user: string }>()
  expect(begun.status).toBe(200)
  expect((await post('/account/tenants', { tenant: 'people-1' }, { cookie: owner })).status).toBe(200)
  const users = await (await ask('/~people-1/User', { cookie: owner })).json<{ results: object[] }>()
  expect(users.results).toMatchObject([{ $id: user, role: 'Owner', status: 'Active' }])
  const contact = await (await post('/~people-1/Contact', { name: 'Grace' }, { cookie: owner })).json<{ $id: string }>()
  const events = await (await ask('/~people-1/events?limit=100', { cookie: owner })).json<{ results: object[] }>()
  expect(events.results.at(-1)).toMatchObject({
    target: contact.$id,
    actor: user,
    key: expect.stringMatching(/^session_[0-9A-Za-z]{20}$/),
  })
  const headers = new Headers({ cookie: owner })
  expect(await memberOf({ headers, env }, 'people-1')).toMatchObject({ user, session: expect.any(String) })
  expect(await memberOf({ headers, env }, 'people-2')).toBeUndefined()
  expect((await ask('/~people-2/Contact', { cookie: owner })).status).toBe(401)
  expect((await ask('/tenants', { cookie: owner })).status).toBe(200)
})

test('calls without a proof are in the audit log as such, and not as malformed keys', async () => {
  await ask('/~people-1/Contact')
  await ask('/~people-1/Contact', { headers: { authorization: 'Bearer hly_sk_x' } })
  await vi.waitFor(async () => {
    const { results } = await (
      await ask('/~people-1/audit?kind=unauthorized', { cookie: owner })
    ).json<{ results: readonly { about: string }[] }>()
    expect(results.map(({ about }) => about).toSorted()).toEqual(['a call without a key', 'a malformed key'])
  })
})

test('attack: a page of another origin can do nothing with a signed-in browser (CSRF)', async () => {
  const foreign = ['https://evil.example', 'http://localhost:3000', 'http://crm.localhost', 'null']
  const tries = foreign.flatMap((from) => [
    post('/~people-1/Contact', { name: 'x' }, { cookie: owner, headers: { origin: from } }),
    post('/account/tenants', { tenant: 'people-1' }, { cookie: owner, headers: { origin: from } }),
    post('/sign-out', {}, { cookie: owner, headers: { origin: from } }),
    ask('/tenants/people-1?confirm=people-1', { method: 'DELETE', cookie: owner, headers: { origin: from } }),
    ask('/~people-1/events', { cookie: owner, headers: { origin: from, upgrade: 'websocket' } }),
  ])
  const answers = await Promise.all(tries)
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([403]))
  // A request that does not say where it comes from is none of a page of this server either.
  const request = new Request(`${origin}/~people-1/Contact`, {
    method: 'POST',
    headers: { cookie: owner, 'content-type': 'application/json' },
    body: '{"name":"x"}',
  })
  expect((await app.fetch(request, env, createExecutionContext())).status).toBe(403)
  expect((await ask('/account', { cookie: owner })).status).toBe(200)
})

test('attack: the sign-in page sends nobody to another host afterwards (open redirect)', async () => {
  const headers = { accept: 'text/html' }
  const to = async (path: string): Promise<string | undefined> => {
    const page = await (await ask(`/sign-in?to=${encodeURIComponent(path)}`, { headers })).text()
    return /<input id="to" type="hidden" value="([^"]*)"/.exec(page)?.[1]
  }
  const foreign = [
    '//evil.example',
    '/\\evil.example',
    'https://evil.example',
    '/\t/evil.example',
    'javascript:alert(1)',
    '/a\\b',
    '',
  ]
  for (const path of foreign) expect(await to(path), path).toBe('/account')
  expect(await to('/~acme/Contact?a=1#b')).toBe('/~acme/Contact?a=1#b')
  expect(await to('/"><script>')).toBe('/&quot;&gt;&lt;script&gt;')
})

test('a browser that is not signed in gets the sign-in page, and a program the refusal', async () => {
  const accept = { accept: 'text/html,application/xhtml+xml' }
  const sent = await ask('/~people-1?a=1', { headers: accept })
  expect([sent.status, sent.headers.get('location')]).toEqual([303, '/sign-in?to=%2F~people-1%3Fa%3D1'])
  expect((await ask('/~people-1', { headers: { accept: 'application/json' } })).status).toBe(401)
  expect((await ask('/~people-1', { headers: { ...accept, 'x-api-key': `hly_sk_${'0'.repeat(43)}` } })).status).toBe(
    401,
  )
  expect((await ask('/~people-1', { headers: accept, cookie: owner })).status).toBe(200)
})

test('a person links an account elsewhere on the account page, and signs in with it', async () => {
  const goThere = async (path: string, cookie?: string): Promise<Response> => {
    const begun = await post(path, {}, cookie === undefined ? {} : { cookie })
    const { url } = await begun.json<{ url: string }>()
    const back = new URL(signInThere(url, 'ada-there'))
    const cookies = [cookieOf(begun), ...(cookie === undefined ? [] : [cookie])].join('; ')
    return ask(back.pathname + back.search, { cookie: cookies })
  }
  expect((await goThere('/sign-in/provider')).status).toBe(400)
  expect((await goThere('/account/provider', owner)).headers.get('location')).toBe('/account')
  const answer = await goThere('/sign-in/provider')
  const [ended = '', signedIn = ''] = answer.headers.getSetCookie()
  expect([answer.status, ended]).toEqual([303, expect.stringContaining('Max-Age=0')])
  const account = await ask('/account', { cookie: signedIn.split(';')[0] ?? '' })
  expect(await account.json()).toMatchObject({ account: { name: claim.name }, provider: { isLinked: true } })
})

test('the sign-in pages load nothing, may be framed by nobody, and send forms to this server only', async () => {
  for (const path of ['/sign-in', '/sign-in/claim', '/sign-in/invitation', '/sign-in/recover', '/account']) {
    const page = await ask(path, { cookie: owner, headers: { accept: 'text/html' } })
    expect(page.status).toBe(200)
    const policy = page.headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("form-action 'self'")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(page.headers.get('cache-control')).toBe('no-store')
    expect(await page.text()).not.toMatch(/<(?:script|link|img|iframe)[^>]*(?:src|href)="(?!data:)/)
  }
})

test('a secret is nowhere but in its cookie', async () => {
  const secret = owner.slice(owner.indexOf('=') + 1)
  const paths = ['/account', '/~people-1/User', '/~people-1/events?limit=1000', '/~people-1/status', '/tenants', '/']
  for (const path of paths) expect(await (await ask(path, { cookie: owner })).text()).not.toContain(secret)
})

test('attack: a session that somebody else has set in the browser is not the one of the person (fixation)', async () => {
  const set = `${owner.slice(0, owner.indexOf('=') + 1)}${'A'.repeat(43)}`
  expect((await ask('/account', { cookie: set })).status).toBe(401)
  // Another host may set a cookie for this one, but not by a name that begins with `__Host-`.
  expect(owner).toMatch(/^__Host-/)
})

/** Begins a tenant of the owner and invites a person. Returns the code of the link and the id of the user. */
async function inviteTo(
  tenant: string,
  fields: Readonly<Record<string, string>>,
): Promise<{ code: string; user: string }> {
  await post('/account/tenants', { tenant }, { cookie: owner })
  const invited = await post(`/~${tenant}/invitations`, fields, { cookie: owner })
  expect(invited.status).toBe(201)
  const { link, user } = await invited.json<{ link: string; user: string }>()
  return { code: link.slice(link.indexOf('#') + 1), user }
}

interface Accepted {
  readonly account: { readonly id: string; readonly email: string }
  readonly user: string
}

test('an invited person becomes a user of the tenant, who is active once the invitation is accepted', async () => {
  const { code, user } = await inviteTo('guests', { email: 'Bob@Example.com', role: 'Viewer' })
  const shown = async (): Promise<object> =>
    await (await ask(`/~guests/User/${user}?strong=true`, { cookie: owner })).json<object>()
  expect(await shown()).toMatchObject({ status: 'Invited', role: 'Viewer', email: 'bob@example.com' })
  const answers = await Promise.all([
    post('/sign-in/invitation', { code, name: 'Bob' }),
    post('/sign-in/invitation', { code, name: 'Bert' }),
  ])
  expect(answers.map(({ status }) => status).toSorted((one, two) => one - two)).toEqual([200, 403])
  const cookie = cookieOf(answers.find(({ ok }) => ok) ?? new Response())
  expect(await shown()).toMatchObject({ status: 'Active' })
  expect((await ask('/~guests/Contact', { cookie })).status).toBe(200)
  expect((await post('/~guests/Contact', { name: 'x' }, { cookie })).status).toBe(403)
  expect((await post('/~guests/invitations', { email: 'c@x.io' }, { cookie })).status).toBe(403)
  expect((await post('/account/tenants', { tenant: 'bobs' }, { cookie })).status).toBe(403)
  expect((await ask('/tenants', { cookie })).status).toBe(403)
  expect((await post('/account/recovery', { email: claim.email }, { cookie })).status).toBe(403)
  const list = await (await ask('/', { cookie, headers: { accept: 'application/json' } })).json<object>()
  expect(list).toMatchObject({ tenants: { results: [{ name: 'guests' }] } })
})

test('attack: whoever invites a person does not become that person', async () => {
  const { code } = await inviteTo('mallory', { email: claim.email, name: 'Ada' })
  expect(await (await post('/sign-in/invitation', { code, name: 'Ada' })).json()).toMatchObject({ code: 'conflict' })
  // The refusal has not used it up: the person signs in and accepts.
  const accepted = await post('/sign-in/invitation', { code }, { cookie: owner })
  expect(await accepted.json<Accepted>()).toMatchObject({ account: { email: 'ada@example.com' } })
})

test('a new invitation replaces the link of the one before, and a suspended user cannot be invited', async () => {
  const first = await inviteTo('replaced', { email: 'carol@example.com' })
  const second = await inviteTo('replaced', { email: 'carol@example.com' })
  expect(second.user).toBe(first.user)
  expect((await post('/sign-in/invitation', { code: first.code, name: 'Carol' })).status).toBe(403)
  await post(`/~replaced/User/${first.user}/suspend`, {}, { cookie: owner })
  expect((await post('/~replaced/invitations', { email: 'carol@example.com' }, { cookie: owner })).status).toBe(409)
  // Accepting activates nobody who was suspended meanwhile.
  const accepted = await post('/sign-in/invitation', { code: second.code, name: 'Carol' })
  expect(accepted.status).toBe(200)
  expect((await ask('/~replaced/Contact', { cookie: cookieOf(accepted) })).status).toBe(401)
})

test('a recovered account has one session: the one of the link', async () => {
  const { code } = await inviteTo('recovered', { email: 'dan@example.com' })
  const lost = cookieOf(await post('/sign-in/invitation', { code, name: 'Dan' }))
  expect((await post('/~recovered/Contact', { name: 'x' }, { cookie: lost })).status).toBe(201)
  const made = await post('/account/recovery', { email: 'dan@example.com' }, { cookie: owner })
  const { link } = await made.json<{ link: string }>()
  const recovery = { code: link.slice(link.indexOf('#') + 1) }
  const both = await Promise.all([post('/sign-in/recover', recovery), post('/sign-in/recover', recovery)])
  expect(both.map(({ status }) => status).toSorted((one, two) => one - two)).toEqual([200, 403])
  const found = cookieOf(both.find(({ ok }) => ok) ?? new Response())
  expect((await post('/~recovered/Contact', { name: 'x' }, { cookie: lost })).status).toBe(401)
  expect((await post('/~recovered/Contact', { name: 'x' }, { cookie: found })).status).toBe(201)
})

test('suspending a user ends what its session may do, and sockets that it has opened, at once', async () => {
  await post('/account/tenants', { tenant: 'people-3' }, { cookie: owner })
  const session = { cookie: owner }
  const { results } = await (await ask('/~people-3/User', session)).json<{ results: { $id: string }[] }>()
  const { webSocket } = await ask('/~people-3/events', { ...session, headers: { upgrade: 'websocket', origin } })
  const closed = vi.fn()
  webSocket?.addEventListener('close', ({ code }) => closed(code))
  webSocket?.accept()
  expect((await post(`/~people-3/User/${results[0]?.$id}/suspend`, {}, session)).status).toBe(200)
  await vi.waitFor(() => expect(closed).toHaveBeenCalledWith(4001))
  expect((await post('/~people-3/Contact', { name: 'x' }, session)).status).toBe(401)
  expect((await ask('/~people-1/Contact', session)).status).toBe(200)
})

test('a person who is signed in allows a program, which acts in the name of that person', async () => {
  const page = { accept: 'text/html' }
  const registration = {
    client_name: 'Robot',
    redirect_uris: ['http://127.0.0.1/x'],
    token_endpoint_auth_method: 'none',
  }
  const registered = await post('/~people-1/oauth/register', registration)
  const { client_id } = await registered.json<{ client_id: string }>()
  const verifier = 'a-verifier-of-at-least-forty-three-characters-0123'
  const query = new URLSearchParams({
    response_type: 'code',
    client_id,
    redirect_uri: 'http://127.0.0.1:99/x',
    scope: 'read',
    code_challenge: await sha256(verifier),
    code_challenge_method: 'S256',
  })
  const path = `/~people-1/oauth/authorize?${query.toString()}`
  const unknown = await ask(path, { headers: page })
  expect(unknown.headers.get('location')).toBe(`/sign-in?to=${encodeURIComponent(path)}`)
  const shown = await ask(path, { headers: page, cookie: owner })
  const [, handle = ''] = /name="handle" value="([^"]+)"/.exec(await shown.text()) ?? []
  const form = new URLSearchParams({ handle, decision: 'approve', scope: 'read' }).toString()
  const send = (target: string, body: string, cookie: string) =>
    app.fetch(
      new Request(origin + target, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', origin, cookie },
        body,
        redirect: 'manual',
      }),
      env,
      createExecutionContext(),
    )
  const own = cookieOf(shown)
  expect((await send(path, form, own)).status).toBe(401)
  const location = (await send(path, form, `${owner}; ${own}`)).headers.get('location') ?? ''
  const code = new URL(location).searchParams.get('code') ?? ''
  const grant = {
    grant_type: 'authorization_code',
    code,
    client_id,
    code_verifier: verifier,
    redirect_uri: 'http://127.0.0.1:99/x',
  }
  const redeemed = await send('/~people-1/oauth/token', new URLSearchParams(grant).toString(), '')
  const { access_token } = await redeemed.json<{ access_token: string }>()
  const headers = { authorization: `Bearer ${access_token}` }
  const whoami = await (await ask('/~people-1/whoami', { headers })).json()
  expect(whoami).toMatchObject({ actor: expect.stringMatching(/^user_/) as unknown, mayDoEverything: false })
})

test('signing out ends the session in every tenant at once, also its sockets', async () => {
  const { webSocket } = await ask('/~people-1/events', { cookie: owner, headers: { upgrade: 'websocket', origin } })
  const closed = vi.fn()
  webSocket?.addEventListener('close', ({ code }) => closed(code))
  webSocket?.accept()
  const answer = await post('/sign-out', {}, { cookie: owner })
  expect([answer.status, answer.headers.get('set-cookie')]).toEqual([200, expect.stringContaining('Max-Age=0')])
  await vi.waitFor(() => expect(closed).toHaveBeenCalledWith(4001))
  expect((await post('/~people-1/Contact', { name: 'x' }, { cookie: owner })).status).toBe(401)
  // The front door keeps its verdict for a moment, and the tenant's object does not.
  expect((await ask('/~people-1/oauth/grants', { cookie: owner })).status).toBe(401)
  expect((await ask('/account', { cookie: owner })).status).toBe(401)
  await vi.waitFor(async () => expect((await ask('/~people-1/Contact', { cookie: owner })).status).toBe(401), {
    timeout: 1_500,
  })
})
