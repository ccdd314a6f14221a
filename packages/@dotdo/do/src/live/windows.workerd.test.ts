// The bounds of what a socket may hold unread: windows, acknowledgements, and closing.

import { env, evictDurableObject, runInDurableObject } from 'cloudflare:test'
import fc from 'fast-check'
import { fullAuthority } from 'digital-objects'
import { expect, test } from 'vitest'
import { askWrite } from '../../../../objects.do/test/ask-tenant.ts'
import { MemoryLog } from '../../test/memory-log.ts'
import { Hub, type HubLimits } from './hub.ts'
import { liveRequest } from './live-request.ts'

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1_000_000))
const runs = Number(process.env['RUNS'] ?? 10)
const authority = fullAuthority('anonymous')
const upgrade = (search = ''): Request =>
  liveRequest({ search, headers: new Headers({ upgrade: 'websocket' }), authority })
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
const range = (first: number, last: number): number[] => Array.from({ length: last - first + 1 }, (_, at) => first + at)

async function until(isDone: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 20_000; !isDone() && Date.now() < deadline;) await sleep(5)
}

interface Reader {
  readonly socket: WebSocket
  readonly seqs: number[]
  readonly closes: { readonly code: number; readonly reason: string }[]
  /** Characters received after the last acknowledgement. */
  unread: number
}

function read(socket: WebSocket): Reader {
  const reader: Reader = { socket, seqs: [], closes: [], unread: 0 }
  socket.addEventListener('message', ({ data }) => {
    const text = String(data)
    const message = JSON.parse(text) as { $type?: string; seq: number; events?: readonly { readonly seq: number }[] }
    if (message.$type === 'Ready') return
    reader.unread += text.length
    for (const { seq } of message.events ?? [message]) reader.seqs.push(seq)
  })
  socket.addEventListener('close', ({ code, reason }) => void reader.closes.push({ code, reason }))
  socket.accept()
  return reader
}

const wordOf = (seq: number | undefined): string => JSON.stringify({ $type: 'Ack', seq })

interface Bare {
  readonly log: MemoryLog
  /** Publishes one commit, with an event for each number of characters. */
  publish(characters: readonly number[]): void
  open(search?: string): Reader
  acknowledge(reader: Reader): void
  /** Lets the sockets deliver what they were sent. */
  settle(): Promise<void>
}

/** The object of these tests passes no messages on, so they are passed to the hub here. */
function withHub(limits: Partial<HubLimits>, run: (bare: Bare) => Promise<void>): Promise<void> {
  return runInDurableObject(env.BARE.get(env.BARE.newUniqueId()), async (_, ctx) => {
    const log = new MemoryLog()
    log.nowMs = 1_000_000
    const hub = new Hub({
      ctx,
      source: log,
      rules: { schemas: () => [], current: (authority) => authority, checkQuery: () => {} },
      authorityOf: () => undefined,
      limits,
    })
    const servers = new Map<Reader, WebSocket>()
    await run({
      log,
      publish: (characters) => hub.publish(log.append(characters)),
      open: (search = '') => {
        const before = new Set(ctx.getWebSockets())
        const reader = read(hub.accept(upgrade(search)).webSocket as WebSocket)
        const server = ctx.getWebSockets().find((socket) => !before.has(socket))
        servers.set(reader, server as WebSocket)
        return reader
      },
      acknowledge: (reader) => {
        if (reader.unread > 0) hub.webSocketMessage(servers.get(reader) as WebSocket, wordOf(reader.seqs.at(-1)))
        reader.unread = 0
      },
      settle: () => sleep(10),
    })
  })
}

const anyRun = fc.record({
  commits: fc.array(fc.array(fc.integer({ min: 0, max: 3_000 }), { minLength: 1, maxLength: 8 }), { maxLength: 12 }),
  readers: fc.integer({ min: 1, max: 5 }),
  acknowledging: fc.array(fc.array(fc.nat(4), { maxLength: 4 }), { minLength: 12, maxLength: 12 }),
  starts: fc.array(fc.constantFrom('', '?after=0', '?after=0&commits=true', '?commits=true'), {
    minLength: 5,
    maxLength: 5,
  }),
})

