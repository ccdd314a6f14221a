// The session of a client: bookmarks, idempotency keys and retries, and its isolation from other clients.

import { type Client, Headlessly, HeadlesslyError } from '@headlessly/sdk'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { useServer } from '../../../../apps/headless.ly/test/server.ts'
import { newerBookmark } from 'digital-objects'
import { Session } from '../src/calls/session.ts'
import type { Answer, Transport } from '../src/wire/transport.ts'

const { url, tenant } = useServer({ flush: { intervalMs: 100 } })

interface Sent {
  readonly url: string
  readonly bookmark: string | null
  readonly keys: readonly (string | undefined)[]
}

function toSent(url: string, body: unknown): Sent {
  const text = typeof body === 'string' ? body : ''
  const keys = [...text.matchAll(/"idempotencyKey":"([^"]*)"/g)].map((match) => match[1])
  return { url, bookmark: /"bookmark":"([^"]*)"/.exec(text)?.[1] ?? null, keys }
}

/** A client whose requests are recorded and may fail: `spoil` receives the number of the request, starting at 1. */
function observed(
  options: { tenant?: string; spoil?: (number: number) => 'lose answer' | 'lose request' | '503' | undefined } = {},
): {
  client: Client
  sent: Sent[]
} {
  const sent: Sent[] = []
  const client = Headlessly({
    tenant: options.tenant ?? tenant(),
    endpoint: url(),
    fetch: async (input, init) => {
      sent.push(toSent(input, init.body))
      const spoilt = options.spoil?.(sent.length)
      if (spoilt === 'lose request') throw new TypeError('fetch failed')
      if (spoilt === '503') {
        const body = JSON.stringify({ code: 'overloaded', detail: 'busy' })
        return new Response(body, { status: 503, headers: { 'retry-after': '0' } })
      }
      const answer = await fetch(input, init)
      if (spoilt === 'lose answer') {
        await answer.text()
        throw new TypeError('terminated')
      }
      return answer
    },
  })
  return { client, sent }
}

describe('a bookmark', () => {
  test('is sent with each request, the newest of all answers', async () => {
    const { client, sent } = observed()
    const seen = (): (string | null)[] => sent.map(({ bookmark }) => bookmark)
    await client.Contact.create({ name: 'Ada' })
    const first = client.bookmark
    await client.Contact.create({ name: 'Bob' })
    await client.Contact.find()
    expect(seen()).toEqual([null, first, client.bookmark])
    expect(client.bookmark).toMatch(/^[0-9a-z]+\.2$/)
  })

  test('makes a client see its own writes, and another client that receives the bookmark', async () => {
    const name = tenant()
    const { client } = observed({ tenant: name })
    for (let count = 1; count <= 20; count++) {
      await client.Contact.create({ name: `${count}` })
      expect(await client.Contact.count()).toBe(count)
      const { bookmark = '' } = client
      const other = Headlessly({ tenant: name, endpoint: url(), bookmark })
      expect(await other.Contact.count()).toBe(count)
    }
  })

  test('of an error counts too: after a conflict, a client reads the conflicting entity', async () => {
    const name = tenant()
    const writer = Headlessly({ tenant: name, endpoint: url() })
    const { $id } = await writer.Deal.create({ name: 'Engine', value: 1 })
    await writer.Deal.update($id, { value: 2 })
    const { client } = observed({ tenant: name })
    await expect(client.Deal.update($id, { value: 3 }, { ifVersion: 1 })).rejects.toMatchObject({
      code: 'version_conflict',
    })
    expect(client.bookmark).toBe(writer.bookmark)
  })

  test('of received events counts too', async () => {
    const name = tenant()
    const [reader, writer] = [
      Headlessly({ tenant: name, endpoint: url() }),
      Headlessly({ tenant: name, endpoint: url() }),
    ]
    await reader.Contact.create({ name: 'first' })
    const heard = new Promise<number>((resolve) => {
      const stop = reader.events.subscribe('Deal.Created', ({ seq }) => {
        stop()
        resolve(seq)
      })
    })
    // Written after the subscription has started, because the reader's own write waits for it.
    await reader.Contact.create({ name: 'second' })
    await writer.Deal.create({ name: 'Engine', value: 1 })
    const seq = await heard
    expect(reader.bookmark).toMatch(new RegExp(`\\.${seq}$`))
  })

  test('ahead of the log is an error, until the client forgets it', async () => {
    const name = tenant()
    await Headlessly({ tenant: name, endpoint: url() }).Contact.create({ name: 'Ada' })
    const client = Headlessly({ tenant: name, endpoint: url(), bookmark: 'another.12' })
    for (let count = 0; count < 2; count++)
      await expect(client.Contact.find({}, { strong: true })).rejects.toMatchObject({
        code: 'bookmark_ahead',
        status: 409,
      })
    client.forgetBookmark()
    expect(await client.Contact.count()).toBe(1)
  })

  test('never moves back, and never to another log', () => {
    const bookmarks = fc.record({ epoch: fc.constantFrom('a', 'b'), seq: fc.nat(9) })
    fc.assert(
      fc.property(fc.array(bookmarks, { minLength: 1 }), (heard) => {
        const known = heard.reduce(
          (known: ReturnType<typeof newerBookmark> | undefined, one) => newerBookmark(known, one),
          undefined,
        )
        const { epoch } = heard.find(({ seq }) => seq > 0) ?? heard.at(-1) ?? { epoch: '' }
        const of = heard.filter((one) => one.epoch === epoch)
        expect(known).toEqual({ epoch, seq: Math.max(...of.map(({ seq }) => seq)) })
      }),
    )
  })
})

