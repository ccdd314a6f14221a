// The requirements of RFC 9110, and writes that change nothing. Run by each server that has the HTTP interface.

import { once } from 'node:events'
import { get } from 'node:http'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { Answer, TestServer } from './server.ts'

export function testHttpDetails({ call, tenant, url }: Pick<TestServer, 'call' | 'tenant' | 'url'>): void {
  async function contact(t: string, fields: object = {}): Promise<string> {
    const { body } = await call('POST', `/~${t}/Contact`, { name: 'Ada', ...fields })
    return `/~${t}/Contact/${String(body['$id'])}`
  }

  async function fired(t: string): Promise<string[]> {
    const { body } = await call('GET', `/~${t}/events?limit=1000`)
    return (body['results'] as { type: string }[]).map((event) => event.type)
  }

  /** Requests without the decoding that `fetch` does. */
  async function getRaw(path: string, headers: Record<string, string>): Promise<{ encoding?: string; body: Buffer }> {
    const request = get(`${url()}${path}`, { headers })
    const [response] = (await once(request, 'response')) as [import('node:http').IncomingMessage]
    const chunks: Buffer[] = []
    for await (const chunk of response) chunks.push(chunk as Buffer)
    const encoding = response.headers['content-encoding']
    return { ...(encoding === undefined ? {} : { encoding }), body: Buffer.concat(chunks) }
  }

  describe('a write that changes nothing', () => {
    const expectUnchanged = ({ status, headers, body }: Answer, version: number): void => {
      expect({ status, changed: headers.get('x-headlessly-changed'), version: body['$version'] }).toEqual({
        status: 200,
        changed: 'false',
        version,
      })
      expect(headers.get('etag')).toBe(`"${version}"`)
    }

    test('answers with the entity and its last commit, and emits nothing', async () => {
      const t = tenant()
      const path = await contact(t, { metadata: { a: 1, b: [2] } })
      const made = await call('GET', path)
      for (const body of [{}, { name: 'Ada' }, { metadata: { b: [2], a: 1 } }, { title: null }, made.body]) {
        const answer = await call('PATCH', path, body)
        expectUnchanged(answer, 1)
        expect(answer.body).toEqual(made.body)
        expect(answer.headers.get('x-headlessly-commit')).toBe('1')
      }
      expectUnchanged(await call('POST', `${path}/rollback`, { version: 1 }), 1)
      const changed = await call('PATCH', path, { title: 'Countess' })
      expect([changed.headers.get('x-headlessly-changed'), changed.headers.get('x-headlessly-commit')]).toEqual([
        null,
        '2',
      ])
      expect(await fired(t)).toEqual(['Contact.Created', 'Contact.Updated'])
    })

    test('is also a verb whose work is done, however many call it at once', async () => {
      const t = tenant()
      const { body } = await call('POST', `/~${t}/Invoice`, { subtotal: 5, total: 5, amountDue: 5 })
      const path = `/~${t}/Invoice/${String(body['$id'])}`
      await call('POST', `${path}/finalize`)
      const paid = await Promise.all(Array.from({ length: 5 }, () => call('POST', `${path}/pay`)))
      expect(paid.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
      expect(paid.filter(({ headers }) => headers.get('x-headlessly-changed') === 'false')).toHaveLength(4)
      expect(new Set(paid.map(({ body: of }) => JSON.stringify(of))).size).toBe(1)
      expect(await fired(t)).toEqual(['Invoice.Created', 'Invoice.Finalized', 'Invoice.Paid', 'Payment.Captured'])
    })

    test('is also a definition that is put again', async () => {
      const t = tenant()
      const put = (): Promise<Answer> =>
        call('PUT', `/~${t}/schema/Boat`, { fields: { name: 'string!', length: 'number' } })
      const first = await put()
      const second = await put()
      expect([first.status, second.status, second.headers.get('x-headlessly-changed')]).toEqual([201, 200, 'false'])
      expect(second.body).toEqual(first.body)
      expect(await fired(t)).toEqual(['Schema.Created'])
    })

    test('is remembered by its key, so that a late retry does not undo what came between', async () => {
      const t = tenant()
      const path = await contact(t)
      const send = (): Promise<Answer> => call('PATCH', path, { name: 'Ada' }, { 'idempotency-key': 'same' })
      expectUnchanged(await send(), 1)
      await call('PATCH', path, { name: 'Grace' })
      const late = await send()
      expectUnchanged(late, 1)
      expect(late.headers.get('idempotent-replay')).toBe('true')
      expect((await call('GET', path)).body).toMatchObject({ name: 'Grace', $version: 2 })
    })
  })

  test('one key and equal values are one request, whatever the spacing and the order of keys', async () => {
    const t = tenant()
    const send = (body: string): Promise<Answer> => call('POST', `/~${t}/Contact`, body, { 'idempotency-key': 'k' })
    const first = await send('{"name":"Ida","metadata":{"a":1,"b":{"c":[1,2]}}}')
    const second = await send('{ "metadata": {"b": {"c": [1.0, 2]}, "a": 1},\n "name": "Id\\u0061" }')
    expect([first.status, second.status, second.headers.get('idempotent-replay')]).toEqual([201, 201, 'true'])
    expect(second.body).toEqual(first.body)
    expect((await send('{"name":"Ida","metadata":{"a":1,"b":{"c":[2,1]}}}')).body).toMatchObject({
      code: 'idempotency_mismatch',
    })
    expect(await fired(t)).toEqual(['Contact.Created'])
  })

  describe('conditions', () => {
    test.each([
      [{ 'if-match': '"7", "1"' }, 200],
      [{ 'if-match': '"7", "8"' }, 412],
      [{ 'if-match': 'W/"1"' }, 412],
      [{ 'if-match': '"other"' }, 412],
      [{ 'if-none-match': '*' }, 412],
      [{ 'if-none-match': 'W/"1"' }, 412],
      [{ 'if-none-match': '"7"' }, 200],
      [{ 'if-match': '"1"', 'if-none-match': '"7"' }, 400],
    ] as const)('%j: %i', async (headers, status) => {
      const t = tenant()
      const path = await contact(t)
      const [header = ''] = Object.keys(headers)
      const answer = await call('PATCH', path, { title: 'x' }, headers)
      expect(answer.status).toBe(status)
      if (status === 412) expect(String(answer.body['field']).toLowerCase()).toBe(header)
      expect(await fired(t)).toHaveLength(status === 200 ? 2 : 1)
    })

    test('If-None-Match: * defines a Noun only if there is none', async () => {
      const t = tenant()
      const put = (name: string): Promise<Answer> =>
        call('PUT', `/~${t}/schema/Boat`, { fields: { name } }, { 'if-none-match': '*' })
      expect((await put('string')).status).toBe(201)
      expect((await put('string!')).status).toBe(412)
      expect(await fired(t)).toEqual(['Schema.Created'])
    })
  })

  test.each([
    ['PUT', '/Contact/count', 'GET, HEAD'],
    ['POST', '/Contact/count', 'GET, HEAD'],
    ['PUT', '/Contact/capture', 'POST'],
    ['GET', '/Contact/capture', 'POST'],
    ['PATCH', '/Event/event_000000000000', 'GET, HEAD'],
    ['DELETE', '/Contact', 'GET, HEAD, POST'],
  ])('%s %s is 405, and Allow lists %s', async (method, path, allow) => {
    const answer = await call(method, `/~${tenant()}${path}`, ['GET', 'DELETE'].includes(method) ? undefined : {})
    expect([answer.status, answer.headers.get('allow')?.split(', ').toSorted().join(', ')]).toEqual([405, allow])
  })

  describe('the content type of a body', () => {
    test.each([
      ['application/json; charset=utf-8', 200],
      ['application/json;charset="UTF-8"', 200],
      ['application/json; charset=latin1', 415],
      ['application/json; charset=utf-16', 415],
      ['application/json-patch+json', 415],
      ['application/merge-patch+json', 415],
      ['application/vnd.api+json', 415],
    ])('%s: %i', async (type, status) => {
      const path = await contact(tenant())
      expect((await call('PATCH', path, { title: 'x' }, { 'content-type': type })).status).toBe(status)
    })
  })

  test('large answers are compressed for clients that accept it, and every answer says what it depends on', async () => {
    const t = tenant()
    const path = `/~${t}/schema`
    const [plain, packed] = await Promise.all([
      getRaw(path, { 'accept-encoding': 'identity' }),
      getRaw(path, { 'accept-encoding': 'gzip' }),
    ])
    expect([plain.encoding, packed.encoding]).toEqual([undefined, 'gzip'])
    expect(packed.body.length).toBeLessThan(plain.body.length / 3)
    expect(gunzipSync(packed.body).equals(plain.body)).toBe(true)
    for (const one of [path, `/~${t}/Contact`, `/~${t}/Contact/contact_000000000000`])
      expect((await call('GET', one)).headers.get('vary')).toContain('accept-encoding')
  })

  test('a token of the catalog that is wrong is refused, although none is needed', async () => {
    const t = tenant()
    const config = (headers: Record<string, string>): Promise<Response> =>
      fetch(`${url()}/iceberg/${t}/v1/config`, { headers })
    expect((await config({})).status).toBe(200)
    expect((await config({ authorization: 'Bearer nonsense' })).status).toBe(401)
  })

  test('a bookmark ahead of the log, or of another log, is 409', async () => {
    const t = tenant()
    await call('POST', `/~${t}/Contact`, { name: 'Ada' })
    const { headers } = await call('GET', `/~${t}/Contact`)
    const [epoch = ''] = (headers.get('x-headlessly-bookmark') ?? '').split('.')
    expect((await call('GET', `/~${t}/Contact`, undefined, { 'x-headlessly-bookmark': `${epoch}.1` })).status).toBe(200)
    expect(await call('GET', `/~${t}/Contact`, undefined, { 'x-headlessly-bookmark': `${epoch}.2` })).toMatchObject({
      status: 409,
      body: { code: 'bookmark_ahead' },
    })
    expect((await call('GET', `/~${t}/Contact`, undefined, { 'x-headlessly-bookmark': 'other.1' })).status).toBe(409)
  })
}
