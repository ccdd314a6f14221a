// People at the front door: the first owner, sign-in sessions, and what they prove in tenants.

import { createExecutionContext, env as testEnv } from 'cloudflare:test'
import { expect, test, vi } from 'vitest'
import { makeApp } from '../app.ts'
import type { Env } from '../base/env.ts'
import { services } from '../base/services.ts'
import { memberOf } from '../identity/people.ts'

/** A server on a public address. */
const env: Env = { ...testEnv, REQUIRE_SIGN_IN: 'true', LAKE_SECRET: 'a secret of the lake' }
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

test('signing out ends the session in every tenant at once, also its sockets', async () => {
  const { webSocket } = await ask('/~people-1/events', { cookie: owner, headers: { upgrade: 'websocket', origin } })
  const closed = vi.fn()
  webSocket?.addEventListener('close', ({ code }) => closed(code))
  webSocket?.accept()
  const answer = await post('/sign-out', {}, { cookie: owner })
  expect([answer.status, answer.headers.get('set-cookie')]).toEqual([200, expect.stringContaining('Max-Age=0')])
  await vi.waitFor(() => expect(closed).toHaveBeenCalledWith(4001))
  expect((await post('/~people-1/Contact', { name: 'x' }, { cookie: owner })).status).toBe(401)
  expect((await ask('/account', { cookie: owner })).status).toBe(401)
  await vi.waitFor(async () => expect((await ask('/~people-1/Contact', { cookie: owner })).status).toBe(401), {
    timeout: 1_500,
  })
})