describe('a write', () => {
  test('is performed once if its answer is lost', async () => {
    const { client, sent } = observed({ spoil: (number) => (number === 1 ? 'lose answer' : undefined) })
    const ada = await client.Contact.create({ name: 'Ada' })
    expect(sent).toHaveLength(2)
    expect(sent[0]?.keys).toEqual(sent[1]?.keys)
    expect(ada.$version).toBe(1)
    expect(await client.Contact.count({}, { strong: true })).toBe(1)
  })

  test('is performed once whatever is lost, also for verbs, deletions and expected versions', async () => {
    const kinds = ['lose answer', 'lose request', '503', undefined] as const
    let next: readonly number[] = []
    const { client } = observed({ spoil: (number) => kinds[next[number % next.length] ?? 3] })
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(2), { minLength: 1, maxLength: 2 }), async (spoilt) => {
        // At most two of three attempts fail, so that the attempts suffice.
        next = [...spoilt, 3, 3]
        const { $id } = await client.Deal.create({ name: 'Engine', value: 1 })
        await client.Deal.update($id, { value: 2 }, { ifVersion: 1 })
        await client.Deal.win($id, {}, { ifVersion: 2 })
        expect(await client.Deal.get($id, { strong: true })).toMatchObject({ $version: 3, stage: 'Won' })
        await client.Deal.delete($id)
        expect(await client.Deal.history($id)).toHaveLength(4)
      }),
      { numRuns: 4 },
    )
  })

  test('gets a unique key, unless its caller gives one', async () => {
    const { client, sent } = observed()
    await client.Contact.create({ name: 'Ada' })
    await client.Contact.create({ name: 'Ada' })
    await client.Contact.create({ name: 'Ada' }, { idempotencyKey: 'mine' })
    const keys = sent.flatMap((one) => one.keys)
    expect(new Set(keys).size).toBe(3)
    expect(keys[2]).toBe('mine')
  })
})

