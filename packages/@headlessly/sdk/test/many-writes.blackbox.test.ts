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
  /** The number of calls whose message was answered. */
  readonly answered: () => number
}

/** A client whose messages are counted. `answer` may answer one in place of the server, by its number from 1. */
function observed(answer: (number: number) => Response | undefined = () => undefined): Observed {
  const messages: number[] = []
  let [underWay, most, answered] = [0, 0, 0]
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
        answered += calls
      }
    },
  })
  return { client, messages, most: () => most, answered: () => answered }
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

describe('createMany', () => {
  test('fills every message, with at most three under way, and returns the entities in the order of the rows', async () => {
    const { client, messages, most } = observed()
    const made = await client.Deal.createMany(rowsOf(950))
    expect(made.map(({ value }) => value)).toEqual(rowsOf(950).map(({ value }) => value))
    expect(messages.toSorted((one, other) => other - one)).toEqual([...Array<number>(9).fill(callsMax), 50])
    expect(most()).toBe(3)
  })

  test('puts fewer rows into a message if they are large, each message below the limit of the server', async () => {
    const { client, messages, most } = observed()
    const rows = rowsOf(40).map((row) => ({ ...row, metadata: { text: 'é'.repeat(100_000) } }))
    expect(await client.Deal.createMany(rows)).toHaveLength(40)
    expect(Math.max(...messages)).toBeLessThanOrEqual(12)
    expect(messages.reduce((sum, size) => sum + size, 0)).toBe(40)
    expect(most()).toBeLessThanOrEqual(3)
  })

  test('reads an asynchronous source no faster than it is written', async () => {
    const { client, messages, answered } = observed()
    let lead = 0
    const pulled = (at: number): void => {
      lead = Math.max(lead, at + 1 - answered())
    }
    const made = await client.Deal.createMany(slowly(rowsOf(1_000), pulled))
    expect(made.map(({ value }) => value)).toEqual(rowsOf(1_000).map(({ value }) => value))
    // Three messages under way, and the row that is read while they are.
    expect(lead).toBeLessThanOrEqual(3 * callsMax + 1)
    expect(messages.length).toBeLessThanOrEqual(15)
  })

  test('sends the rows of a source that pauses without waiting for a full message, and closes a source that it leaves', async () => {
    const { client } = observed()
    let [isWritten, isClosed] = [false, false]
    async function* source(): AsyncGenerator<Row> {
      try {
        yield { name: 'first', value: 1 }
        while ((await client.Deal.count({}, { strong: true })) === 0) await pause(5)
        isWritten = true
        yield { name: '', value: 2 }
        for (;;) {
          await pause(5)
          yield { name: 'later', value: 3 }
        }
      } finally {
        isClosed = true
      }
    }
    const error = await refusalOf(client.Deal.createMany(source()))
    expect(error).toMatchObject({ code: 'validation_error', detail: { index: 1 } })
    expect(error.message).toMatch(/^Deal.createMany: number 1 was not written, \d+ others were: /)
    expect([isWritten, isClosed]).toEqual([true, true])
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

  test('reports every refused row by its index, the number of rows written, and sends no row after them', async () => {
    const { client, messages } = observed()
    const rows = rowsOf(2_000).map((row) => (row.value === 7 || row.value === 150 ? { ...row, name: ' ' } : row))
    const error = await refusalOf(client.Deal.createMany(rows))
    const { index, written, refused } = error.detail
    expect(index).toBe(7)
    expect(refused).toEqual([7, 150].map((at) => expect.objectContaining({ index: at, code: 'validation_error' })))
    expect(written).toBe(await client.Deal.count({}, { strong: true }))
    expect(messages.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(5 * callsMax)
  })

  test('takes at most 10,000 rows, and nothing that is no list', async () => {
    const { client, messages } = observed()
    expect(await refusalOf(client.Deal.createMany(rowsOf(10_001)))).toMatchObject({ code: 'invalid_limit' })
    expect(await refusalOf(client.Deal.createMany('rows' as never))).toMatchObject({ code: 'invalid_body' })
    expect(messages).toEqual([])
    expect(await client.Deal.createMany([])).toEqual([])
  })

  test('repeats a message that a busy server refuses, not before the time that it asks for', async () => {
    const busy = (): Response => {
      const body = JSON.stringify({ code: 'overloaded', detail: 'busy' })
      return new Response(body, { status: 503, headers: { 'retry-after': '1' } })
    }
    const { client, messages } = observed((number) => (number === 2 ? busy() : undefined))
    const start = performance.now()
    const made = await client.Deal.createMany(rowsOf(400))
    expect(performance.now() - start).toBeGreaterThanOrEqual(1_000)
    expect(made.map(({ value }) => value)).toEqual(rowsOf(400).map(({ value }) => value))
    expect(messages).toEqual(Array<number>(5).fill(callsMax))
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
        const made = await client.Deal.createMany(rowsOf(2_000))
        expect(made.map(({ value }) => value)).toEqual(rowsOf(2_000).map(({ value }) => value))
        expect(new Set(made.map(({ $id }) => $id)).size).toBe(2_000)
        expect(await client.Deal.count({}, { strong: true })).toBe(2_000)
        expect(cuts).toBeGreaterThan(1)
      } finally {
        clearInterval(cutting)
        proxy.close()
      }
    },
  )
})

test('writes of one tick that nobody awaits in between fill messages too', async () => {
  const { client, messages, most } = observed()
  const writes = rowsOf(1_000).map((row) => client.Deal.create(row))
  expect((await Promise.all(writes)).map(({ value }) => value)).toEqual(rowsOf(1_000).map(({ value }) => value))
  expect(messages).toEqual(Array<number>(10).fill(callsMax))
  expect(most()).toBe(3)
})
