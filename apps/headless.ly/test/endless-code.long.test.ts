// Code that never ends, or takes more than it may, on the server that ships: it ends, and nobody else notices.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startServer } from '../src/embedded/launcher.ts'
import { type Answer, useServer } from './server.ts'

const { call, server, tenant, url } = useServer()
const run = (slug: string, code: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> =>
  call('POST', `/~${slug}/do`, { code }, headers)
const sleeping = (ms: number): string => `await new Promise((done) => setTimeout(done, ${ms}))`

test('no process runs code before the first code comes', async () => {
  expect(server().sandboxPids()).toEqual([])
  expect((await run(tenant(), '() => 1')).body['result']).toBe(1)
  expect(server().sandboxPids()).toHaveLength(1)
})

test.each([
  ['a loop', '() => { for (;;) {} }', /^the code kept the processor for 1 s; nothing was written$/],
  ['a loop that awaits', 'async () => { for (;;) await null }', /^the code kept the processor for 1 s/],
  // Whichever limit comes first ends these.
  ['a heap of arrays', '() => { const all = []; for (;;) all.push(Array(1e5).fill(1)) }', /memory|processor/],
  ['a heap of bytes', '() => { const all = []; for (;;) all.push(new Uint8Array(1e7).fill(1)) }', /memory|processor/],
])('%s is ended and then refused, while another tenant is answered', async (_, code, deed) => {
  const [attacker, neighbour] = [tenant(), tenant()]
  await call('POST', `/~${neighbour}/Contact`, { name: 'Ada' })
  const pid = server().pid()
  let hasEnded = false
  const attack = run(attacker, code).finally(() => (hasEnded = true))
  const statuses: number[] = []
  while (!hasEnded) statuses.push((await call('GET', `/~${neighbour}/Contact?strong=true`)).status)
  expect(await attack).toMatchObject({
    status: 422,
    body: { code: 'code_failed', field: 'code', detail: expect.stringMatching(deed) },
  })
  expect(new Set(statuses)).toEqual(new Set([200]))
  // A server that stands still while the code runs would answer the neighbour once.
  expect(statuses.length).toBeGreaterThan(5)
  expect(server().pid()).toBe(pid)
  const again = await run(attacker, code)
  expect(again).toMatchObject({ status: 422, body: { detail: expect.stringContaining('is refused until') } })
  expect(Number(again.headers.get('retry-after'))).toBeGreaterThan(200)
  expect((await run(attacker, '() => 2')).body['result']).toBe(2)
})

test.each([
  [
    'each in the one before',
    'async ($) => { const deeper = (left) => (left === 0 ? 0 : $.Contact.count().then(() => deeper(left - 1))); return deeper(10_000) }',
  ],
  ['at once', 'async ($) => (await Promise.all(Array.from({ length: 10_000 }, () => $.Contact.count()))).length'],
  [
    'that write, each in the one before',
    "async ($) => { const deeper = (left) => (left === 0 ? 0 : $.Contact.create({ name: 'x' }).then(() => deeper(left - 1))); return deeper(10_000) }",
  ],
])('10,000 calls, %s, leave nothing if they are refused, and hold up no other tenant', async (_, code) => {
  const [attacker, neighbour] = [tenant(), tenant()]
  for (const slug of [attacker, neighbour]) await call('POST', `/~${slug}/Contact`, { name: 'Ada' })
  let hasEnded = false
  const attack = run(attacker, code).finally(() => (hasEnded = true))
  const statuses: number[] = []
  while (!hasEnded) statuses.push((await call('GET', `/~${neighbour}/Contact?strong=true`)).status)
  const { status, body } = await attack
  expect([200, 408, 413, 422], JSON.stringify(body)).toContain(status)
  expect(new Set(statuses)).toEqual(new Set([200]))
  expect(statuses.length).toBeGreaterThan(5)
  const { body: counted } = await call('GET', `/~${attacker}/Contact/count?strong=true`)
  if (status !== 200) expect(counted['count']).toBe(1)
  expect((await run(attacker, '() => 2')).body['result']).toBe(2)
})

test('runs that share a process with a loop run again: reads, and writes whose request may be repeated', async () => {
  const acme = tenant()
  const reading = `async ($) => { const before = await $.Contact.count(); ${sleeping(300)}; return typeof before }`
  const writing = `async ($) => { await $.Contact.create({ name: 'Ada' }); ${sleeping(300)}; return 'written' }`
  // More runs than processes, so that each process has some of either kind.
  const innocent = [0, 1, 2, 3].map((at) =>
    at < 2 ? run(acme, reading) : run(tenant(), writing, { 'idempotency-key': `k${at}` }),
  )
  await new Promise((done) => setTimeout(done, 100))
  const loop = run(tenant(), 'async () => { for (;;) await null }')
  expect((await Promise.all(innocent)).map(({ body }) => body['result'])).toEqual([
    'number',
    'number',
    'written',
    'written',
  ])
  expect((await loop).body).toMatchObject({ code: 'code_failed' })
})

test('a run whose writes stay and that cannot be repeated says that it was interrupted, and an atomic one runs again', async () => {
  const tenants = [tenant(), tenant()]
  const writing = `async ($) => { await $.Contact.create({ name: 'Ada' }); ${sleeping(1_000)}; return 'written' }`
  const atomic = tenant()
  await call('POST', `/~${atomic}/Contact`, { name: 'Bea' })
  const runs = tenants.map((slug) => call('POST', `/~${slug}/do`, { code: writing, atomic: false }))
  const again = run(atomic, writing)
  const counts = async (): Promise<unknown[]> =>
    Promise.all(tenants.map(async (slug) => (await call('GET', `/~${slug}/Contact/count?strong=true`)).body['count']))
  await expect.poll(counts, { timeout: 10_000, interval: 20 }).toEqual([1, 1])
  const killed = server().sandboxPids()
  for (const pid of killed) process.kill(pid, 'SIGKILL')
  for (const { status, body } of await Promise.all(runs)) {
    expect(status).toBe(500)
    expect(body).toMatchObject({ code: 'internal_error', detail: expect.stringContaining('its writes so far stay') })
  }
  expect(await counts()).toEqual([1, 1])
  expect((await again).body['result']).toBe('written')
  const { body } = await call('GET', `/~${atomic}/events`)
  expect(body['results']).toMatchObject([{ commit: 1 }, { commit: 2 }])
  expect((await run(tenants[0] ?? '', '() => 3')).body['result']).toBe(3)
})

test('clients that disconnect leave their places to others', async () => {
  const acme = tenant()
  const leaving = Array.from({ length: 8 }, () =>
    fetch(`${url()}/~${acme}/do`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ code: `async () => { ${sleeping(500)} }` }),
      signal: AbortSignal.timeout(200),
    }).catch((error: unknown) => error),
  )
  await Promise.all(leaving)
  const answers = await Promise.all(Array.from({ length: 8 }, () => run(acme, '() => 4')))
  expect(answers.map(({ body }) => body['result'])).toEqual(answers.map(() => 4))
})

