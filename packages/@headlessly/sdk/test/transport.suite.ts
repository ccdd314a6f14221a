// What every transport owes; each implementation runs it against the server that ships.

import { type Heard, HeadlesslyError, type Transport, type WriteCall } from '@headlessly/sdk'
import { describe, expect, test } from 'vitest'

export interface TransportUnderTest {
  /** Of a tenant of this test's own. */
  readonly make: () => Transport
  /** Of a server that is not there. */
  readonly makeDead: () => Transport
}

let keys = 0

function creation(name: string, more: Partial<WriteCall> = {}): WriteCall {
  const body = JSON.stringify({ name })
  return { kind: 'write', noun: 'Contact', verb: 'create', body, idempotencyKey: `key-${++keys}`, ...more }
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
    test('carries writes and reads, and gives the bookmark of each answer', async () => {
      const transport = make()
      const created = await transport.send(creation('Ada'))
      expect(created.body).toMatchObject({ $type: 'Contact', name: 'Ada', $version: 1 })
      const { $id: id } = created.body as { $id: string }
      const { bookmark = '' } = created
      expect(bookmark).toMatch(/\.1$/)
      const read = { kind: 'read', noun: 'Contact', parameters: {}, bookmark } as const
      expect((await transport.send({ ...read, read: 'get', id })).body).toEqual(created.body)
      expect((await transport.send({ ...read, read: 'find' })).body).toMatchObject({ total: 1 })
      expect((await transport.send({ ...read, read: 'count' })).body).toEqual({ count: 1 })
      const change = { kind: 'write', noun: 'Contact', id, body: '{}' } as const
      const qualified = await transport.send({ ...change, verb: 'qualify', idempotencyKey: 'q' })
      expect(qualified.body).toMatchObject({ stage: 'Qualified', $version: 2 })
      expect((await transport.send({ ...read, read: 'history', id })).body).toMatchObject({ hasMore: false })
      expect((await transport.send({ ...read, read: 'diff', id })).body).toMatchObject({
        changes: [{ field: 'stage' }],
      })
      const back = { ...change, verb: 'rollback', body: '{"version":1}', idempotencyKey: 'r' } as const
      expect((await transport.send(back)).body).toMatchObject({ stage: 'Lead', $version: 3 })
      expect((await transport.send({ ...change, verb: 'delete', idempotencyKey: 'd' })).body).toBeUndefined()
      const log = await transport.send({ kind: 'read', read: 'events', parameters: { after: '2' } })
      const { results } = log.body as { results: { type: string; id: string }[] }
      expect(results.map((event) => event.type)).toEqual(['Contact.Updated', 'Contact.Deleted'])
      const event = await transport.send({ kind: 'read', read: 'event', id: results[0]?.id ?? '', parameters: {} })
      expect(event.body).toEqual(results[0])
    })

    test('gives a refusal the code, field and sentence of the server', async () => {
      const error = await refusal(make().send(creation('', { body: '{"name":1}' })))
      expect(error).toMatchObject({ code: 'validation_error', status: 422, field: 'name' })
      expect(error.message).toContain('name')
      expect(error.requestId).toMatch(/^req_/)
    })

    test('makes a failed ifVersion a version_conflict', async () => {
      const transport = make()
      const { $id: id } = (await transport.send(creation('Ada'))).body as { $id: string }
      const update = { kind: 'write', noun: 'Contact', verb: 'update', id, body: '{}' } as const
      const error = await refusal(transport.send({ ...update, ifVersion: 2, idempotencyKey: 'u' }))
      expect(error).toMatchObject({ code: 'version_conflict', status: 409, detail: { currentVersion: 1 } })
      expect(error.bookmark).toMatch(/\.1$/)
    })

    test('refuses a bookmark that is ahead of the log', async () => {
      const error = await refusal(make().send(creation('Ada', { bookmark: 'other.7' })))
      expect(error).toMatchObject({ code: 'bookmark_ahead', status: 409 })
    })

    test('does a write once, however often it is sent under its key', async () => {
      const transport = make()
      const call = creation('Ada')
      const [first, second] = [await transport.send(call), await transport.send(call)]
      expect(second.body).toEqual(first.body)
    })

    test('tells that nobody answered from a refusal', async () => {
      const dead = makeDead()
      const error = await refusal(dead.send(creation('Ada')))
      expect(error).toMatchObject({ code: 'network_error', status: undefined })
      const { signal } = new AbortController()
      const listening = dead.listen({ pattern: '*', after: 0, signal })[Symbol.asyncIterator]().next()
      expect(await refusal(listening)).toMatchObject({ code: 'network_error' })
    })

    test('ends a call that is aborted with the reason', async () => {
      const aborting = new AbortController()
      const answer = make().send(creation('Ada', { signal: aborting.signal }))
      aborting.abort(new Error('enough'))
      await expect(answer).rejects.toThrow('enough')
    })

    test('hears each event of a pattern after a seq, once, in order, until it is ended', async () => {
      const transport = make()
      for (let count = 1; count <= 3; count++) await transport.send(creation(`${count}`))
      const ending = new AbortController()
      const heard: Heard[] = []
      for await (const event of transport.listen({ pattern: 'Contact.Created', after: 1, signal: ending.signal })) {
        heard.push(event)
        if (heard.length === 2) await transport.send(creation('4'))
        if (heard.length === 3) ending.abort()
      }
      expect(heard.map(({ seq }) => seq)).toEqual([2, 3, 4])
      expect(JSON.parse(heard[2]?.text ?? '')).toMatchObject({ seq: 4, type: 'Contact.Created' })
    })

    test('refuses to listen to what is no pattern, or after what is not yet', async () => {
      const transport = make()
      const { signal } = new AbortController()
      const listen = (pattern: string, after: number): Promise<unknown> =>
        transport.listen({ pattern, after, signal })[Symbol.asyncIterator]().next()
      expect(await refusal(listen('a b', 0))).toMatchObject({ code: 'invalid_parameter' })
      expect(await refusal(listen('*', 5))).toMatchObject({ code: 'bookmark_ahead' })
    })
  })
}
