// `$.events` against the shipped server, which is killed while clients listen.

import { type Client, Headlessly, HeadlesslyError } from '@headlessly/sdk'
import type { ObjectEvent } from 'digital-objects'
import { expect, test, vi } from 'vitest'
import { useServer } from '../../../../apps/headless.ly/test/server.ts'

const { url, tenant, server } = useServer()
const client = (): Client => Headlessly({ tenant: tenant(), endpoint: url() })

async function until(condition: () => boolean, ms = 15_000): Promise<void> {
  const end = Date.now() + ms
  while (!condition()) {
    if (Date.now() > end) throw new Error('it did not come about in time')
    await new Promise((resolve) => void setTimeout(resolve, 10))
  }
}

/** Allows for a busy machine, on which a server restarts more slowly than a client retries. */
async function persist(write: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await write()
      return
    } catch (error) {
      if (!(error instanceof HeadlesslyError) || error.code !== 'network_error' || attempt === 5) throw error
    }
  }
}

test('the log is a list, which can be filtered by pattern and entity, and read page by page', async () => {
  const $ = client()
  const ada = await $.Contact.create({ name: 'Ada' })
  await $.Contact.qualify(ada.$id)
  await $.Deal.createMany(Array.from({ length: 130 }, (_, value) => ({ name: `${value}`, value })))
  const first = await $.events.list({ limit: 2 })
  expect(first.map((event) => event.type)).toEqual(['Contact.Created', 'Contact.Qualified'])
  expect(first).toMatchObject({ hasMore: true, total: null })
  expect((await $.events.list({ type: 'Contact.*' })).map((event) => event.data.name)).toEqual(['Ada', 'Ada'])
  expect(await $.events.list({ entity: ada.$id })).toHaveLength(2)
  expect(await $.events.list({ entity: ada.$id, type: 'Contact.Qualified', actor: 'owner' })).toHaveLength(1)
  expect(await $.events.list({ actor: 'user_0123456789AB' })).toHaveLength(0)
  const values: number[] = []
  for await (const event of $.events.list({ type: 'Deal.Created', after: 1 })) values.push(event.data.value)
  expect(values.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 130 }, (_, value) => value))
})

test('a subscriber receives later writes of its client, and nothing after unsubscribing', async () => {
  const slowly: typeof fetch = async (input, init) => {
    // Delays the request for the log, so that all other requests overtake it.
    if (String(input).includes('/events')) await new Promise((resolve) => void setTimeout(resolve, 100))
    return fetch(input, init)
  }
  const $ = Headlessly({ tenant: tenant(), endpoint: url(), fetch: slowly })
  await $.Contact.create({ name: 'before' })
  const heard: string[] = []
  const stop = $.events.subscribe('Contact.*', (event) => void heard.push(`${event.type} ${event.data.name}`))
  const ada = await $.Contact.create({ name: 'Ada' })
  await $.Deal.create({ name: 'not asked for', value: 1 })
  await $.Contact.qualify(ada.$id)
  await until(() => heard.length === 2)
  expect(heard).toEqual(['Contact.Created Ada', 'Contact.Qualified Ada'])
  stop()
  await $.Contact.create({ name: 'after' })
  await new Promise((resolve) => void setTimeout(resolve, 200))
  expect(heard).toHaveLength(2)
})

test('a subscriber to a tenant that does not exist yet receives its first event', async () => {
  const $ = client()
  const heard: number[] = []
  const stop = $.events.subscribe('*', (event) => void heard.push(event.seq))
  await $.Contact.create({ name: 'Ada' })
  await until(() => heard.length === 1)
  expect(heard).toEqual([1])
  stop()
})

test('strings are received as they were written, whatever their characters', async () => {
  const $ = client()
  const name = 'line\u2028end\u2029 \r\n data: x\n\nid: 9 \u{1f9ee} \u0085'
  const heard: ObjectEvent[] = []
  const stop = $.events.subscribe('*', (event) => void heard.push(event))
  const written = await $.Contact.create({ name })
  await until(() => heard.length === 1)
  expect(heard[0]?.data).toEqual(written)
  stop()
})

