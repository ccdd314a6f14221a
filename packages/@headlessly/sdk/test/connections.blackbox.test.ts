// Connections that break, or are no good from the start, under a client that goes on.

import { spawn } from 'node:child_process'
import { Headlessly, HeadlesslyError } from '@headlessly/sdk'
import { afterEach, describe, expect, test } from 'vitest'
import { useServer } from '../../../../apps/headless.ly/test/server.ts'
import { rpcTransport } from '../src/rpc-transport.ts'
import { parseSettings } from '../src/settings.ts'
import { type Proxy, startProxy } from './proxy.ts'

const { url, tenant } = useServer()
const read = { calls: [{ kind: 'read', read: 'count', noun: 'Contact', parameters: {} }] } as const

const proxies: Proxy[] = []
afterEach(() => {
  for (const proxy of proxies.splice(0)) proxy.close()
})

async function through(options: Parameters<typeof startProxy>[1] = {}): Promise<Proxy> {
  const proxy = await startProxy(url(), options)
  proxies.push(proxy)
  return proxy
}

describe('a connection over which nothing comes any more', () => {
  test('ends the call in time, and the next call has another one', async () => {
    const proxy = await through()
    const settings = { tenant: tenant(), endpoint: proxy.url, connection: 'websocket', timeoutMs: 400 } as const
    const transport = rpcTransport(parseSettings(settings))
    await transport.send(read)
    proxy.swallow()
    const startMs = performance.now()
    await expect(transport.send(read)).rejects.toMatchObject({ code: 'network_error' })
    expect(performance.now() - startMs).toBeLessThan(1_000)
    expect(await transport.send(read)).toMatchObject([{ body: { count: 0 } }])
    expect(proxy.seen.upgrades).toBe(2)
  })

  test('is nothing that a caller sees: the call is asked again, and a write done once', async () => {
    const proxy = await through()
    const settings = { tenant: tenant(), endpoint: proxy.url, connection: 'websocket', timeoutMs: 400 } as const
    const client = Headlessly(settings)
    await client.Contact.create({ name: 'Ada' })
    proxy.swallow()
    expect(await client.Contact.create({ name: 'Bob' })).toMatchObject({ name: 'Bob' })
    expect(await client.Contact.count({}, { strong: true })).toBe(2)
  })
})

test('messages that are sent while the connection is being opened share it', async () => {
  const proxy = await through()
  const transport = rpcTransport(parseSettings({ tenant: tenant(), endpoint: proxy.url, connection: 'websocket' }))
  const outcomes = await Promise.all([transport.send(read), transport.send(read), transport.send(read)])
  for (const outcome of outcomes) expect(outcome).toMatchObject([{ body: { count: 0 } }])
  expect(proxy.seen.upgrades).toBe(1)
})

test('a client whose upgrades are refused goes on over HTTP, and does not ask again at each call', async () => {
  const proxy = await through({ refusesUpgrades: true })
  const client = Headlessly({ tenant: tenant(), endpoint: proxy.url })
  for (let count = 1; count <= 60; count++) {
    await client.Contact.create({ name: `${count}` })
    expect(await client.Contact.count()).toBe(count)
  }
  expect(proxy.seen.upgrades).toBe(1)
})

test('a client whose connections are cut again and again loses nothing and does nothing twice', async () => {
  const proxy = await through()
  for (const connection of ['http', 'websocket'] as const) {
    const client = Headlessly({ tenant: tenant(), endpoint: proxy.url, connection })
    const cutting = setInterval(() => proxy.cut(), 60)
    const made: string[] = []
    for (let count = 0; count < 40; count++) {
      const contact = client.Contact.create({ name: `${count}` })
      const [{ $id }, deal] = await Promise.all([
        contact,
        client.Deal.create({ name: 'x', value: 1, contact: contact.$id }),
      ])
      expect(deal.contact).toBe($id)
      made.push($id)
    }
    clearInterval(cutting)
    const found: string[] = []
    for await (const { $id } of client.Contact.find({}, { strong: true })) found.push($id)
    expect(found.toSorted()).toEqual(made.toSorted())
    expect(await client.Deal.count({}, { strong: true })).toBe(40)
  }
})

test('a program that makes many calls ends soon after its last answer', async () => {
  const program = `
    import { Headlessly } from '@headlessly/sdk'
    const client = Headlessly({ tenant: '${tenant()}', endpoint: '${url()}' })
    for (let count = 0; count < 50; count++) await client.Contact.create({ name: 'Ada' })
    console.log('answered')
  `
  const child = spawn(process.execPath, ['--conditions=source', '--input-type=module', '--eval', program], {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let answeredMs = Number.NaN
  child.stdout.on('data', () => (answeredMs = performance.now()))
  const code = await new Promise((resolve) => void child.on('exit', resolve))
  expect(code).toBe(0)
  expect(performance.now() - answeredMs).toBeLessThan(1_500)
})

test('a message of the largest size that is allowed goes over either connection, whatever its characters', async () => {
  for (const connection of ['http', 'websocket'] as const) {
    const client = Headlessly({ tenant: tenant(), endpoint: url(), connection })
    // Three bytes each in a body, and two characters each where they are escaped.
    for (const character of ['\u754c', '"']) {
      const text = character.repeat(20_000)
      const made = await Promise.all(
        Array.from({ length: 90 }, () => client.Contact.create({ name: 'Ada', metadata: { text } })),
      )
      expect(made.map(({ metadata }) => metadata)).toEqual(made.map(() => ({ text })))
    }
  }
})

test("what one call is refused for is not the others' of its tick", async () => {
  for (const connection of ['http', 'websocket'] as const) {
    const client = Headlessly({ tenant: tenant(), endpoint: url(), connection })
    const { $id } = await client.Contact.create({ name: 'Ada' })
    const wrong = [
      client.Contact.create({ name: 'x'.repeat(2 ** 20) }),
      client.Contact.create({ name: 'x'.repeat(5_000_000) }),
      client.Contact.update($id, { name: 'Bob' }, { ifVersion: 1.5 }),
      client.Contact.create({ name: 'Bob' }, { idempotencyKey: 'k'.repeat(256) }),
      client.Contact.create({ name: 'Bob' }, { idempotencyKey: '' }),
    ]
    const right = client.Contact.create({ name: 'Cy' })
    const results = await Promise.allSettled([...wrong, right])
    expect(results.pop()).toMatchObject({ status: 'fulfilled', value: { name: 'Cy' } })
    const reasons = results.map((one): unknown => (one.status === 'rejected' ? one.reason : one.value))
    expect(reasons.map((one) => (one instanceof HeadlesslyError ? `${one.code} ${one.field}` : one))).toEqual([
      'payload_too_large body',
      'payload_too_large body',
      'invalid_body ifVersion',
      'invalid_body idempotencyKey',
      'invalid_body idempotencyKey',
    ])
  }
})
