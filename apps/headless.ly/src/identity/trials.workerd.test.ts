// Trials at the front door: what a caller without a key sees and may do, how its trial becomes permanent, and how it ends.

import {
  createExecutionContext,
  env as testEnv,
  runDurableObjectAlarm,
  runInDurableObject,
  waitOnExecutionContext,
} from 'cloudflare:test'
import { expect, test, vi } from 'vitest'
import { tokenOfJob } from '../../../../packages/oauth.do/test/provider.ts'
import { makeApp } from '../app.ts'
import type { Env } from '../base/env.ts'
import { services } from '../base/services.ts'

const directory = testEnv.DIRECTORY.getByName('of-trials')
const directoryObject: DurableObjectStub = directory
const members: Env = {
  ...testEnv,
  REQUIRE_SIGN_IN: 'true',
  TRIALS: 'members',
  // It names the sender, as on Cloudflare.
  VERSION: { id: 'test' },
  LAKE_SECRET: 'a secret of the lake',
  DIRECTORY: { getByName: () => directory },
}
const open: Env = { ...members, TRIALS: 'open' }
const app = makeApp(services)
const origin = 'http://localhost'
let senders = 0

interface Asked {
  readonly env?: Env
  readonly method?: string
  readonly body?: object
  readonly key?: string
  readonly cookie?: string
  readonly address?: string
}

/** Each request comes from an address of its own, unless one is given. */
async function ask(path: string, asked: Asked = {}): Promise<Response> {
  const { env = members, body, key, cookie } = asked
  const { method = body === undefined ? 'GET' : 'POST', address = `10.0.0.${++senders}` } = asked
  const headers = {
    'cf-connecting-ip': address,
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
    ...(cookie === undefined ? {} : { cookie, origin }),
    ...(path.startsWith('/sign-in') ? { origin } : {}),
  }
  const request = new Request(origin + path, { method, headers, ...(body && { body: JSON.stringify(body) }) })
  const context = createExecutionContext()
  const answered = await app.fetch(request, env, context)
  await waitOnExecutionContext(context)
  return answered
}

interface Begun {
  readonly tenant: string
  readonly key: string
}

async function begin(name: string, asked: Asked = {}): Promise<Begun> {
  const answered = await ask('/~try/Contact', { ...asked, body: { name } })
  expect(answered.status).toBe(201)
  const [tenant = '', key = ''] = ['tenant', 'session'].map(
    (part) => answered.headers.get(`x-headlessly-${part}`) ?? '',
  )
  expect(answered.headers.get('location')).toMatch(new RegExp(`^/~${tenant}/Contact/contact_`))
  return { tenant, key }
}

async function codeOf({ tenant, key }: Begun): Promise<string> {
  const answered = await ask(`/~${tenant}/claim`, { body: {}, key })
  const { code } = await answered.json<{ code: string }>()
  return code
}

async function namesIn({ tenant, key }: Begun): Promise<readonly string[]> {
  const answered = await ask(`/~${tenant}/Contact`, { key })
  if (!answered.ok) return [`refused with ${answered.status}`]
  const { results } = await answered.json<{ results: readonly { name: string }[] }>()
  return results.map(({ name }) => name)
}