describe('a retry', () => {
  const answer: Answer = { body: {}, bookmark: undefined }
  const call = { kind: 'read', read: 'find', noun: 'Contact', parameters: {} } as const

  /** A session over a transport that throws these errors, one after another. */
  function failing(errors: readonly HeadlesslyError[]): { session: Session; pauses: number[]; attempts: () => number } {
    const pauses: number[] = []
    let attempts = 0
    const transport: Transport = {
      send: async () => {
        const error = errors[attempts++]
        if (error !== undefined) throw error
        return [answer]
      },
      command: async () => answer,
      listen: async function* () {},
    }
    const pause = async (ms: number): Promise<void> => void pauses.push(ms)
    return { session: new Session({ transport, tenant: 'acme', context: '', pause }), pauses, attempts: () => attempts }
  }

  const lost = new HeadlesslyError({ code: 'network_error', message: 'lost' })

  test('is given up after five attempts, with growing pauses', async () => {
    const { session, pauses, attempts } = failing([
      new HeadlesslyError({ code: 'not_found', message: 'no', status: 404 }),
      ...Array.from({ length: 9 }, () => lost),
    ])
    await expect(session.send(call)).rejects.toThrow('no')
    await expect(session.send(call)).rejects.toMatchObject({ code: 'network_error', message: 'lost' })
    expect(attempts()).toBe(1 + 5)
    for (const [at, least] of [100, 300, 900, 2_700].entries()) {
      expect(pauses[at]).toBeGreaterThanOrEqual(least)
      expect(pauses[at]).toBeLessThanOrEqual(least * 1.5)
    }
  })

  test('is given up earlier at a server that never answered, with a hint at its address', async () => {
    const { session, attempts } = failing(Array.from({ length: 9 }, () => lost))
    await expect(session.send(call)).rejects.toThrow('lost; is a server running there?')
    expect(attempts()).toBe(4)
  })

  test('waits as long as a busy server requests, up to a limit', async () => {
    const busy = (retryAfterMs: number): HeadlesslyError =>
      new HeadlesslyError({ code: 'overloaded', message: 'busy', status: 503, retryAfterMs })
    const patient = failing([busy(2_000)])
    expect(await patient.session.send(call)).toEqual(answer)
    expect(patient.pauses[0]).toBeGreaterThanOrEqual(2_000)
    await expect(failing([busy(60_000)]).session.send(call)).rejects.toMatchObject({ code: 'overloaded' })
  })

  test('is made only for temporary errors', async () => {
    for (const status of [400, 404, 409, 422, 500, 503]) {
      const { session, attempts } = failing([new HeadlesslyError({ code: 'internal_error', message: 'no', status })])
      await expect(session.send(call)).rejects.toMatchObject({ status })
      expect(attempts()).toBe(1)
    }
  })
})

test('two clients of two tenants, interleaved at random, share nothing', async () => {
  const steps = fc.array(fc.record({ who: fc.nat(1), what: fc.constantFrom('create', 'find', 'count', 'together') }), {
    minLength: 10,
    maxLength: 40,
  })
  await fc.assert(
    fc.asyncProperty(steps, async (steps) => {
      const sides = [observed(), observed()].map((side, at) => ({
        ...side,
        at,
        names: [] as string[],
        heard: [] as string[],
      }))
      const stops = sides.map(({ client, heard }) =>
        client.events.subscribe('Contact.*', ({ data }) => void heard.push(data.name)),
      )
      const step = async (side: (typeof sides)[number], what: string): Promise<void> => {
        const { client, names, at } = side
        if (what === 'create') {
          const name = `${at}.${names.length}`
          names.push(name)
          await client.Contact.create({ name })
        } else if (what === 'find') {
          const found = await client.Contact.find({}, { limit: 100 })
          expect(found.map((contact) => contact.name).toSorted()).toEqual(names.toSorted())
          expect(found.every((contact) => contact.$context === client.context)).toBe(true)
        } else expect(await client.Contact.count()).toBe(names.length)
      }
      for (const { who, what } of steps) {
        if (what !== 'together') await step(sides[who] as (typeof sides)[number], what)
        else await Promise.all(sides.map((side) => step(side, 'create')))
      }
      for (const { client, sent, names, heard } of sides) {
        const epoch = client.bookmark?.split('.')[0]
        const bookmarks = sent.map(({ bookmark }) => bookmark).filter((one) => one !== null)
        expect(bookmarks.every((one) => one.startsWith('new.') || one.startsWith(`${epoch}.`))).toBe(true)
        expect(sent.every((one) => one.url.startsWith(`${client.context}/`))).toBe(true)
        for (let wait = 0; heard.length < names.length && wait < 500; wait++)
          await new Promise((resolve) => void setTimeout(resolve, 10))
        expect(heard.toSorted()).toEqual(names.toSorted())
      }
      for (const stop of stops) stop()
    }),
    { numRuns: 5 },
  )
})