test('a listener is called for one event at a time, and its errors go to onError without ending it', async () => {
  const $ = client()
  const [heard, errors]: [number[], string[]] = [[], []]
  let running = 0
  const stop = $.events.subscribe(
    '*',
    async (event) => {
      expect(++running).toBe(1)
      await new Promise((resolve) => void setTimeout(resolve, 5))
      running--
      heard.push(event.seq)
      if (event.seq === 2) throw new Error('second')
    },
    { after: 0, onError: (error, { isEnded }) => void errors.push(`${String(error)} ${isEnded}`) },
  )
  await $.Contact.createMany(Array.from({ length: 5 }, (_, at) => ({ name: `${at}` })))
  await until(() => heard.length === 5)
  expect(heard).toEqual([1, 2, 3, 4, 5])
  expect(errors).toEqual(['Error: second false'])
  stop()
})

test('a subscription without a function is refused before a request is sent', () => {
  const listener = undefined as unknown as () => void
  expect(() => client().events.subscribe('*', listener)).toThrow('events.subscribe expects a function')
})

test('a refused subscription ends with the error', async () => {
  const $ = client()
  await $.Contact.create({ name: 'Ada' })
  const [error, isEnded] = await new Promise<[unknown, boolean]>((resolve) => {
    $.events.subscribe('*', () => {}, { after: 7, onError: (error, state) => resolve([error, state.isEnded]) })
  })
  expect(error).toBeInstanceOf(HeadlesslyError)
  expect(error).toMatchObject({ code: 'bookmark_ahead', status: 409 })
  expect(isEnded).toBe(true)
})

test('a lost connection logs one line, unless the subscriber has an onError', async () => {
  const $ = client()
  const printed = vi.spyOn(console, 'error').mockImplementation(() => {})
  const heard: number[] = []
  const stop = $.events.subscribe('Deal.*', ({ seq }) => void heard.push(seq))
  try {
    await $.Deal.create({ name: 'before', value: 1 })
    await until(() => heard.length === 1)
    process.kill(server().pid(), 'SIGKILL')
    await until(() => printed.mock.calls.length > 0)
    await persist(() => $.Deal.create({ name: 'after', value: 1 }, { idempotencyKey: 'after' }))
    await until(() => heard.length === 2)
    const line = /^headlessly: http:\S+ cannot be reached: \S+; resubscribing to 'Deal\.\*'$/
    for (const call of printed.mock.calls) expect(call).toEqual([expect.stringMatching(line)])
  } finally {
    stop()
    printed.mockRestore()
  }
})

test('while the server is killed and restarted, no event is lost or received twice, and no write is performed twice', async () => {
  const $ = client()
  const heard: number[] = []
  const written: string[] = []
  const names: string[] = []
  const failed: unknown[] = []
  const stop = $.events.subscribe(
    'Deal.Created',
    ({ seq, data }) => {
      heard.push(seq)
      names.push(data.name)
    },
    { onError: (error) => void failed.push(error) },
  )
  const writersMax = 8
  let isWriting = true
  const write = async (writer: number): Promise<void> => {
    for (let count = 0; isWriting; count++) {
      const name = `${writer}.${count}`
      await persist(() => $.Deal.create({ name, value: 1 }, { idempotencyKey: name }))
      written.push(name)
    }
  }
  const writers = Array.from({ length: writersMax }, (_, writer) => write(writer))
  for (let kill = 1; kill <= 3; kill++) {
    const [before, pid] = [written.length, server().pid()]
    await until(() => written.length > before + 30)
    process.kill(pid, 'SIGKILL')
    await until(() => server().pid() !== pid)
  }
  const before = written.length
  await until(() => written.length > before + 30)
  isWriting = false
  await Promise.all(writers)
  await until(() => names.length >= written.length)
  // Waits for events that might be received twice.
  await new Promise((resolve) => void setTimeout(resolve, 300))
  expect(names.toSorted()).toEqual(written.toSorted())
  expect(heard).toEqual(heard.toSorted((a, b) => a - b))
  expect(await $.Deal.count({}, { strong: true })).toBe(written.length)
  expect(failed.every((error) => error instanceof HeadlesslyError)).toBe(true)
  stop()
})