function cookieOf(response: Response): string {
  return (response.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
}

test('a caller without a key sees schemas on a server with trials, and nothing of its tenants', async () => {
  const { key, tenant } = await begin('Grace')
  expect((await ask('/~try/schema/Contact')).status).toBe(200)
  expect(await (await ask('/~try/Contact')).json()).toMatchObject({ results: [] })
  expect((await ask('/~try/llms.txt')).status).toBe(200)
  const refused = await Promise.all([
    ask(`/~${tenant}/Contact`),
    ask('/~acme/Contact'),
    ask('/~try/do', { body: { code: 'async ($) => 1' } }),
    ask('/~try/rpc', { body: {} }),
    ask('/~try/ticket', { body: {} }),
    ask('/~try/claim', { body: {} }),
    ask('/tenants'),
    // The key of one trial is worthless at another.
    ask(`/~${(await begin('Ada')).tenant}/Contact`, { key }),
  ])
  expect(refused.map(({ status }) => status)).toEqual(refused.map(() => 401))
  const without = { ...members, TRIALS: 'off' }
  expect((await ask('/~try/schema', { env: without })).status).toBe(401)
  expect((await ask('/trials', { env: without, body: {} })).status).toBe(404)
})

test('the demo tenant is read without a key, except for its people and keys', async () => {
  const owner = { ...testEnv, REQUIRE_SIGN_IN: 'false' }
  await ask('/~of-demo/Contact', { env: owner, body: { name: 'Shown' } })
  await ask('/~of-demo/User', { env: owner, body: { name: 'Hidden', email: 'hidden@example.com' } })
  const demo = { ...members, DEMO_TENANT: 'of-demo' }
  expect(await (await ask('/~try/Contact', { env: demo })).json()).toMatchObject({ results: [{ name: 'Shown' }] })
  expect((await ask('/~try/User', { env: demo })).status).toBe(404)
  expect((await ask('/~of-demo/Contact', { env: demo })).status).toBe(401)
  const { tenant } = await begin('Written', { env: demo })
  expect(tenant).toMatch(/^trial-/)
  expect(await (await ask('/~try/Contact', { env: demo })).json()).toMatchObject({ total: 1 })
})

test('a first write that is refused begins no trial', async () => {
  const address = '192.0.2.1'
  for (let attempt = 0; attempt < 6; attempt++) {
    const answered = await ask('/~try/Contact', { body: { stage: 'Nowhere' }, address })
    expect([answered.status, answered.headers.get('x-headlessly-session')]).toEqual([422, null])
  }
  await begin('Grace', { address })
})

test('a trial has its own key, with limits, which gives no rights and reaches nothing outside', async () => {
  const trial = await begin('Grace')
  const { tenant, key } = trial
  const answered = await ask(`/~${tenant}/Contact`, { key })
  expect(answered.headers.get('x-ratelimit-limit')).toBe('100')
  expect((await ask('/~try/Contact')).headers.get('x-ratelimit-limit')).toBe('30')
  const refused = await Promise.all([
    ask(`/~${tenant}/ApiKey`, { key, body: { name: 'for ever' } }),
    ask(`/~${tenant}/User`, { key, body: { name: 'Eve', email: 'eve@example.com', role: 'Owner' } }),
    ask(`/~${tenant}/invitations`, { key, body: { email: 'eve@example.com' } }),
    ask(`/~${tenant}/settings`, { key, method: 'PATCH', body: { timezone: 'UTC' } }),
    ask(`/~${tenant}/lake`, { key }),
  ])
  expect(refused.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403])
  const message = { channel: 'Email', to: 'eve@example.com', body: 'x' }
  const sent = await ask(`/~${tenant}/Message/send`, { key, body: message })
  expect(sent.ok).toBe(false)
  expect(await namesIn(trial)).toEqual(['Grace'])
})

test('a network begins five trials a day, by whichever address of it', async () => {
  const addresses = ['2001:db8::1', '2001:db8::2', '2001:DB8:0:0:1::', '2001:0db8:0000:0000:ffff::1', '2001:db8:0:0::9']
  for (const address of addresses) await begin('x', { address })
  const refused = await ask('/trials', { body: {}, address: '2001:db8:0:0:a:b:c:d' })
  expect(refused.status).toBe(429)
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(86_000)
  expect((await ask('/trials', { body: {}, address: '2001:db8:0:1::1' })).status).toBe(201)
})

test('refused requests of an address are not under way any more', async () => {
  const claim = (): Promise<Response> =>
    ask('/trials/claim', { body: { code: 'hly_claim_guessed', token: 'x' }, address: '192.0.2.77' })
  for (let nth = 0; nth < 12; nth++) expect((await claim()).status).toBe(403)
})

test('a server has 1,000 trials at a time, and the next one begins when one of them has ended', async () => {
  const count = await runInDurableObject(directoryObject, (_, { storage }) => {
    const { count: begun } = storage.sql.exec<{ count: number }>('SELECT count(*) AS count FROM trials').one()
    const due = Date.now() + 86_000_000
    for (let nth = begun; nth < 1_000; nth++)
      storage.sql.exec("INSERT INTO trials VALUES (?, ?, 'open', ?, NULL)", `trial-many${nth}`, `network ${nth}`, due)
    return begun
  })
  expect(count).toBeLessThan(1_000)
  const refused = await ask('/trials', { body: {} })
  expect([refused.status, (await refused.json<{ detail: string }>()).detail]).toEqual([
    429,
    expect.stringContaining('this server has as many trials as it may'),
  ])
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  const written = await ask('/~try/Contact', { body: { name: 'x' } })
  expect([written.status, written.headers.get('x-headlessly-session')]).toEqual([429, null])
  const free = (name: string): Promise<unknown> =>
    runInDurableObject(directoryObject, (_, { storage }) => {
      storage.sql.exec('DELETE FROM trials WHERE tenant LIKE ?', name)
    })
  await free('trial-many999')
  expect([(await ask('/trials', { body: {} })).status, (await ask('/trials', { body: {} })).status]).toEqual([201, 429])
  await free('trial-many%')
})

