// Many writes at once against the server that ships: the client fills messages by itself, keeps a few under way, and
// repeats lost ones without writing a row twice.

import { setTimeout as pause } from 'node:timers/promises'
import { type Client, Headlessly, HeadlesslyError } from '@headlessly/sdk'
import { callsMax } from 'digital-objects'
import { describe, expect, test } from 'vitest'
import { useServer } from '../../../../apps/headless.ly/test/server.ts'
import { startProxy } from './proxy.ts'

const { url, tenant } = useServer()

interface Row {
  readonly name: string
  readonly value: number
}

function rowsOf(count: number): Row[] {
  return Array.from({ length: count }, (_, value) => ({ name: `Deal ${value}`, value }))
}

interface Observed {
  readonly client: Client
  /** The number of calls in each message. */
  readonly messages: number[]
  /** The most messages that were under way at a time. */
  readonly most: () => number
}

/** A client whose messages are counted. `answer` may answer one in place of the server, by its number from 1. */
function observed(answer: (number: number) => Response | undefined = () => undefined): Observed {
  const messages: number[] = []
  let [underWay, most] = [0, 0]
  const client = Headlessly({
    tenant: tenant(),
    endpoint: url(),
    fetch: async (input, init) => {
      const calls = [...String(init.body).matchAll(/"idempotencyKey":/g)].length
      messages.push(calls)
      most = Math.max(most, ++underWay)
      try {
        return answer(messages.length) ?? (await fetch(input, init))
      } finally {
        underWay--
      }
    },
  })
  return { client, messages, most: () => most }
}

async function* slowly<Item>(items: readonly Item[], pulled: (at: number) => void): AsyncGenerator<Item> {
  for (const [at, item] of items.entries()) {
    if (at % 50 === 49) await pause(1)
    pulled(at)
    yield item
  }
}

async function refusalOf(writes: PromiseLike<unknown>): Promise<HeadlesslyError> {
  const error: unknown = await Promise.resolve(writes).catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(HeadlesslyError)
  return error as HeadlesslyError
}

/** The values in the order of the ids. */
async function valuesOf(client: Client, ids: readonly string[]): Promise<(number | undefined)[]> {
  const values = new Map<string, number>()
  for await (const { $id, value } of client.Deal.find({}, { strong: true })) values.set($id, value)
  return ids.map((id) => values.get(id))
}

describe('createMany', () => {
  test('makes one commit of as many rows as it holds, one after another, and returns the ids in order', async () => {
    const { client, most } = observed()
    const made = await client.Deal.createMany(rowsOf(2_300))
    expect(made).toMatchObject({ commits: [1, 1_001, 2_001], matched: 2_300, changed: 2_300 })
    expect(await valuesOf(client, made.ids)).toEqual(rowsOf(2_300).map(({ value }) => value))
    expect((await client.commits.get(1_001)).events).toHaveLength(1_000)
    expect(most()).toBe(1)
  })

  test('puts fewer rows into a commit if they are large', async () => {
    const { client } = observed()
    const rows = rowsOf(25).map((row) => ({ ...row, metadata: { text: 'é'.repeat(100_000) } }))
    const { commits, ids } = await client.Deal.createMany(rows)
    expect([commits, ids.length]).toEqual([[1, 11, 21], 25])
  })

  test('reads an asynchronous source no faster than it is written', async () => {
    const { client } = observed()
    const leads: number[] = []
    const pulled = (at: number): void => {
      if (at === 1_001) leads.push(at)
    }
    const made = await client.Deal.createMany(slowly(rowsOf(1_200), pulled))
    expect(made.commits).toEqual([1, 1_001])
    expect(await valuesOf(client, made.ids)).toEqual(rowsOf(1_200).map(({ value }) => value))
    expect(leads).toEqual([1_001])
  })

  test('throws the error of its source once the rows before it are written', async () => {
    const { client } = observed()
    async function* source(): AsyncGenerator<Row> {
      yield* rowsOf(130)
      throw new TypeError('the disk is gone')
    }
    await expect(client.Deal.createMany(source())).rejects.toThrow(new TypeError('the disk is gone'))
    expect(await client.Deal.count({}, { strong: true })).toBe(130)
  })

  test('names a refused row by its index, with the commits before it written, and none after it', async () => {
    const { client } = observed()
    const rows = rowsOf(2_500).map((row) => (row.value === 1_007 ? { ...row, name: ' ' } : row))
    const error = await refusalOf(client.Deal.createMany(rows))
    expect(error).toMatchObject({ code: 'validation_error', field: 'name', detail: { index: 1_007, written: 1_000 } })
    expect(await client.Deal.count({}, { strong: true })).toBe(1_000)
    const unsendable = [
      { name: 'x', value: 1 },
      { name: 'y', value: Number.NaN },
    ]
    expect(await refusalOf(client.Deal.createMany(unsendable))).toMatchObject({ code: 'validation_error' })
    expect(await client.Deal.count({}, { strong: true })).toBe(1_000)
  })

  test('takes at most 10,000 rows, and nothing that is no list', async () => {
    const { client, messages } = observed()
    expect(await refusalOf(client.Deal.createMany(rowsOf(10_001)))).toMatchObject({ code: 'invalid_limit' })
    expect(await refusalOf(client.Deal.createMany('rows' as never))).toMatchObject({ code: 'invalid_body' })
    expect(await refusalOf(client.Deal.createMany(rowsOf(1_001), { dryRun: true }))).toMatchObject({ field: 'dryRun' })
    expect(messages).toEqual([])
    expect(await client.Deal.createMany([])).toEqual({ commits: [], matched: 0, changed: 0, ids: [] })
  })

  test('repeats a commit that a busy server refuses, not before the time that it asks for', async () => {
    const busy = (): Response => {
      const body = JSON.stringify({ code: 'overloaded', detail: 'busy' })
      return new Response(body, { status: 503, headers: { 'retry-after': '1' } })
    }
    const { client } = observed((number) => (number === 2 ? busy() : undefined))
    const start = performance.now()
    const made = await client.Deal.createMany(rowsOf(1_400))
    expect(performance.now() - start).toBeGreaterThanOrEqual(1_000)
    expect(made).toMatchObject({ commits: [1, 1_001], matched: 1_400 })
  })

  test.each(['http', 'websocket'] as const)(
    'writes each row once while connections over %s are cut',
    async (connection) => {
      const proxy = await startProxy(url())
      const client = Headlessly({ tenant: tenant(), endpoint: proxy.url, connection })
      let cuts = 0
      const cutting = setInterval(() => {
        // Fewer in a row than the attempts of a call.
        if (cuts++ < 12 && cuts % 3 !== 0) proxy.cut()
      }, 40)
      try {
        const { ids } = await client.Deal.createMany(rowsOf(4_000))
        expect(new Set(ids).size).toBe(4_000)
        expect(await client.Deal.count({}, { strong: true })).toBe(4_000)
        expect(cuts).toBeGreaterThan(1)
      } finally {
        clearInterval(cutting)
        proxy.close()
      }
    },
  )
})