test('more runs than may wait are refused with the time to try again', async () => {
  const acme = tenant()
  const answers = await Promise.all(Array.from({ length: 40 }, () => run(acme, `async () => { ${sleeping(200)} }`)))
  const refused = answers.filter(({ status }) => status === 503)
  expect(refused.length).toBeGreaterThan(0)
  for (const { body, headers } of refused) {
    expect(body).toMatchObject({ code: 'overloaded' })
    expect(headers.get('retry-after')).toBe('1')
  }
  expect(answers.length - refused.length).toBeGreaterThanOrEqual(22)
})

test('a server whose processes for code do not start says so, and does everything else', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'headlessly-do-'))
  const sandboxFile = join(folder, 'broken.js')
  writeFileSync(sandboxFile, 'not JavaScript')
  const broken = await startServer({ dataFolder: join(folder, 'data'), port: 0, sandboxFile })
  const post = (path: string, body: object): Promise<Response> =>
    fetch(`${broken.url}/~acme${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  try {
    const answer = await post('/do', { code: '() => 1' })
    expect(answer.status).toBe(501)
    expect(await answer.json()).toMatchObject({
      code: 'not_configured',
      detail: expect.stringContaining('cannot run code at present'),
    })
    expect((await post('/Contact', { name: 'Ada' })).status).toBe(201)
  } finally {
    await broken.stop()
    rmSync(folder, { recursive: true, force: true })
  }
})