test(`whatever is published and acknowledged, no socket holds more than its window or a commit, none is left inside a commit, and none misses an event (seed ${seed})`, () =>
  fc.assert(
    fc.asyncProperty(anyRun, ({ commits, readers, acknowledging, starts }) =>
      withHub({ window: 4_000, windows: 50_000, page: 7 }, async ({ log, publish, open, acknowledge, settle }) => {
        for (const size of [100, 2_000, 5_000]) log.append([size])
        const all = range(1, readers).map((at) => open(starts[at - 1]))
        const largest = Math.max(5_000, ...commits.map((sizes) => sizes.reduce((sum, size) => sum + size + 200, 0)))
        const check = (): void => {
          for (const { unread, seqs } of all) {
            expect(unread).toBeLessThanOrEqual(Math.max(4_000, largest + 300))
            expect([0, log.commitEnd(seqs.at(-1) ?? 0)]).toContain(seqs.at(-1) ?? 0)
          }
          expect(all.reduce((sum, { unread }) => sum + unread, 0)).toBeLessThanOrEqual(50_000)
        }
        for (const [round, characters] of commits.entries()) {
          publish(characters)
          await settle()
          check()
          for (const at of acknowledging[round] ?? []) if (all[at] !== undefined) acknowledge(all[at])
          await settle()
          check()
        }
        const head = log.head()
        const expected = all.map((_, at) => range(starts[at]?.includes('after') === true ? 1 : 4, head))
        const isBehind = (): boolean => all.some(({ seqs }, at) => seqs.length < (expected[at]?.length ?? 0))
        for (let round = 0; round < 400 && isBehind(); round++) {
          for (const reader of all) acknowledge(reader)
          await sleep(1)
        }
        for (const [at, { seqs, closes }] of all.entries()) {
          expect(seqs).toEqual(expected[at])
          expect(closes).toEqual([])
        }
      }),
    ),
    { seed, numRuns: runs },
  ))

test('a socket that acknowledges nothing is closed with a reason, and others go on', () =>
  withHub({ window: 2_000, acknowledgeMs: 80 }, async ({ log, publish, open, acknowledge }) => {
    const [silent, slow] = [open(), open()]
    for (let round = 0; round < 40 && silent.closes.length === 0; round++) {
      publish([500])
      log.nowMs = log.now() + 10
      await sleep(10)
      if (round % 3 === 0) acknowledge(slow)
    }
    const reason = 'no {"$type":"Ack","seq":1} within 0.08 s; resume after the last seq'
    expect(silent.closes).toEqual([{ code: 4008, reason }])
    expect(silent.seqs.length).toBeLessThan(4)
    publish([500])
    for (let round = 0; round < 100 && slow.seqs.at(-1) !== log.head(); round++) {
      acknowledge(slow)
      await sleep(2)
    }
    expect(slow.seqs).toEqual(range(1, log.head()))
    expect(slow.closes).toEqual([])
  }))

test('silent sockets that fill all windows together are closed, and then the others receive the rest', () =>
  withHub({ window: 2_000, windows: 6_000, acknowledgeMs: 80 }, async ({ log, publish, open, acknowledge }) => {
    const silent = range(1, 20).map(() => open())
    const honest = open('?after=0')
    for (let round = 0; round < 100 && honest.seqs.length < 5; round++) {
      if (round < 5) publish([900])
      acknowledge(honest)
      log.nowMs = log.now() + 10
      await sleep(10)
    }
    expect(honest.seqs).toEqual([1, 2, 3, 4, 5])
    expect(honest.closes).toEqual([])
    expect(silent.some(({ closes }) => closes.length > 0)).toBe(true)
  }))

test('the window of a socket survives its object', async () => {
  const tenant = env.TENANTS.get(env.TENANTS.newUniqueId())
  const caller = { tenant: 'acme', context: 'http://localhost:8787/~acme', authority, via: 'rest' } as const
  // The text is in the event twice: in the entity and in the changes.
  const write = async (): Promise<void> => {
    const body = JSON.stringify({ name: 'Ada', metadata: { text: 'x'.repeat(100_000) } })
    await askWrite(tenant, caller, { noun: 'Contact', verb: 'create', body })
  }
  const reader = read((await tenant.fetch(upgrade())).webSocket as WebSocket)
  for (let count = 0; count < 4; count++) await write()
  await until(() => reader.seqs.length === 4)
  // Sends are stored with the socket within a second.
  await sleep(1_200)
  await evictDurableObject(tenant)
  for (let count = 0; count < 6; count++) await write()
  await sleep(200)
  expect(reader.seqs).toEqual(range(1, 5))
  for (let round = 0; round < 200 && reader.seqs.length < 10; round++) {
    reader.socket.send(wordOf(reader.seqs.at(-1)))
    await sleep(20)
  }
  expect(reader.seqs).toEqual(range(1, 10))
}, 20_000)

test('acknowledgements of nothing new count as messages that a listener has no business to send', async () => {
  const tenant = env.TENANTS.get(env.TENANTS.newUniqueId())
  const reader = read((await tenant.fetch(upgrade())).webSocket as WebSocket)
  for (let count = 0; count < 20; count++) reader.socket.send(wordOf(0))
  await until(() => reader.closes.length > 0)
  expect(reader.closes).toMatchObject([{ code: 1008 }])
})
