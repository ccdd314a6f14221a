// A client that continues to work while its connections break or cannot be opened.

import { spawn } from 'node:child_process'
import { type Client, Headlessly, HeadlesslyError } from '@headlessly/sdk'
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { useServer } from '../../../../apps/headless.ly/test/server.ts'
import { rpcTransport } from '../src/wire/rpc-transport.ts'
import { parseSettings } from '../src/wire/settings.ts'
import { type Proxy, startProxy } from './proxy.ts'

// A short flush interval lets files answer default reads.
const { url, tenant, server } = useServer({ flush: { intervalMs: 100 } })
const connections = ['http', 'websocket'] as const
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

describe('a connection that falls silent', () => {
  test('fails the call at its deadline, and the next call opens another connection', async () => {
    const proxy = await through()
    const settings = { tenant: tenant(), endpoint: proxy.url, connection: 'websocket', timeoutMs: 1_500 } as const
    const transport = rpcTransport(parseSettings(settings))
    await transport.send(read)
    proxy.swallow()
    const startMs = performance.now()
    await expect(transport.send(read)).rejects.toMatchObject({ code: 'network_error' })
    expect(performance.now() - startMs).toBeLessThan(4_000)
    expect(await transport.send(read)).toMatchObject([{ body: { count: 0 } }])
    expect(proxy.seen.upgrades).toBe(2)
  })

  test('is invisible to callers: the call is retried, and a write is performed once', async () => {
    const proxy = await through()
    const settings = { tenant: tenant(), endpoint: proxy.url, connection: 'websocket', timeoutMs: 1_500 } as const
    const client = Headlessly(settings)
    await client.Contact.create({ name: 'Ada' })
    proxy.swallow()
    expect(await client.Contact.create({ name: 'Bob' })).toMatchObject({ name: 'Bob' })
    expect(await client.Contact.count({}, { strong: true })).toBe(2)
  })
})

test('messages sent while a connection is being opened share it', async () => {
  const proxy = await through()
  const transport = rpcTransport(parseSettings({ tenant: tenant(), endpoint: proxy.url, connection: 'websocket' }))
  const outcomes = await Promise.all([transport.send(read), transport.send(read), transport.send(read)])
  for (const outcome of outcomes) expect(outcome).toMatchObject([{ body: { count: 0 } }])
  expect(proxy.seen.upgrades).toBe(1)
})

test('a client whose upgrades are refused continues over HTTP, and does not retry the upgrade at each call', async () => {
  const proxy = await through({ refusesUpgrades: true })
  const client = Headlessly({ tenant: tenant(), endpoint: proxy.url })
  for (let count = 1; count <= 60; count++) {
    await client.Contact.create({ name: `${count}` })
    expect(await client.Contact.count()).toBe(count)
  }
  expect(proxy.seen.upgrades).toBe(1)
})

