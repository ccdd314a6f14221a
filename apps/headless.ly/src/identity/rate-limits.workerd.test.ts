// Limits of requests per minute: a model of the counts, and the answers of the front door.

import { newWebSocketRpcSession } from 'capnweb'
import { createExecutionContext, env as testEnv } from 'cloudflare:test'
import { ObjectError } from 'digital-objects'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { KeyedTenant } from '../../test/keyed-tenant.ts'
import { makeApp } from '../app.ts'
import type { Env } from '../base/env.ts'
import { services } from '../base/services.ts'
import { Bursts } from './bursts.ts'
import { RateLimits } from './rate-limits.ts'

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1_000_000))

test(`a key never makes more than its limit in a minute of the clock, nor a tenant ten times as many (seed ${seed})`, () => {
  const steps = fc.array(fc.record({ waitMs: fc.nat(20_000), key: fc.constantFrom('a', 'b', 'c') }), { maxLength: 400 })
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 8 }), (given, limit) => {
      let nowMs = Date.UTC(2026, 0, 1)
      const limits = new RateLimits({ limit, now: () => nowMs })
      const taken: { readonly key: string; readonly minute: number }[] = []
      for (const { waitMs, key } of given) {
        nowMs += waitMs
        const minute = Math.floor(nowMs / 60_000)
        const own = taken.filter((one) => one.key === key && one.minute === minute).length
        try {
          const rate = limits.take({ tenant: 't', key })
          taken.push({ key, minute })
          expect(own).toBeLessThan(limit)
          expect(rate?.remaining).toBeLessThanOrEqual(limit - own - 1)
          expect((rate?.resetSeconds ?? 0) * 1_000).toBeGreaterThan(nowMs)
        } catch (error) {
          if (!(error instanceof ObjectError)) throw error
          // Refused only if the last two minutes of the clock have as many as the limit.
          const recent = taken.filter((one) => one.key === key && one.minute >= minute - 1).length
          expect(recent).toBeGreaterThanOrEqual(Math.min(limit, 1))
        }
      }
    }),
    { seed, numRuns: Number(process.env['RUNS'] ?? 25) },
  )
})

test('a key without full authority has headers, and gets 429 beyond the limit; others do not notice', async () => {
  const tenant = new KeyedTenant()
  const { key } = await tenant.make('/ApiKey', { name: 'reader', scopes: 'read' })
  const other = await tenant.make('/ApiKey', { name: 'other', scopes: 'read' })
  const full = await tenant.make('/ApiKey', { name: 'full' })
  await tenant.make('/Contact', { name: 'Ada' })
  const env: Env = { ...testEnv, RATE_LIMIT: '3' }
  const app = makeApp(services)
  const get = async (secret?: string): Promise<Response> => {
    const headers = secret === undefined ? {} : { authorization: `Bearer ${secret}` }
    const request = new Request(`http://localhost/~${tenant.name}/Contact`, { headers })
    return app.fetch(request, env, createExecutionContext())
  }
  const seen: (readonly [number, string | null])[] = []
  for (let nth = 0; nth < 5; nth++) {
    const response = await get(key)
    seen.push([response.status, response.headers.get('x-ratelimit-remaining')])
    if (response.status !== 429) continue
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(response.headers.get('x-ratelimit-limit')).toBe('3')
    expect(await response.json()).toMatchObject({ code: 'rate_limited', status: 429 })
  }
  // The clock's minute may change in the middle, which leaves at most one request more.
  expect(seen.filter(([status]) => status === 429).length).toBeGreaterThanOrEqual(1)
  expect(seen[0]).toEqual([200, '2'])
  expect((await get(other.key)).status).toBe(200)
  for (let nth = 0; nth < 5; nth++)
    for (const secret of [full.key, undefined]) {
      const response = await get(secret)
      expect([response.status, response.headers.get('x-ratelimit-limit')]).toEqual([200, null])
    }
  const audit = await (await tenant.ask('/audit?kind=rate_limited')).json<{ results: readonly object[] }>()
  expect(audit.results).toMatchObject([{ about: 'requests per minute' }])
})