test('a live list follows what enters, changes and leaves, across a kill of the server', async () => {
  const $ = client()
  const open = await $.Deal.create({ name: 'first', value: 1 })
  const updates: string[] = []
  let rows: ReadonlyMap<string, { readonly name: string; readonly value: number }> = new Map()
  const told: string[] = []
  const after = (await $.Deal.history(open.$id)).at(-1)?.seq
  // Over a WebSocket, as pages do.
  const page = Headlessly({ tenant: $.tenant, endpoint: url(), liveConnection: 'websocket' })
  const end = page.Deal.liveChanges(
    { value: { $lt: 10 } },
    (update) => {
      const parts = update.kind === 'reset' ? [] : [update.entered, update.changed, update.left]
      told.push(parts.map((of) => of.map(({ $version }) => $version).join('+')).join())
    },
    { after, onError: () => {} },
  )
  const stop = $.Deal.live(
    { value: { $lt: 10 } },
    (update) => {
      rows = update.rows
      updates.push(
        update.kind === 'reset' ? 'reset' : [update.entered, update.changed, update.left].map((of) => of.length).join(),
      )
    },
    { onError: () => {} },
  )
  await until(() => updates.length === 1)
  const other = await $.Deal.create({ name: 'second', value: 2 })
  await $.Deal.update(open.$id, { value: 3 })
  await $.Deal.update(other.$id, { value: 30 })
  await until(() => updates.length === 4)
  expect(updates).toEqual(['reset', '1,0,0', '0,1,0', '0,0,1'])
  process.kill(server().pid(), 'SIGKILL')
  await persist(() => $.Deal.create({ name: 'third', value: 4 }))
  await until(() => rows.size === 2)
  expect([...rows.values()].map(({ name, value }) => `${name} ${value}`)).toEqual(['first 3', 'third 4'])
  stop()
  // The changes alone, in versions: the same, without the list.
  await until(() => told.length === 4)
  expect(told).toEqual(['1,,', ',2,', ',,2', '1,,'])
  end()
  for (const of of [$, page]) {
    const refused = await new Promise<unknown>((resolve) => {
      of.Deal.live({ 'contact.name': 'Ada' }, () => {}, { onError: (error, { isEnded }) => isEnded && resolve(error) })
    })
    expect(refused).toMatchObject({ code: 'invalid_filter', field: 'contact.name' })
  }
})

test('a subscriber over a WebSocket acknowledges, so it hears more than the server sends without that', async () => {
  const $ = Headlessly({ tenant: tenant(), endpoint: url(), liveConnection: 'websocket' })
  const heard: number[] = []
  const stop = $.events.subscribe('Content.*', ({ data }) => void heard.push(Number(data.title)))
  const body = 'x'.repeat(90_000)
  for (let at = 0; at < 30; at += 10) {
    const titles = Array.from({ length: 10 }, (_, index) => String(at + index))
    await $.Content.createMany(titles.map((title) => ({ title, body })))
  }
  await until(() => heard.length === 30)
  expect(heard).toEqual(Array.from({ length: 30 }, (_, index) => index))
  stop()
})

test('a WebSocket that its client closes is closed by the server too, without delay', async () => {
  const $ = client()
  await $.Contact.create({ name: 'Ada' })
  const socket = new WebSocket(`${url().replace(/^http/, 'ws')}/~${$.tenant}/events?after=0`)
  await new Promise((resolve) => socket.addEventListener('message', resolve, { once: true }))
  const closed = new Promise((resolve) => socket.addEventListener('close', resolve))
  socket.close()
  // Its own timeout is 30 s and more.
  await expect(
    Promise.race([closed, new Promise((resolve) => void setTimeout(resolve, 15_000, 'late'))]),
  ).resolves.not.toBe('late')
})
