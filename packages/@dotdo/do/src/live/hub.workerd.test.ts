import { env, evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { fullAuthority, type ObjectErrorData } from 'digital-objects'
import { expect, test } from 'vitest'
import { askRead, askWrite } from '../../../../objects.do/test/ask-tenant.ts'
import { MemoryLog } from '../../test/memory-log.ts'
import { Hub, type HubLimits } from './hub.ts'
import type { LiveEvent } from './live-event.ts'
import { liveRequest } from './live-request.ts'

type Tenant = ReturnType<typeof env.TENANTS.get>

const call = {
  tenant: 'acme',
  context: 'http://localhost:8787/~acme',
  authority: fullAuthority('anonymous'),
  via: 'rest',
} as const
const newTenant = (): Tenant => env.TENANTS.get(env.TENANTS.newUniqueId())
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Makes the request that the Worker makes for a caller that may see everything. */
function request(search = '', headers: Record<string, string> = {}): Request {
  return liveRequest({ search, headers: new Headers(headers), authority: fullAuthority('anonymous') })
}

async function until(isDone: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 20_000; !isDone() && Date.now() < deadline;) await sleep(5)
}

async function write(tenant: Tenant, noun: string, count = 1): Promise<string[]> {
  const body = JSON.stringify({ name: 'Ada', ...(noun === 'Deal' ? { value: 1 } : {}) })
  const answers = await Promise.all(
    Array.from({ length: count }, () => askWrite(tenant, call, { noun, verb: 'create', body })),
  )
  return answers.map((answer) => {
    if (!answer.ok) throw new Error(answer.error.message)
    return answer.createdId as string
  })
}

/** What a hub stores with a socket that is behind. */
const storedAt = (after: number): object => ({ audience: { pattern: '*.*' }, after, last: 0, held: 0, sinceMs: 0 })

interface Listener {
  readonly socket: WebSocket
  /** The end of the log at the start of the connection. Later events are delivered. */
  readonly ready: number[]
  readonly seqs: number[]
  readonly types: string[]
  readonly closes: number[]
}

/** Acknowledges what has arrived in a while, as a client should. */
function acknowledger(socket: WebSocket): (seq: number) => void {
  let last = 0
  let isDue = false
  return (seq) => {
    last = seq
    if (isDue) return
    isDue = true
    setTimeout(() => {
      isDue = false
      if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ $type: 'Ack', seq: last }))
    }, 20)
  }
}

function listenTo(socket: WebSocket): Listener {
  const acknowledge = acknowledger(socket)
  const listener: Listener = { socket, ready: [], seqs: [], types: [], closes: [] }
  socket.addEventListener('message', ({ data }) => {
    const message = JSON.parse(String(data)) as { $type?: string; seq: number; type: string }
    const isReady = message.$type === 'Ready'
    if (!isReady) acknowledge(message.seq)
    ;(isReady ? listener.ready : listener.seqs).push(message.seq)
    if (!isReady) listener.types.push(message.type)
  })
  socket.addEventListener('close', ({ code }) => void listener.closes.push(code))
  socket.accept()
  return listener
}

async function listen(tenant: DurableObjectStub, query = '', headers: Record<string, string> = {}): Promise<Listener> {
  const answer = await tenant.fetch(request(query, { upgrade: 'websocket', ...headers }))
  if (answer.webSocket === null) throw new Error(`${answer.status} ${await answer.text()}`)
  const listener = listenTo(answer.webSocket)
  await until(() => listener.ready.length > 0)
  return listener
}

interface SseReader {
  readonly seqs: number[]
  readonly types: string[]
  /** Reads until it has received this many events. */
  take(count: number): Promise<void>
  cancel(): Promise<void>
}