test('a client whose connections are cut repeatedly loses nothing and does nothing twice', async () => {
  const proxy = await through()
  for (const connection of connections) {
    const client = Headlessly({ tenant: tenant(), endpoint: proxy.url, connection })
    const made: string[] = []
    let cuts = 0
    for (let count = 0; count < 20; count++) {
      // Cut once in each round, at a random point. With cuts by the clock, no call might succeed on a busy machine.
      const cutting = setTimeout(() => {
        cuts++
        proxy.cut()
      }, count % 8)
      const contact = client.Contact.create({ name: `${count}` })
      const [{ $id }, deal] = await Promise.all([
        contact,
        client.Deal.create({ name: 'x', value: 1, contact: contact.$id }),
      ])
      expect(deal.contact).toBe($id)
      made.push($id)
      clearTimeout(cutting)
    }
    expect(cuts).toBeGreaterThan(5)
    const found: string[] = []
    for await (const { $id } of client.Contact.find({}, { strong: true })) found.push($id)
    expect(found.toSorted()).toEqual(made.toSorted())
    expect(await client.Deal.count({}, { strong: true })).toBe(20)
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

test('a message of the maximum size can be sent over either connection, whatever its characters', async () => {
  for (const connection of connections) {
    // Characters of three bytes in a body, and characters that JSON escapes with two.
    for (const character of ['\u754c', '"']) {
      const proxy = await through()
      const client = Headlessly({ tenant: tenant(), endpoint: proxy.url, connection })
      const text = character.repeat(20_000)
      const made = await Promise.all(
        Array.from({ length: 90 }, () => client.Contact.create({ name: 'Ada', metadata: { text } })),
      )
      expect(made.map(({ metadata }) => metadata)).toEqual(made.map(() => ({ text })))
      // Messages that wait for the opening are sent in one turn. None ended the connection and was sent again.
      expect(proxy.seen.upgrades).toBe(connection === 'websocket' ? 1 : 0)
    }
  }
})

test('a key opens a WebSocket through a ticket, and is in no URL', async () => {
  const own = { tenant: tenant(), endpoint: url() }
  const { key = '' } = (await Headlessly(own).ApiKey.create({ name: 'CI' })) as { readonly key?: string }
  const proxy = await through()
  const client = Headlessly({ tenant: own.tenant, endpoint: proxy.url, apiKey: key, connection: 'websocket' })
  await client.Contact.create({ name: 'Ada' })
  expect(await client.access.whoami()).toMatchObject({ key: expect.stringMatching(/^apikey_/) as unknown })
  expect(proxy.seen.upgrades).toBe(1)
  expect(() => Headlessly({ ...own, apiKey: 'of-a-proxy', connection: 'websocket' })).toThrow('http only')
  await Headlessly(own)
    .ApiKey.find({})
    .then(([made]) => Headlessly(own).ApiKey.revoke(made?.$id ?? ''))
  await expect(client.Contact.create({ name: 'Bo' })).rejects.toThrow('not valid')
})

test('a refused call does not fail the other calls of its tick', async () => {
  for (const connection of connections) {
    const client = Headlessly({ tenant: tenant(), endpoint: url(), connection })
    const { $id } = await client.Contact.create({ name: 'Ada' })
    const wrong = [
      client.Contact.create({ name: 'x'.repeat(2 ** 20) }),
      client.Contact.create({ name: 'x'.repeat(5_000_000) }),
      client.Contact.find({ name: '"'.repeat(2_500_000) }),
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
      'payload_too_large body',
      'invalid_body ifVersion',
      'invalid_body idempotencyKey',
      'invalid_body idempotencyKey',
    ])
  }
})

/** Repeats a call that failed while the server was down, with the same key. */
async function persist<Result>(work: () => PromiseLike<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof HeadlesslyError) || error.code !== 'network_error' || attempt === 5) throw error
    }
  }
}

test.each(connections)(
  'a server that is killed while a client writes over %s loses and duplicates nothing',
  async (connection) => {
    const client = Headlessly({ tenant: tenant(), endpoint: url(), connection })
    const made = new Map<string, string>()
    let isOver = false
    const write = async (writer: number): Promise<void> => {
      for (let count = 0; !isOver; count++) {
        const name = `${writer}.${count}`
        const [contact, deal] = await persist(() => {
          const contact = client.Contact.create({ name }, { idempotencyKey: `contact ${name}` })
          const more = { idempotencyKey: `deal ${name}` }
          return Promise.all([contact, client.Deal.create({ name, value: 1, contact: contact.$id }, more)])
        })
        expect(deal.contact).toBe(contact.$id)
        made.set(name, contact.$id)
        // A default read, which may be answered from files, includes all that its client has seen.
        expect((await persist(() => client.Contact.get(contact.$id)))?.name).toBe(name)
      }
    }
    const writers = Array.from({ length: 6 }, (_, at) => write(at))
    for (let kill = 0; kill < 3; kill++) {
      const [before, pid] = [made.size, server().pid()]
      await expect.poll(() => made.size, { timeout: 20_000 }).toBeGreaterThan(before + 20)
      process.kill(pid, 'SIGKILL')
      await expect.poll(() => server().pid(), { timeout: 20_000 }).not.toBe(pid)
    }
    const before = made.size
    await expect.poll(() => made.size, { timeout: 20_000 }).toBeGreaterThan(before + 20)
    isOver = true
    await Promise.all(writers)
    const found: [string, string][] = []
    for await (const { name, $id } of client.Contact.find({}, { strong: true })) found.push([name, $id])
    expect(new Map(found)).toEqual(made)
    expect(found).toHaveLength(made.size)
    expect(await client.Deal.count({}, { strong: true })).toBe(made.size)
  },
)

const deeds = ['create', 'find', 'chain', 'pipeline', 'refused', 'count'] as const

