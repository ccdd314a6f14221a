// The test suite of transports. Each implementation runs it against the shipped server.

import { type Answer, type Heard, HeadlesslyError, type Transport } from '@headlessly/sdk'
import type { Call, CallOf } from 'digital-objects'
import { describe, expect, test } from 'vitest'
import { commitFeed } from '../src/events/subscription.ts'

export interface TransportUnderTest {
  /** The URL of a new tenant. */
  readonly make: () => Transport
  /** The URL of a server that does not exist. */
  readonly makeDead: () => Transport
}

let keys = 0

function creation(name: string, more: Partial<CallOf<'write'>> = {}): CallOf<'write'> {
  const body = JSON.stringify({ name })
  return { kind: 'write', noun: 'Contact', verb: 'create', body, idempotencyKey: `key-${++keys}`, ...more }
}

/** Sends one call in its own message. */
async function send(
  transport: Transport,
  call: Call,
  more: { readonly bookmark?: string; readonly signal?: AbortSignal } = {},
): Promise<Answer> {
  const [outcome] = await transport.send({ calls: [call], ...more })
  if (outcome instanceof Error) throw outcome
  if (outcome === undefined) throw new Error('expected an answer')
  return outcome
}

async function refusal(call: Promise<unknown>): Promise<HeadlesslyError> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error instanceof HeadlesslyError) return error
  throw new Error(`expected a HeadlesslyError, got ${String(error)}`)
}

