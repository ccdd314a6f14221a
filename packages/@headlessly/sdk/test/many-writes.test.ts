// Messages of many writes, over a transport whose answers a test holds back.

import { callsMax } from 'digital-objects'
import { expect, test } from 'vitest'
import { Headlessly } from '../src/client/client.ts'
import type { CallMessage, Outcome, Transport } from '../src/wire/transport.ts'

interface Held {
  readonly calls: CallMessage['calls']
  answer(): void
}

/** A client and its messages that are not answered yet. */
function held(): { readonly $: ReturnType<typeof Headlessly>; readonly messages: Held[] } {
  const messages: Held[] = []
  const transport: Transport = {
    send: ({ calls }) =>
      new Promise((resolve) => {
        const outcomes = (): Outcome[] => calls.map(() => ({ body: { count: 0 }, bookmark: undefined }))
        messages.push({ calls, answer: () => resolve(outcomes()) })
      }),
    command: () => Promise.reject(new Error('no commands')),
    listen: async function* () {},
  }
  return { $: Headlessly({ tenant: 'acme', transport }), messages }
}

async function ticks(): Promise<void> {
  for (let at = 0; at < 3; at++) await new Promise((resolve) => void setImmediate(resolve))
}

const sizes = (messages: readonly Held[]): number[] => messages.map(({ calls }) => calls.length)

test('three full messages are under way, and each answer sends another', async () => {
  const { $, messages } = held()
  const writes = Array.from({ length: 5 * callsMax }, (_, at) => $.Contact.create({ name: `${at}` }))
  await ticks()
  expect(sizes(messages)).toEqual([callsMax, callsMax, callsMax])
  messages[1]?.answer()
  await ticks()
  expect(sizes(messages)).toEqual(Array(4).fill(callsMax))
  for (let at = 0; at < 5; at++) {
    messages[at]?.answer()
    await ticks()
  }
  await Promise.all(writes)
  expect(messages).toHaveLength(5)
})

test('a few writes wait for others while full messages of writes are under way, and a read takes them along', async () => {
  const { $, messages } = held()
  const create = (count: number): Promise<unknown> =>
    Promise.all(Array.from({ length: count }, (_, at) => $.Contact.create({ name: `${at}` })))
  const writes = [create(callsMax)]
  await ticks()
  writes.push(create(3))
  await ticks()
  expect(sizes(messages)).toEqual([callsMax])
  writes.push(create(callsMax - 3))
  await ticks()
  expect(sizes(messages)).toEqual([callsMax, callsMax])
  writes.push(create(5))
  await ticks()
  const count = $.Contact.count()
  await ticks()
  expect(sizes(messages)).toEqual([callsMax, callsMax, 6])
  writes.push(create(2))
  for (const message of messages) message.answer()
  await ticks()
  expect(sizes(messages)).toEqual([callsMax, callsMax, 6, 2])
  messages.at(-1)?.answer()
  await Promise.all([...writes, count])
})

test('a source of more than 10,000 rows is left there, with the rows before it written', async () => {
  const written: number[] = []
  const transport: Transport = {
    send: async ({ calls }) =>
      calls.map((call) => {
        const { entities } = JSON.parse(call.kind === 'write' ? call.body : '{}') as { readonly entities: unknown[] }
        written.push(entities.length)
        const ids = entities.map((_, at) => `contact_${at}`)
        return { body: { commit: 1, matched: ids.length, changed: ids.length, ids }, bookmark: undefined }
      }),
    command: () => Promise.reject(new Error('no commands')),
    listen: async function* () {},
  }
  let isClosed = false
  async function* endless(): AsyncGenerator<{ name: string }> {
    try {
      for (;;) yield { name: 'Ada' }
    } finally {
      isClosed = true
    }
  }
  const $ = Headlessly({ tenant: 'acme', transport })
  await expect($.Contact.createMany(endless())).rejects.toThrow(
    'Contact.createMany takes at most 10000 at a time, got more, of which 10000 were written',
  )
  expect(written).toEqual(Array(10).fill(1_000))
  expect(isClosed).toBe(true)
})

/** A client whose server makes a job of what it is asked, which ends after some reads. */
function withJob(last: object) {
  let reads = 0
  const job = { id: 'job_1', state: 'running', done: 0, total: 3, refused: 0, refusals: [], error: null }
  const transport: Transport = {
    send: async ({ calls }) =>
      calls.map((call) => {
        if (call.kind === 'write') return { body: { job }, bookmark: undefined }
        return {
          body: ++reads < 3 ? { ...job, done: reads } : { ...job, state: 'done', done: 3, ...last },
          bookmark: undefined,
        }
      }),
    command: () => Promise.reject(new Error('no commands')),
    listen: async function* () {},
  }
  return { $: Headlessly({ tenant: 'acme', transport }), reads: () => reads }
}

test('a job that the server makes of many writes is awaited', async () => {
  const { $, reads } = withJob({})
  expect(await $.Contact.updateMany({}, { title: 'x' })).toEqual({ commits: [], matched: 3, changed: 3, ids: [] })
  expect(reads()).toBe(3)
})

test('a job that fails or refuses entities is an error, which says how many were written', async () => {
  const problem = { code: 'conflict', detail: 'the email is taken' }
  const refused = withJob({ refused: 1, refusals: [{ status: 409, problem }] })
  await expect(refused.$.Contact.deleteMany({})).rejects.toMatchObject({
    code: 'conflict',
    message: 'Contact.deleteMany: 2 were written, 1 were refused: the email is taken',
    detail: { job: 'job_1', written: 2 },
  })
  const failed = withJob({ state: 'failed', done: 1, error: 'the entity type was removed' })
  await expect(failed.$.Contact.updateMany({}, { title: 'x' })).rejects.toThrow('the entity type was removed')
})