test.each([...connections, 'either'] as const)(
  'two clients of two tenants, interleaved at random over %s, share nothing',
  async (connection) => {
    const interleaved = fc.array(
      fc.record({ who: fc.nat(1), deed: fc.constantFrom(...deeds), isAwaited: fc.boolean() }),
      {
        minLength: 20,
        maxLength: 60,
      },
    )
    await fc.assert(
      fc.asyncProperty(interleaved, async (steps) => {
        const sides = ['Ada', 'Bob'].map((owner) => ({
          owner,
          client: Headlessly({
            tenant: tenant(),
            endpoint: url(),
            ...(connection === 'either' ? {} : { connection }),
          }),
          written: 0,
        }))
        const running: Promise<void>[] = []
        for (const { who, deed, isAwaited } of steps) {
          const side = sides[who]
          if (side === undefined) throw new Error('one of two')
          running.push(perform(side, deed))
          if (isAwaited) await Promise.all(running.splice(0))
        }
        await Promise.all(running)
        for (const { client, owner, written } of sides) {
          const all = await client.Contact.find({}, { limit: 200 })
          expect(all.map(({ name }) => name)).toEqual(Array.from({ length: written }, () => owner))
          for (const { $context } of all) expect($context).toBe(client.context)
        }
      }),
      { numRuns: Number(process.env['RUNS'] ?? 2) },
    )
  },
)

async function perform(
  side: { readonly owner: string; readonly client: Client; written: number },
  deed: (typeof deeds)[number],
): Promise<void> {
  const { owner, client } = side
  const { written } = side
  switch (deed) {
    case 'create':
      side.written++
      expect((await client.Contact.create({ name: owner })).$context).toBe(client.context)
      return
    case 'chain': {
      side.written++
      const contact = client.Contact.create({ name: owner })
      const deal = client.Deal.create({ name: contact.name, value: 1, contact: contact.$id })
      expect(await client.Deal.get(deal.$id).contact.name).toBe(owner)
      return
    }
    case 'pipeline':
      for (const name of await client.Contact.find().map((contact) => contact.name)) expect(name).toBe(owner)
      return
    case 'refused':
      await expect(client.Contact.create({ name: owner, email: 'none' })).rejects.toMatchObject({ field: 'email' })
      return
    case 'find':
      for (const { name } of await client.Contact.find()) expect(name).toBe(owner)
      return
    case 'count':
      // Writes of other calls of this tick may be counted or not.
      expect(await client.Contact.count()).toBeLessThanOrEqual(Math.max(written, side.written))
      return
    default:
      throw new Error(`no such deed: ${String(deed)}`)
  }
}

test('a client reads all that it has seen, over whichever connection, even if calls of one tick mix them', async () => {
  const client = Headlessly({ tenant: tenant(), endpoint: url() })
  let told = 0
  const work = async (worker: number): Promise<void> => {
    for (let count = 0; count < 40; count++) {
      const name = `${worker}.${count}`
      const [made, others] = await Promise.all([client.Contact.create({ name }), client.Contact.count()])
      expect(others).toBeGreaterThanOrEqual(0)
      const least = ++told
      const [total, found, piped] = await Promise.all([
        client.Contact.count(),
        client.Contact.find({ name }),
        client.Contact.find({ name }).map((contact) => contact.$id),
      ])
      expect(total).toBeGreaterThanOrEqual(least)
      expect(found.map(({ $id }) => $id)).toEqual([made.$id])
      expect(piped).toEqual([made.$id])
      if (count % 10 === worker) await new Promise((resolve) => void setTimeout(resolve, 150))
    }
  }
  await Promise.all([0, 1, 2, 3].map(work))
})

test.each(connections)(
  'a bookmark of another log makes every call over %s fail, until the client forgets it',
  async (connection) => {
    const name = tenant()
    await Headlessly({ tenant: name, endpoint: url() }).Contact.create({ name: 'Ada' })
    const client = Headlessly({ tenant: name, endpoint: url(), connection, bookmark: 'another.12' })
    const refused = { code: 'bookmark_ahead', status: 409 }
    const calls = (): unknown[] => [
      client.Contact.find({}, { strong: true }),
      client.Contact.count(),
      client.Contact.create({ name: 'Bob' }),
      client.Contact.find().map((contact) => contact.name),
      client.events.list(),
    ]
    for (let round = 0; round < 2; round++)
      for (const result of await Promise.allSettled(calls()))
        expect(result).toMatchObject({ status: 'rejected', reason: refused })
    expect(client.bookmark).toBe('another.12')
    client.forgetBookmark()
    expect(await client.Contact.count()).toBe(1)
    expect(client.bookmark).toMatch(/\.1$/)
  },
)