test('a person claims a trial, which stays with its data, ids and history, and whose key ends', async () => {
  const trial = await begin('Grace')
  const { tenant, key } = trial
  const code = await codeOf(trial)
  const strangers = await ask('/sign-in/trial', { body: { code, name: 'Eve', email: 'eve@example.com' } })
  expect(strangers.status).toBe(401)
  const before = await (await ask(`/~${tenant}/Contact`, { key })).json<{ results: object[] }>()

  const claimed = await ask('/sign-in/trial', { env: open, body: { code, name: 'Ada', email: 'ada@example.com' } })
  expect(claimed.status).toBe(200)
  expect(await claimed.json()).toMatchObject({ tenant, account: { email: 'ada@example.com', isOwner: false } })
  const cookie = cookieOf(claimed)
  await vi.waitFor(async () => expect(await namesIn(trial)).toEqual(['refused with 401']), 3_000)

  expect(await (await ask(`/~${tenant}/Contact`, { cookie })).json()).toEqual(before)
  const users = await (await ask(`/~${tenant}/User`, { cookie })).json()
  expect(users).toMatchObject({ results: [{ name: 'Ada', role: 'Owner', status: 'Active' }] })
  const events = await (await ask(`/~${tenant}/events`, { cookie })).json<{ results: { type: string }[] }>()
  expect(events.results.map(({ type }) => type)).toEqual([
    'ApiKey.Created',
    // The use of a key is recorded once an hour.
    'ApiKey.Updated',
    'Contact.Created',
    'User.Created',
    'ApiKey.Revoked',
  ])
  // Neither the code nor another one counts now.
  expect((await ask('/sign-in/trial', { env: open, body: { code, name: 'x', email: 'x@example.com' } })).status).toBe(
    403,
  )
  await directory.endTrial(tenant)
  expect((await ask(`/~${tenant}/Contact`, { cookie })).status).toBe(200)
})

test('of many who claim a trial at once, one becomes its owner', async () => {
  const trial = await begin('Grace')
  const code = await codeOf(trial)
  const claims = Array.from({ length: 5 }, (_, index) =>
    ask('/sign-in/trial', { env: open, body: { code, name: `P${index}`, email: `p${index}@example.com` } }),
  )
  const statuses = (await Promise.all(claims)).map(({ status }) => status)
  expect(statuses.toSorted((one, other) => one - other)).toEqual([200, 403, 403, 403, 403])
})

test('a CI job of a configured issuer claims a trial, once for each token', async () => {
  const [trial, other] = [await begin('Grace'), await begin('Other')]
  const code = await codeOf(trial)
  const claim = (token: string, by = code): Promise<Response> => ask('/trials/claim', { body: { code: by, token } })
  const wrong = [
    'no token',
    await tokenOfJob({ aud: 'http://elsewhere' }),
    await tokenOfJob({ aud: origin, iss: 'https://unknown.example' }),
    await tokenOfJob({ aud: origin, repository_owner: 'mallory' }),
    await tokenOfJob({ aud: origin, repository_owner: undefined }),
    await tokenOfJob({ aud: origin, exp: 1 }),
    await tokenOfJob({ aud: origin, exp: undefined }),
    `${(await tokenOfJob({ aud: origin })).slice(0, -8)}AAAAAAAA`,
  ]
  for (const token of wrong) expect((await claim(token)).status).toBe(403)
  const token = await tokenOfJob({ aud: origin })
  expect((await claim(token, 'hly_claim_guessed')).status).toBe(403)
  const claimed = await claim(token)
  const { tenant, job, key } = await claimed.json<Begun & { job: string }>()
  expect([claimed.status, tenant, job]).toEqual([201, trial.tenant, 'repo:acme/shop'])
  expect(await namesIn({ tenant, key })).toEqual(['Grace'])
  expect((await ask(`/~${tenant}/ApiKey`, { key, body: { name: 'another' } })).status).toBe(201)
  await vi.waitFor(async () => expect(await namesIn(trial)).toEqual(['refused with 401']), 3_000)
  expect((await claim(token, await codeOf(other))).status).toBe(403)
})

test('a trial that nobody claims is deleted with everything in it', async () => {
  const trial = await begin('Grace')
  const code = await codeOf(trial)
  await runInDurableObject(directoryObject, (_, { storage }) => {
    storage.sql.exec('UPDATE trials SET due = ? WHERE tenant = ?', Date.now() - 1, trial.tenant)
  })
  const late = await ask('/sign-in/trial', { env: open, body: { code, name: 'Ada', email: 'late@example.com' } })
  expect(late.status).toBe(403)
  await runDurableObjectAlarm(directoryObject)
  expect(await testEnv.REGISTRY.getByName('registry').details(trial.tenant)).toBeNull()
  expect(await namesIn(trial)).toEqual(['refused with 401'])
})