async function readStream(
  tenant: DurableObjectStub,
  query = '',
  headers: Record<string, string> = {},
): Promise<SseReader> {
  const answer = await tenant.fetch(request(query, headers))
  expect(answer.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
  const reader = (answer.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream()).getReader()
  const seqs: number[] = []
  const types: string[] = []
  let text = ''
  const readMore = async (): Promise<void> => {
    text += (await reader.read()).value ?? ''
    const blocks = text.split('\n\n')
    text = blocks.pop() as string
    for (const block of blocks) {
      const [, id, type, data] = /^id: (\d+)\nevent: (\S+)\ndata: (.*)$/.exec(block) ?? []
      if (data === undefined) continue
      expect(JSON.parse(data)).toMatchObject({ seq: Number(id), type })
      seqs.push(Number(id))
      types.push(type as string)
    }
  }
  await readMore()
  return {
    seqs,
    types,
    cancel: () => reader.cancel(),
    take: async (count) => {
      while (seqs.length < count) await readMore()
    },
  }
}

test('a stream announces its start as a bookmark before it sends an event', async () => {
  const tenant = newTenant()
  const bookmarkOf = async (query: string, headers: Record<string, string> = {}): Promise<string | null> => {
    const answer = await tenant.fetch(request(query, headers))
    await answer.body?.cancel()
    return answer.headers.get('x-headlessly-bookmark')
  }
  expect(await bookmarkOf('')).toBe('new.0')
  await write(tenant, 'Contact', 3)
  const [epoch, seq] = (await bookmarkOf(''))?.split('.') ?? []
  expect([epoch, seq]).toEqual([expect.stringMatching(/^[0-9a-z]{2,}$/), '3'])
  expect(await bookmarkOf('?after=1')).toBe(`${epoch}.1`)
  expect(await bookmarkOf('?after=1', { 'last-event-id': '2' })).toBe(`${epoch}.2`)
})

const range = (first: number, last: number): number[] => Array.from({ length: last - first + 1 }, (_, at) => first + at)

test('a socket receives the events committed after its Ready message, in order', async () => {
  const tenant = newTenant()
  await write(tenant, 'Contact', 3)
  const listener = await listen(tenant)
  await write(tenant, 'Contact', 20)
  await until(() => listener.seqs.length === 20)
  expect(listener.ready).toEqual([3])
  expect(listener.seqs).toEqual(range(4, 23))
})

test('a tenant that was never written to can be listened to', async () => {
  const tenant = newTenant()
  const listener = await listen(tenant, '?after=0')
  await write(tenant, 'Contact')
  await until(() => listener.seqs.length === 1)
  expect(listener.seqs).toEqual([1])
})

test('a listener from 0 receives 5,000 events during writes, each once and in order, by socket and by stream', async () => {
  const tenant = newTenant()
  for (let count = 0; count < 5_000; count += 250) await write(tenant, 'Contact', 250)
  const [first, stream] = await Promise.all([listen(tenant, '?after=0'), readStream(tenant, '?after=0')])
  const others: Listener[] = []
  const streamed = stream.take(5_400)
  for (let round = 0; round < 40; round++) {
    await write(tenant, 'Contact', 10)
    if (round % 10 === 0) others.push(await listen(tenant, `?after=${round * 100}`))
  }
  await streamed
  await until(() => [first, ...others].every(({ seqs }) => seqs.at(-1) === 5_400))
  await sleep(100)
  expect(first.seqs).toEqual(range(1, 5_400))
  expect(stream.seqs).toEqual(range(1, 5_400))
  for (const [at, other] of others.entries()) expect(other.seqs).toEqual(range(at * 1_000 + 1, 5_400))
})

test('a listener with a pattern receives only matching events, from the log and live', async () => {
  const tenant = newTenant()
  const [contact] = await write(tenant, 'Contact', 2)
  await write(tenant, 'Deal', 2)
  const listeners = {
    all: await listen(tenant, '?after=0'),
    deals: await listen(tenant, '?after=0&type=deal.*'),
    created: await listen(tenant, '?after=0&type=*.created,Deal.Closed'),
    contact: await listen(tenant, `?after=0&type=Contact.${contact}.*`),
    none: await listen(tenant, '?after=0&type=Ticket.*'),
    entity: await listen(tenant, `?after=0&entity=${contact}`),
    both: await listen(tenant, `?cursor=1&entity=${contact}&type=Contact.*&actor=anonymous`),
    nobody: await listen(tenant, '?after=0&actor=somebody'),
  }
  const stream = await readStream(tenant, `?after=0&type=${contact}`)
  await askWrite(tenant, call, { noun: 'Contact', verb: 'qualify', id: contact as string })
  await write(tenant, 'Deal')
  await until(() => listeners.all.seqs.length === 6 && listeners.contact.seqs.length === 2)
  await stream.take(2)
  await sleep(50)
  expect(listeners.all.seqs).toEqual([1, 2, 3, 4, 5, 6])
  expect(listeners.deals.seqs).toEqual([3, 4, 6])
  expect(listeners.created.seqs).toEqual([1, 2, 3, 4, 6])
  expect(listeners.contact.types).toEqual(['Contact.Created', 'Contact.Qualified'])
  expect(listeners.none.seqs).toEqual([])
  expect(listeners.entity.seqs).toEqual([1, 5])
  expect(listeners.both.seqs).toEqual([5])
  expect(listeners.nobody.seqs).toEqual([])
  expect(stream.types).toEqual(['Contact.Created', 'Contact.Qualified'])
})

test('a listener resumes after its last event, and Last-Event-ID takes precedence over after', async () => {
  const tenant = newTenant()
  await write(tenant, 'Contact', 3)
  const before = await listen(tenant, '?after=0')
  await until(() => before.seqs.length === 3)
  before.socket.close(1000, 'away')
  await write(tenant, 'Contact', 3)
  const again = await listen(tenant, '?after=3')
  const byHeader = await readStream(tenant, '?after=0', { 'last-event-id': '4' })
  await write(tenant, 'Contact')
  await until(() => again.seqs.length === 4)
  await byHeader.take(3)
  expect(before.seqs).toEqual([1, 2, 3])
  expect(again.seqs).toEqual([4, 5, 6, 7])
  expect(byHeader.seqs).toEqual([5, 6, 7])
})

test.each([
  ['?after=4', 409, { code: 'bookmark_ahead', detail: { head: 3 } }],
  ['?after=-1', 400, { code: 'invalid_parameter', field: 'after' }],
  ['?after=1.5', 400, { code: 'invalid_parameter', field: 'after' }],
  ['?after=', 400, { code: 'invalid_parameter', field: 'after' }],
  ['?type=Deal', 400, { code: 'invalid_parameter', field: 'type' }],
  ['?actor=', 400, { code: 'invalid_parameter', field: 'actor' }],
  ['?entity=nobody_1', 400, { code: 'invalid_parameter', field: 'entity' }],
  ['?stage=Lead', 400, { code: 'invalid_parameter', field: 'stage' }],
  ['?filter={}', 400, { code: 'invalid_parameter', field: 'filter' }],
  ['?typ=Deal.*', 400, { code: 'invalid_parameter', field: 'typ' }],
  ['?limit=1', 400, { code: 'invalid_parameter', field: 'limit' }],
  ['?commits=1', 400, { code: 'invalid_parameter', field: 'commits' }],
  ['?type=Deal.*&type=Contact.*', 400, { code: 'invalid_parameter', field: 'type' }],
])('%s is refused with %i', async (query, status, error) => {
  const tenant = newTenant()
  await write(tenant, 'Contact', 3)
  for (const headers of [{}, { upgrade: 'websocket' }]) {
    const answer = await tenant.fetch(request(query, headers))
    expect(answer.status).toBe(status)
    expect(await answer.json<ObjectErrorData>()).toMatchObject(error)
  }
})

test('sockets survive their object and miss nothing', async () => {
  const tenant = newTenant()
  const [all, deals] = [await listen(tenant), await listen(tenant, '?type=Deal.*')]
  await write(tenant, 'Contact', 2)
  await evictDurableObject(tenant)
  await write(tenant, 'Contact', 2)
  await write(tenant, 'Deal')
  await evictDurableObject(tenant)
  const late = await listen(tenant, '?after=2')
  await write(tenant, 'Deal')
  await until(() => all.seqs.length === 6 && deals.seqs.length === 2 && late.seqs.length === 4)
  await sleep(50)
  expect(all.seqs).toEqual([1, 2, 3, 4, 5, 6])
  expect(deals.seqs).toEqual([5, 6])
  expect(late.seqs).toEqual([3, 4, 5, 6])
})

test('a socket whose object was evicted while it caught up continues, whatever wakes the object', async () => {
  const tenant = newTenant()
  for (let count = 0; count < 1_500; count += 250) await write(tenant, 'Contact', 250)
  const listener = await listen(tenant)
  // The state of a socket in the middle of catching up.
  await runInDurableObject(tenant, (_, ctx) => {
    for (const socket of ctx.getWebSockets()) socket.serializeAttachment(storedAt(300))
  })
  await evictDurableObject(tenant)
  await askRead(tenant, call, { read: 'events' })
  await until(() => listener.seqs.at(-1) === 1_500)
  await write(tenant, 'Contact')
  await until(() => listener.seqs.length === 1_201)
  await sleep(50)
  expect(listener.seqs).toEqual(range(301, 1_501))
})

interface RawReader {
  readonly seqs: number[]
  /** The numbers of the commits of a message of whole commits. */
  readonly commits: { readonly commit: number; readonly seq: number; readonly seqs: readonly number[] }[]
}

/** Reads without acknowledging. */
async function readRaw(tenant: DurableObjectStub, query: string): Promise<RawReader> {
  const { webSocket } = await tenant.fetch(request(query, { upgrade: 'websocket' }))
  const reader: RawReader = { seqs: [], commits: [] }
  webSocket?.addEventListener('message', ({ data }) => {
    const {
      $type,
      seq,
      commit,
      events = [],
    } = JSON.parse(String(data)) as {
      $type?: string
      seq: number
      commit: number
      events?: readonly { readonly seq: number }[]
    }
    const seqs = events.map((event) => event.seq)
    if ($type === 'Commit') reader.commits.push({ commit, seq, seqs })
    if ($type === undefined) reader.seqs.push(seq)
  })
  webSocket?.accept()
  return reader
}

test('a commit of several events comes as events or as one message, live, from the log and after a sleep', async () => {
  const tenant = newTenant()
  await write(tenant, 'Contact')
  const names = (count: number): { name: string }[] => Array.from({ length: count }, (_, at) => ({ name: `${at}` }))
  const live = [await readRaw(tenant, ''), await readRaw(tenant, '?commits=true')] as const
  const [first = ''] = await tenant.commitContacts(names(4))
  await tenant.commitContacts([...names(1), { id: first, name: 'new' }])
  const one = await readRaw(tenant, `?commits=true&entity=${first}&after=0`)
  const inside = [await readRaw(tenant, '?after=3'), await readRaw(tenant, '?after=3&commits=true')] as const
  await evictDurableObject(tenant)
  await tenant.commitContacts([{ id: first, name: 'newer' }, ...names(2)])
  await until(() => live[0].seqs.length === 9 && live[1].commits.length === 3 && one.commits.length === 3)
  await until(() => inside[0].seqs.length === 7 && inside[1].commits.length === 3)
  await sleep(50)
  expect(live[0].seqs).toEqual(range(2, 10))
  const all = [
    { commit: 2, seq: 5, seqs: [2, 3, 4, 5] },
    { commit: 6, seq: 7, seqs: [6, 7] },
    { commit: 8, seq: 10, seqs: [8, 9, 10] },
  ]
  expect(live[1].commits).toEqual(all)
  expect(one.commits).toEqual([
    { commit: 2, seq: 5, seqs: [2] },
    { commit: 6, seq: 7, seqs: [7] },
    { commit: 8, seq: 10, seqs: [8] },
  ])
  expect(inside[0].seqs).toEqual(range(4, 10))
  expect(inside[1].commits).toEqual(all)
})

test('a stream has an id at the end of each commit only, also where the last event is not selected', async () => {
  const tenant = newTenant()
  const [first = ''] = await tenant.commitContacts([{ name: 'a' }, { name: 'b' }])
  await tenant.commitContacts([{ id: first, name: 'c' }, { name: 'd' }, { id: first, name: 'e' }, { name: 'f' }])
  await tenant.commitContacts(Array.from({ length: 250 }, (_, at) => ({ name: `${at}` })))
  const idsOf = async (query: string, last: number): Promise<string[]> => {
    const { body } = await tenant.fetch(request(query))
    const reader = (body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream()).getReader()
    let text = ''
    while (!text.includes(`id: ${last}\n`) || !text.endsWith('\n\n')) text += (await reader.read()).value ?? ''
    await reader.cancel()
    return [...text.matchAll(/^(id|event): (.*)$/gm)].map(([, name, value]) => (name === 'id' ? String(value) : '.'))
  }
  const dots = (count: number): string[] => Array.from({ length: count }, () => '.')
  const all = ['.', '2', '.', ...dots(3), '6', '.', ...dots(249), '256', '.']
  expect(await idsOf('?after=0', 256)).toEqual(all)
  expect(await idsOf(`?after=0&entity=${first}`, 6)).toEqual(['2', '.', '.', '6', '.'])
  expect(await idsOf('?after=0&commits=true', 256)).toEqual(['2', '.', '6', '.', '256', '.'])
})

test('ping is answered, and a socket that sends too many messages is closed', async () => {
  const tenant = newTenant()
  const answer = await tenant.fetch(request('', { upgrade: 'websocket' }))
  const socket = answer.webSocket as WebSocket
  const [messages, closes]: [string[], number[]] = [[], []]
  socket.addEventListener('message', ({ data }) => void messages.push(String(data)))
  socket.addEventListener('close', ({ code }) => void closes.push(code))
  socket.accept()
  for (let count = 0; count < 20; count++) socket.send('ping')
  socket.send('hello')
  await until(() => messages.length === 21)
  expect(messages.slice(1)).toEqual(Array.from({ length: 20 }, () => 'pong'))
  expect(closes).toEqual([])
  for (let count = 0; count < 20; count++) socket.send('hello')
  await until(() => closes.length > 0)
  expect(closes).toEqual([1008])
})

interface Bare {
  readonly ctx: DurableObjectState
  readonly log: MemoryLog
  readonly newHub: (limits?: Partial<HubLimits>) => Hub
}

function withBare(run: (bare: Bare) => Promise<void>): Promise<void> {
  return runInDurableObject(env.BARE.get(env.BARE.newUniqueId()), async (_, ctx) => {
    const log = new MemoryLog()
    await run({
      ctx,
      log,
      newHub: (limits) =>
        new Hub({
          ctx,
          source: log,
          rules: { schemas: () => [], current: (authority) => authority, checkQuery: () => {} },
          authorityOf: () => undefined,
          ...(limits === undefined ? {} : { limits }),
        }),
    })
  })
}

const upgrade = (query = ''): Request => request(query, { upgrade: 'websocket' })
const listenHere = (hub: Hub, query = ''): Listener => listenTo(hub.accept(upgrade(query)).webSocket as WebSocket)

test('an event published in the step that wakes the hub is delivered once to a socket that is catching up', () =>
  withBare(async ({ ctx, log, newHub }) => {
    log.appendEach(1_200)
    const { 0: client, 1: server } = new WebSocketPair()
    ctx.acceptWebSocket(server)
    // The state that an earlier object left behind.
    server.serializeAttachment(storedAt(200))
    const listener = listenTo(client)
    newHub({ page: 100 }).publish(log.appendEach(3))
    await until(() => listener.seqs.at(-1) === 1_203)
    await sleep(50)
    expect(listener.seqs).toEqual(range(201, 1_203))
  }))

test('commits during the first catch-up of a hub are delivered once', () =>
  withBare(async ({ log, newHub }) => {
    log.appendEach(2_000)
    const hub = newHub({ page: 100 })
    const listener = listenHere(hub, '?after=0')
    for (let round = 0; round < 20; round++) {
      hub.publish(log.appendEach(2))
      await sleep(1)
    }
    await until(() => listener.seqs.at(-1) === 2_040)
    await sleep(50)
    expect(listener.seqs).toEqual(range(1, 2_040))
  }))

test('the hub reads one page at a time, however many listeners catch up', () =>
  withBare(async ({ log, newHub }) => {
    log.appendEach(300)
    const hub = newHub({ page: 100 })
    const listeners = Array.from({ length: 20 }, () => listenHere(hub, '?after=0'))
    const readInOneTurn = log.reads.length
    await until(() => listeners.every(({ seqs }) => seqs.length === 300))
    expect(readInOneTurn).toBeLessThanOrEqual(1)
    expect(log.reads.every(({ limit }) => limit === 100)).toBe(true)
    for (const { seqs } of listeners) expect(seqs).toEqual(range(1, 300))
  }))

test('a stream that is not read keeps only one page in memory, and misses nothing when it is read later', () =>
  withBare(async ({ log, newHub }) => {
    const hub = newHub()
    const stream = hub.accept(request('?after=0'))
    const reader = (stream.body as ReadableStream<Uint8Array>).getReader()
    await reader.read()
    for (let round = 0; round < 50; round++) {
      hub.publish(log.appendEach(100))
      await sleep(1)
    }
    expect(log.reads.filter(({ after }) => after > 0).length).toBeLessThanOrEqual(1)
    const seqs: number[] = []
    const decoder = new TextDecoder()
    while (seqs.length < 5_000) {
      const text = decoder.decode((await reader.read()).value)
      for (const [, id] of text.matchAll(/^id: (\d+)$/gm)) seqs.push(Number(id))
    }
    expect(seqs).toEqual(range(1, 5_000))
    await reader.cancel()
  }))

test('a socket above the limit is refused, and accepted after another has closed', () =>
  withBare(async ({ ctx, newHub }) => {
    const hub = newHub({ sockets: 2 })
    for (const after of [0, 0]) listenHere(hub, `?after=${after}`)
    const refused = hub.accept(upgrade())
    expect(refused.status).toBe(503)
    expect(await refused.json()).toMatchObject({ code: 'overloaded' })
    const [socket] = ctx.getWebSockets()
    hub.webSocketClose(socket as WebSocket)
    hub.webSocketClose(socket as WebSocket)
    expect(hub.accept(upgrade()).status).toBe(101)
    expect(hub.accept(upgrade()).status).toBe(503)
  }))

test('a stream above the limit is refused, and accepted after another is cancelled or fails', () =>
  withBare(async ({ log, newHub }) => {
    const hub = newHub({ streams: 2 })
    const open = (query = ''): Response => hub.accept(request(query))
    const [first, second] = [open(), open()]
    expect(open().status).toBe(503)
    await first.body?.cancel()
    const third = open()
    expect(third.status).toBe(200)
    expect(open().status).toBe(503)
    log.read = () => {
      throw new Error('the log cannot be read')
    }
    await expect(third.text()).rejects.toThrow('the log cannot be read')
    expect(open().status).toBe(200)
    await second.body?.cancel()
  }))

test('a stream above the limit makes the hub check whether the others are still connected', () =>
  withBare(async ({ newHub }) => {
    const hub = newHub({ streams: 1 })
    const open = (): Response => hub.accept(request())
    const reader = (open().body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream()).getReader()
    const ready = await reader.read()
    const next = reader.read()
    expect(open().status).toBe(503)
    expect([ready.value, (await next).value]).toEqual(['retry: 1000\n: ready at 0\n\n', ': still here\n\n'])
    await reader.cancel()
  }))

test('an event that cannot be sent closes only the connections of its listeners, so that they do not miss it', () =>
  withBare(async ({ log, newHub }) => {
    const hub = newHub()
    const [contacts, deals] = [listenHere(hub, '?type=Contact.*'), listenHere(hub, '?type=Deal.*')]
    const [event] = log.appendEach(1)
    const broken = Object.defineProperty({ ...(event as LiveEvent) }, 'text', {
      get: () => {
        throw new Error('no text')
      },
    })
    hub.publish([broken])
    await until(() => contacts.closes.length > 0)
    expect(contacts.closes).toEqual([1011])
    expect(deals.closes).toEqual([])
  }))

test('a log that cannot be read closes only the connections that are catching up', () =>
  withBare(async ({ log, newHub }) => {
    log.appendEach(300)
    const hub = newHub({ page: 100 })
    const [behind, live] = [listenHere(hub, '?after=0'), listenHere(hub)]
    log.read = () => {
      throw new Error('the log cannot be read')
    }
    await until(() => behind.closes.length > 0)
    hub.publish(log.appendEach(1))
    await until(() => live.seqs.length > 0)
    expect(behind.closes).toEqual([1011])
    expect(live.seqs).toEqual([301])
    expect(live.closes).toEqual([])
  }))