test('each level has its limit of requests in a minute, and of those under way', () => {
  let nowMs = Date.UTC(2026, 0, 1)
  const limits = new RateLimits({ limit: 1_000, now: () => nowMs })
  const until = (most: number, take: (nth: number) => unknown): number => {
    for (let nth = 0; nth < most; nth++)
      try {
        take(nth)
      } catch (error) {
        expect(error).toMatchObject({ code: 'rate_limited', detail: { retryAfterSeconds: expect.any(Number) } })
        return nth
      }
    return most
  }
  const perMinute = (level: number): number =>
    until(20_000, () => limits.take({ tenant: `t${level}`, key: 'k', level }))
  expect([until(20_000, () => limits.takeAnonymous('a')), ...[1, 2, 3].map(perMinute)]).toEqual([
    30, 100, 1_000, 10_000,
  ])

  const bursts = new Bursts(() => nowMs)
  let requests: readonly Request[] = []
  const begin = (nth: number, level: number): void => {
    const request = requests[nth]
    if (request !== undefined) bursts.begin(request, { whose: `${level}`, level })
  }
  for (const [level, most] of [
    [0, 10],
    [1, 30],
    [2, 100],
    [3, 200],
  ] as const) {
    requests = Array.from({ length: 300 }, () => new Request('http://localhost'))
    expect(until(200, (nth) => begin(nth, level))).toBe(most)
    // A request counts once, an answered one no more, and one without an answer for a minute.
    for (const request of requests.slice(0, 2)) bursts.end(request)
    if (level < 3) expect(until(200, (nth) => begin(most + nth, level))).toBe(2)
    nowMs += 60_000
    if (level < 3) expect(until(50, (nth) => begin(most + 10 + nth, level))).toBe(Math.min(50, most))
  }
})

test('of many requests of a key of level 1 at once, 30 are under way, and the next ones are answered again', async () => {
  const tenant = new KeyedTenant()
  const { key } = await tenant.make('/ApiKey', { name: 'reader', scopes: 'read,write', level: 1 })
  const env: Env = { ...testEnv, RATE_LIMIT: '1000' }
  const app = makeApp(services)
  const get = async (): Promise<number> => {
    const request = new Request(`http://localhost/~${tenant.name}/Contact`, {
      headers: { authorization: `Bearer ${key}` },
    })
    return (await app.fetch(request, env, createExecutionContext())).status
  }
  const statuses = await Promise.all(Array.from({ length: 40 }, get))
  expect(statuses.filter((status) => status === 200)).toHaveLength(30)
  expect(statuses.filter((status) => status === 429)).toHaveLength(10)
  expect(await get()).toBe(200)
})

test('messages over a WebSocket are under way as requests are, and the socket stays', async () => {
  const tenant = new KeyedTenant()
  const { key } = await tenant.make('/ApiKey', { name: 'reader', scopes: 'read,write', level: 1 })
  const env: Env = { ...testEnv, RATE_LIMIT: '1000' }
  const opened = await makeApp(services).fetch(
    new Request(`http://localhost/~${tenant.name}/rpc`, {
      headers: { authorization: `Bearer ${key}`, upgrade: 'websocket' },
    }),
    env,
    createExecutionContext(),
  )
  const { webSocket } = opened
  if (webSocket === null) throw new Error(`no socket: ${opened.status}`)
  webSocket.accept()
  const session = newWebSocketRpcSession<{ send(text: string): Promise<readonly string[]> }>(webSocket)
  const find = { kind: 'read', read: 'find', noun: 'Contact', parameters: { strong: 'true' } }
  const send = async (): Promise<boolean> => {
    const [answer = ''] = await session.send(JSON.stringify({ calls: [find] }))
    const isAnswered = answer.startsWith('{"ok":true')
    if (!isAnswered) expect(answer).toContain('rate_limited')
    return isAnswered
  }
  // A message that was answered makes room for another, so more than 30 may be answered, and never all.
  const answers = await Promise.all(Array.from({ length: 60 }, send))
  expect(answers.filter((isAnswered) => isAnswered).length).toBeGreaterThanOrEqual(30)
  expect(answers).toContain(false)
  expect(await send()).toBe(true)
  session[Symbol.dispose]()
})

test('a call with a key of level 1 changes at most 100 entities, also as a job, and a refused one changes nothing', async () => {
  const tenant = new KeyedTenant()
  const { key } = await tenant.make('/ApiKey', { name: 'writer', scopes: 'read,write', level: 1 })
  const create = (count: number): Promise<Response> => {
    const body = JSON.stringify({ entities: Array.from({ length: count }, (_, nth) => ({ name: `N${nth}` })) })
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
    return tenant.ask('/Contact/createMany', { method: 'POST', headers, body })
  }
  for (const count of [101, 1_001]) {
    const refused = await create(count)
    expect([refused.status, await refused.json()]).toMatchObject([413, { code: 'payload_too_large' }])
  }
  expect((await create(100)).status).toBe(200)
  const { total } = await (await tenant.ask('/Contact?count=exact&limit=1')).json<{ total: number }>()
  expect(total).toBe(100)
})

test('a stream for a key with a limit is opened, and has the headers', async () => {
  const tenant = new KeyedTenant()
  const { key } = await tenant.make('/ApiKey', { name: 'reader', scopes: 'read' })
  const headers = { authorization: `Bearer ${key}`, accept: 'text/event-stream' }
  const request = new Request(`http://localhost/~${tenant.name}/events`, { headers })
  const answer = await makeApp(services).fetch(request, { ...testEnv, RATE_LIMIT: '3' }, createExecutionContext())
  expect([answer.status, answer.headers.get('x-ratelimit-remaining')]).toEqual([200, '2'])
  await answer.body?.cancel()
})