test('updateMany and deleteMany make several commits of what one does not hold', async () => {
  const { client } = observed()
  await client.Deal.createMany(rowsOf(2_100))
  const changed = await client.Deal.updateMany({ value: { $gte: 50 } }, { value: 0 })
  expect(changed).toMatchObject({ matched: 2_050, changed: 2_050 })
  expect((await client.commits.list({ limit: 3 })).every(({ events }) => events.length < 1_001)).toBe(true)
  expect(await client.Deal.deleteMany({}, { idempotencyKey: 'all' })).toMatchObject({ matched: 2_100 })
  expect(await client.Deal.count({}, { strong: true })).toBe(0)
})

test('entities whose texts are more than a commit holds are changed in smaller commits', async () => {
  const { client } = observed()
  const text = 'x'.repeat(900_000)
  for (let at = 0; at < 10; at++) await client.Deal.create({ name: `${at}`, value: at, metadata: { text } })
  const changed = await client.Deal.updateMany({}, { value: 1_000 })
  expect(changed).toMatchObject({ matched: 10, changed: 10 })
  // Commits of several megabytes reach listeners and lists whole.
  const sizes: number[] = []
  const stop = client.commits.subscribe('Deal.Updated', ({ events }) => void sizes.push(events.length), { after: 10 })
  const total = (): number => sizes.reduce((sum, size) => sum + size, 0)
  for (const end = Date.now() + 10_000; total() < 10 && Date.now() < end;) await pause(10)
  stop()
  expect(total()).toBe(10)
  const [first = 0] = sizes
  expect(first).toBeGreaterThan(3)
  const seqs = Array.from({ length: first }, (_, at) => 11 + at)
  const page = await client.events.list({ after: 10, limit: 1 })
  expect(page.map(({ seq }) => seq)).toEqual(seqs)
  const socket = Headlessly({ tenant: client.tenant, endpoint: url(), connection: 'websocket' })
  expect((await socket.events.list({ after: 10, limit: 1 })).map(({ seq }) => seq)).toEqual(seqs)
})

test('writes of one tick that nobody awaits in between fill messages too', async () => {
  const { client, messages, most } = observed()
  const writes = rowsOf(1_000).map((row) => client.Deal.create(row))
  expect((await Promise.all(writes)).map(({ value }) => value)).toEqual(rowsOf(1_000).map(({ value }) => value))
  // A busy server refuses a message for now, which is then sent again.
  expect(new Set(messages)).toEqual(new Set([callsMax]))
  expect(messages.length).toBeLessThan(20)
  expect(most()).toBe(3)
})
