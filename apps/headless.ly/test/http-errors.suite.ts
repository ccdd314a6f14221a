// Refusals over HTTP as tests. Run by each server that has the HTTP interface.

import { describe, expect, test } from 'vitest'
import type { TestServer } from './server.ts'

export function testHttpErrors({ call, tenant }: Pick<TestServer, 'call' | 'tenant'>): void {
  /** Returns the types of all events of a tenant, in order. */
  async function fired(t: string): Promise<string[]> {
    const { body } = await call('GET', `/~${t}/events?limit=1000`)
    return (body['results'] as { type: string }[]).map((event) => event.type)
  }

  describe('an error is a problem document that names the field', () => {
    const deep = `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`
    const leaves = JSON.stringify({ $or: Array.from({ length: 65 }, (_, at) => ({ leadScore: at })) })
    test.each([
      ['POST', '/Contact', '{', 400, 'invalid_json', 'body'],
      ['POST', '/Contact', '[]', 400, 'invalid_body', 'entities'],
      ['POST', '/Contact', '5', 400, 'invalid_body', 'body'],
      ['POST', '/Contact', { name: 1 }, 422, 'validation_error', 'name'],
      ['POST', '/Contact', {}, 422, 'validation_error', 'name'],
      ['POST', '/Contact', { name: 'a', emial: 'x' }, 422, 'validation_error', 'emial'],
      ['POST', '/Contact', '{"name":"a","__proto__":{"x":1}}', 422, 'validation_error', '__proto__'],
      ['POST', '/Contact', '{"name":"a","constructor":1}', 422, 'validation_error', 'constructor'],
      ['POST', '/Contact', { name: 'a', stage: 'lead' }, 422, 'validation_error', 'stage'],
      ['POST', '/Contact', { name: 'a', leadScore: '1' }, 422, 'validation_error', 'leadScore'],
      ['POST', '/Contact', '{"name":"a","leadScore":1e400}', 422, 'validation_error', 'leadScore'],
      ['POST', '/Contact', '{"name":"\\ud800"}', 422, 'validation_error', 'name'],
      ['POST', '/Contact', { name: 'a\0b' }, 422, 'validation_error', 'name'],
      ['POST', '/Contact', { name: 'a', lastEngagement: '2026-01-15' }, 422, 'validation_error', 'lastEngagement'],
      ['POST', '/Contact', { name: 'a', organization: 'deal_000000000000' }, 422, 'validation_error', 'organization'],
      [
        'POST',
        '/Contact',
        { name: 'a', organization: 'organization_000000000000' },
        422,
        'invalid_reference',
        'organization',
      ],
      ['POST', '/Contact', { name: 'a', deals: [] }, 422, 'validation_error', 'deals'],
      ['POST', '/Contact', `{"name":"a","metadata":${deep}}`, 422, 'validation_error', 'metadata'],
      ['POST', '/Contact', { name: 'x'.repeat(1_100_000) }, 413, 'payload_too_large', 'body'],
      ['POST', '/Contakt', { name: 'a' }, 404, 'not_found', 'type'],
      ['POST', '/contact', { name: 'a' }, 404, 'not_found', 'path'],
      ['GET', '/Contact/deal_000000000000', undefined, 400, 'invalid_id', 'id'],
      ['GET', '/Contact/contact_fX9bL5nRd', undefined, 404, 'not_found', undefined],
      ['PATCH', '/Contact/contact_fX9bL5nRd', { name: 'a' }, 404, 'not_found', undefined],
      ['GET', `/Contact/contact_${'0'.repeat(57)}`, undefined, 400, 'invalid_id', 'id'],
      ['GET', '/Contact?limit=101', undefined, 400, 'invalid_limit', 'limit'],
      ['GET', '/Contact?limit=x', undefined, 400, 'invalid_limit', 'limit'],
      ['GET', '/Contact?sort=nope', undefined, 400, 'invalid_sort', 'nope'],
      ['GET', '/Contact?sort=metadata', undefined, 400, 'invalid_sort', 'metadata'],
      ['GET', '/Contact?cursor=zzz', undefined, 400, 'invalid_cursor', 'cursor'],
      ['GET', '/Contact?include=nope', undefined, 400, 'invalid_include', 'include'],
      ['GET', '/Contact?fields=nope', undefined, 400, 'invalid_fields', 'fields'],
      ['GET', '/Contact?asOf=yesterday', undefined, 400, 'invalid_as_of', 'asOf'],
      ['GET', '/Contact?asOf=2999-01-01T00:00:00Z', undefined, 400, 'invalid_as_of', 'asOf'],
      ['GET', '/Contact?stge=Lead', undefined, 400, 'invalid_filter', 'stge'],
      ['GET', '/Contact?name=a&name=b', undefined, 400, 'invalid_parameter', 'name'],
      ['GET', '/Contact?name=%ff', undefined, 400, 'invalid_parameter', 'name'],
      [
        'GET',
        `/Contact?filter=${encodeURIComponent('{"leadScore":{"$gtx":1}}')}`,
        undefined,
        400,
        'invalid_filter',
        'leadScore',
      ],
      ['GET', `/Contact?filter=${encodeURIComponent('{"$where":"1"}')}`, undefined, 400, 'invalid_filter', '$where'],
      [
        'GET',
        `/Contact?filter=${encodeURIComponent('{"name":{"$regex":"(a"}}')}`,
        undefined,
        400,
        'invalid_filter',
        '$regex',
      ],
      ['GET', `/Contact?filter=${encodeURIComponent('{"a.b.c.d":1}')}`, undefined, 400, 'invalid_filter', 'a.b.c.d'],
      ['GET', `/Contact?filter=${encodeURIComponent(leaves)}`, undefined, 400, 'invalid_filter', 'filter'],
      ['GET', '/Contact?filter=nope', undefined, 400, 'invalid_filter', 'filter'],
      ['GET', '/events?after=-1', undefined, 400, 'invalid_parameter', 'after'],
      ['GET', '/events?type=!!', undefined, 400, 'invalid_parameter', 'type'],
      ['PATCH', '/Contact', {}, 405, 'method_not_allowed', 'method'],
      ['DELETE', '/Contact/count', undefined, 405, 'method_not_allowed', 'method'],
      ['PATCH', '/Event/event_000000000000', {}, 405, 'verb_disabled', undefined],
      ['POST', '/Contact/contact_000000000000/qualifying', {}, 400, 'unknown_verb', 'verb'],
      ['POST', '/Contact/qualify', {}, 400, 'invalid_id', 'id'],
      ['PATCH', '/Contact/contact_000000000000', {}, 404, 'not_found', undefined],
    ] as const)('%#: %s', async (method, path, body, status, code, field) => {
      const t = tenant()
      expect((await call('POST', `/~${t}/Contact`, { name: 'Ada' })).status).toBe(201)
      const answer = await call(method, `/~${t}${path}`, body)
      expect({ status: answer.status, code: answer.body['code'] }).toEqual({ status, code })
      expect(answer.headers.get('content-type')).toContain('application/problem+json')
      if (field !== undefined) expect(JSON.stringify([answer.body['field'], answer.body['errors']])).toContain(field)
      expect(await fired(t)).toEqual(['Contact.Created'])
    })

    test('a method that a definition disables is refused as such, whatever else is wrong with the request', async () => {
      const t = tenant()
      const fields = { name: 'string!', update: null, delete: null }
      expect((await call('PUT', `/~${t}/schema/Receipt`, { fields })).status).toBe(201)
      const refused = [
        ['PATCH', '/Receipt/receipt_000000000000', 'GET, HEAD'],
        ['OPTIONS', '/Receipt/receipt_000000000000', 'GET, HEAD'],
        ['OPTIONS', '/Receipt', 'GET, HEAD, POST'],
        ['POST', '/Receipt/receipt_000000000000/rollback', ''],
        ['POST', '/Receipt/updateMany', ''],
        ['POST', '/Refund', 'GET, HEAD'],
        ['OPTIONS', '/Contact/contact_000000000000', 'GET, HEAD, PATCH, PUT, DELETE'],
        ['DELETE', '/Event/event_000000000000', 'GET, HEAD'],
      ] as const
      for (const [method, path, allow] of refused) {
        for (const headers of [
          {},
          { 'if-match': 'nope' },
          { 'content-type': 'text/plain' },
          { 'x-headlessly-bookmark': '0' },
        ]) {
          const answer = await call(
            method,
            `/~${t}${path}?dryRun=maybe`,
            method === 'OPTIONS' ? undefined : {},
            headers,
          )
          const shown = { method, path, headers, status: answer.status, allow: answer.headers.get('allow') ?? '' }
          expect(shown).toEqual({ method, path, headers, status: 405, allow })
        }
      }
    })

    test.each([
      ['a body without a JSON content type', { 'content-type': 'text/plain' }, 415, 'Content-Type'],
      ['a key that is too long', { 'idempotency-key': 'k'.repeat(256) }, 400, 'Idempotency-Key'],
      ['an invalid ETag', { 'if-match': 'nope' }, 400, 'If-Match'],
      ['the version of an entity that does not exist yet', { 'if-match': '"1"' }, 412, 'If-Match'],
      ['any version of an entity that does not exist yet', { 'if-match': '*' }, 412, 'If-Match'],
      ['a condition of reads', { 'if-none-match': '*' }, 400, 'If-None-Match'],
      ['an invalid bookmark', { 'x-headlessly-bookmark': '!' }, 400, 'X-Headlessly-Bookmark'],
      ['a page of another site', { origin: 'https://evil.example' }, 403, 'Origin'],
    ])('%s', async (_, headers, status, field) => {
      const t = tenant()
      const { body, ...answer } = await call('POST', `/~${t}/Contact`, { name: 'a' }, headers)
      expect({ status: answer.status, field: body['field'] }).toEqual({ status, field })
      expect(await fired(t)).toEqual([])
    })

    test('an invalid tenant', async () => {
      expect(await call('GET', '/~A/Contact')).toMatchObject({
        status: 400,
        body: { code: 'invalid_tenant', field: 'tenant' },
      })
    })
  })
}