export function transportSuite(name: string, { make, makeDead }: TransportUnderTest): void {
  describe(name, () => {
    test('carries writes and reads, and returns the bookmark of each answer', async () => {
      const transport = make()
      const created = await send(transport, creation('Ada'))
      expect(created.body).toMatchObject({ $type: 'Contact', name: 'Ada', $version: 1 })
      const { $id: id } = created.body as { $id: string }
      const { bookmark = '' } = created
      expect(bookmark).toMatch(/\.1$/)
      const read = { kind: 'read', noun: 'Contact', parameters: {} } as const
      expect((await send(transport, { ...read, read: 'get', id }, { bookmark })).body).toEqual(created.body)
      expect((await send(transport, { ...read, read: 'find' }, { bookmark })).body).toMatchObject({ total: 1 })
      expect((await send(transport, { ...read, read: 'count' }, { bookmark })).body).toEqual({ count: 1 })
      const change = { kind: 'write', noun: 'Contact', id, body: '{}' } as const
      const qualified = await send(transport, { ...change, verb: 'qualify', idempotencyKey: 'q' })
      expect(qualified.body).toMatchObject({ stage: 'Qualified', $version: 2 })
      expect((await send(transport, { ...read, read: 'history', id }, { bookmark })).body).toMatchObject({
        hasMore: false,
      })
      expect((await send(transport, { ...read, read: 'diff', id }, { bookmark })).body).toMatchObject({
        changes: [{ field: 'stage' }, { field: 'qualifiedAt' }],
      })
      const back = { ...change, verb: 'rollback', body: '{"version":1}', idempotencyKey: 'r' } as const
      expect((await send(transport, back)).body).toMatchObject({ stage: 'Lead', $version: 3 })
      expect((await send(transport, { ...change, verb: 'delete', idempotencyKey: 'd' })).body).toBeUndefined()
      const log = await send(transport, { kind: 'read', read: 'events', parameters: { after: '2' } })
      const { results } = log.body as { results: { type: string; id: string }[] }
      expect(results.map((event) => event.type)).toEqual(['Contact.Updated', 'Contact.Deleted'])
      const event = await send(transport, { kind: 'read', read: 'event', id: results[0]?.id ?? '', parameters: {} })
      expect(event.body).toEqual(results[0])
    })

    test('returns the code, field and message of an error', async () => {
      const error = await refusal(send(make(), creation('', { body: '{"name":1}' })))
      expect(error).toMatchObject({ code: 'validation_error', status: 422, field: 'name' })
      expect(error.message).toContain('name')
      expect(error.requestId).toMatch(/^req_/)
    })

    test('makes a failed ifVersion a version_conflict', async () => {
      const transport = make()
      const { $id: id } = (await send(transport, creation('Ada'))).body as { $id: string }
      const update = { kind: 'write', noun: 'Contact', verb: 'update', id, body: '{}' } as const
      const error = await refusal(send(transport, { ...update, ifVersion: 2, idempotencyKey: 'u' }))
      expect(error).toMatchObject({ code: 'version_conflict', status: 409, detail: { currentVersion: 1 } })
      expect(error.bookmark).toMatch(/\.1$/)
    })

    test('refuses a bookmark that is ahead of the log', async () => {
      const error = await refusal(send(make(), creation('Ada'), { bookmark: 'other.7' }))
      expect(error).toMatchObject({ code: 'bookmark_ahead', status: 409 })
    })

    test('a write is performed once, however often it is sent with the same key', async () => {
      const transport = make()
      const call = creation('Ada')
      const [first, second] = [await send(transport, call), await send(transport, call)]
      expect(second.body).toEqual(first.body)
    })

    test('carries a message of calls that use the results of earlier ones', async () => {
      const transport = make()
      const contactOf = [{ call: 0, path: ['$id'], into: 'body', at: ['contact'] }] as const
      const deal = { kind: 'write', noun: 'Deal', verb: 'create', idempotencyKey: 'deal' } as const
      const outcomes = await transport.send({
        calls: [
          creation('Ada'),
          { ...deal, body: '{"name":"Engine","value":1,"contact":null}', references: contactOf },
          {
            kind: 'read',
            read: 'get',
            noun: 'Deal',
            id: '',
            parameters: {},
            references: [{ call: 1, path: ['$id'], into: 'id', at: [] }],
          },
          creation('', { body: '{}' }),
          {
            kind: 'read',
            read: 'find',
            noun: 'Deal',
            parameters: { filter: '{"contact":null}' },
            references: [{ call: 3, path: ['$id'], into: 'filter', at: ['contact'] }],
          },
          creation('Bob'),
        ],
      })
      const [ada, engine, read, refused, dependent, bob] = outcomes.map((one) =>
        one instanceof Error ? one : one.body,
      )
      const { $id: id } = ada as { $id: string }
      expect(engine).toMatchObject({ contact: id })
      expect(read).toEqual(engine)
      expect(refused).toMatchObject({ code: 'validation_error', field: 'name', status: 422 })
      // A call fails with the error of the call that it depends on, and no other call fails.
      expect(dependent).toMatchObject({ code: 'validation_error', field: 'name' })
      expect(bob).toMatchObject({ name: 'Bob' })
    })

    test('a malformed message is refused as a whole, and changes nothing', async () => {
      const transport = make()
      const forwards = [{ call: 1, path: [], into: 'id', at: [] }] as const
      const calls = [creation('Ada'), { ...creation('Bob'), references: forwards }]
      for (const outcome of await transport.send({ calls }))
        expect(outcome).toMatchObject({ code: 'invalid_body', field: 'calls[1].references[0].call' })
      const many = Array.from({ length: 101 }, () => creation('Ada'))
      expect((await transport.send({ calls: many }))[100]).toMatchObject({ code: 'invalid_body', field: 'calls' })
      const count = await send(transport, { kind: 'read', read: 'count', noun: 'Contact', parameters: {} })
      expect(count.body).toEqual({ count: 0 })
    })

    test('distinguishes a missing answer from an error of the server', async () => {
      const dead = makeDead()
      const error = await refusal(send(dead, creation('Ada')))
      expect(error.code).toBe('network_error')
      expect(error.status).toBeUndefined()
      const { signal } = new AbortController()
      const heard = dead.listen({ feed: commitFeed('*'), after: 0, signal })
      const listening = heard[Symbol.asyncIterator]().next()
      expect(await refusal(listening)).toMatchObject({ code: 'network_error' })
    })

    test('rejects an aborted call with the reason', async () => {
      const aborting = new AbortController()
      const answer = send(make(), creation('Ada'), { signal: aborting.signal })
      aborting.abort(new Error('enough'))
      await expect(answer).rejects.toThrow('enough')
    })

    test('receives each commit with events of a pattern after a seq, once and in order, until it is closed', async () => {
      const transport = make()
      for (let count = 1; count <= 3; count++) await send(transport, creation(`${count}`))
      const ending = new AbortController()
      const heard: Heard[] = []
      for await (const commit of transport.listen({
        feed: commitFeed('Contact.Created'),
        after: 1,
        signal: ending.signal,
      })) {
        heard.push(commit)
        if (heard.length === 2) await send(transport, creation('4'))
        if (heard.length === 3) ending.abort()
      }
      expect(heard.map(({ seq }) => seq)).toEqual([2, 3, 4])
      const last = { commit: 4, seq: 4, actor: 'owner', events: [{ seq: 4, type: 'Contact.Created' }] }
      expect(JSON.parse(heard[2]?.text ?? '')).toMatchObject(last)
    })

    test('refuses to listen with an invalid pattern, or after a seq beyond the log', async () => {
      const transport = make()
      const { signal } = new AbortController()
      const listen = (pattern: string, after: number): Promise<unknown> => {
        const heard = transport.listen({ feed: commitFeed(pattern), after, signal })
        return heard[Symbol.asyncIterator]().next()
      }
      expect(await refusal(listen('a b', 0))).toMatchObject({ code: 'invalid_parameter' })
      expect(await refusal(listen('*', 5))).toMatchObject({ code: 'bookmark_ahead' })
    })
  })
}
