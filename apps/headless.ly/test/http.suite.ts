// The HTTP interface as tests. Run by each server that has it.

import { get } from 'node:http'
import { Contact, domains, serviceNouns } from 'digital-objects'
import { describe, expect, test } from 'vitest'
import type { Answer, TestServer } from './server.ts'

export function testHttp({ call, tenant, url }: Pick<TestServer, 'call' | 'tenant' | 'url'>): void {
  async function contact(t: string, fields: object = {}): Promise<Record<string, unknown> & { $id: string }> {
    const { status, body } = await call('POST', `/~${t}/Contact`, { name: 'Ada', ...fields })
    expect(status).toBe(201)
    return body as Record<string, unknown> & { $id: string }
  }

  /**
   * Requests with another Host header, which `fetch` cannot set. A client that accepts every coding, by sending no
   * `Accept-Encoding`, gets compressed answers from wrangler and plain ones from the embedded server.
   */
  function getAs(host: string, path: string): Promise<string> {
    const { port } = new URL(url())
    return new Promise((resolve, reject) => {
      const sent = get(
        { host: '127.0.0.1', port, path, headers: { host: `${host}:${port}`, 'accept-encoding': 'identity' } },
        (answer) => {
          let text = ''
          answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
          answer.once('end', () => resolve(text))
        },
      )
      sent.once('error', reject)
    })
  }

  /** Returns the types of all events of a tenant, in order. */
  async function fired(t: string): Promise<string[]> {
    const { body } = await call('GET', `/~${t}/events?limit=1000`)
    return (body['results'] as { type: string }[]).map((event) => event.type)
  }

  function results(answer: Answer): Record<string, unknown>[] {
    return answer.body['results'] as Record<string, unknown>[]
  }

  describe('writing', () => {
    test('a creation answers 201 with the whole entity, its location, its version and a bookmark', async () => {
      const t = tenant()
      const { status, headers, body } = await call('POST', `/~${t}/Contact`, {
        name: 'Ada Lovelace',
        email: 'ada@example.com',
        lastEngagement: '2026-01-15T12:00:00+02:00',
      })
      expect(status).toBe(201)
      expect(body).toMatchObject({
        $type: 'Contact',
        $version: 1,
        $createdBy: 'owner',
        $context: `${url()}/~${t}`,
        stage: 'Lead',
        status: 'Active',
        lastEngagement: '2026-01-15T10:00:00.000Z',
      })
      expect(body['$id']).toMatch(/^contact_[0-9A-Za-z]{12}$/)
      expect(headers.get('location')).toBe(`/~${t}/Contact/${String(body['$id'])}`)
      expect(headers.get('etag')).toBe('"1"')
      expect(headers.get('x-headlessly-bookmark')).toMatch(/^[0-9a-z]+\.1$/)
      expect(headers.get('x-headlessly-source')).toBe('object')
      expect(await fired(t)).toEqual(['Contact.Created'])
    })

    test('an entity that was read can be sent back whole; named fields are replaced, and null clears one', async () => {
      const t = tenant()
      const made = await contact(t, { title: 'Countess', phone: '1' })
      const { body } = await call('PUT', `/~${t}/Contact/${made.$id}`, { ...made, title: 'Programmer', phone: null })
      expect(body).toMatchObject({ $version: 2, title: 'Programmer', $createdAt: made['$createdAt'] })
      expect(body).not.toHaveProperty('phone')
      const { body: log } = await call('GET', `/~${t}/Contact/${made.$id}/history`)
      expect((log['results'] as { changes: object }[])[1]?.changes).toEqual({
        title: { from: 'Countess', to: 'Programmer' },
        phone: { from: '1', to: null },
      })
    })

    test('a stale If-Match is 412 and emits nothing; a current one is accepted', async () => {
      const t = tenant()
      const { $id } = await contact(t)
      expect((await call('PATCH', `/~${t}/Contact/${$id}`, { title: 'x' }, { 'if-match': '"1"' })).status).toBe(200)
      const stale = await call('PATCH', `/~${t}/Contact/${$id}`, { title: 'y' }, { 'if-match': '"1"' })
      expect(stale).toMatchObject({
        status: 412,
        body: { code: 'precondition_failed', field: 'If-Match', currentVersion: 2 },
      })
      expect((await call('DELETE', `/~${t}/Contact/${$id}`, undefined, { 'if-match': '"1"' })).status).toBe(412)
      expect(await fired(t)).toEqual(['Contact.Created', 'Contact.Updated'])
    })

    test('a verb sets its fields, merges its arguments, and emits its own event', async () => {
      const t = tenant()
      const { $id } = await contact(t)
      const { status, body } = await call('POST', `/~${t}/Contact/${$id}/qualify`, { leadScore: 90 })
      expect({ status, body }).toMatchObject({ status: 200, body: { stage: 'Qualified', leadScore: 90, $version: 2 } })
      expect(await fired(t)).toEqual(['Contact.Created', 'Contact.Qualified'])
    })

    test('a verb that creates emits one event at version 1', async () => {
      const t = tenant()
      const { status, headers, body } = await call('POST', `/~${t}/Contact/capture`, { name: 'Grace', source: 'web' })
      expect({ status, body }).toMatchObject({ status: 201, body: { stage: 'Lead', source: 'web', $version: 1 } })
      expect(headers.get('location')).toContain('/Contact/contact_')
      expect(await fired(t)).toEqual(['Contact.Captured'])
    })

    test('a change of state that the table does not have is refused with 409 and emits nothing', async () => {
      const t = tenant()
      const { body: payment } = await call('POST', `/~${t}/Payment`, { amount: 5 })
      expect(await call('POST', `/~${t}/Payment/${String(payment['$id'])}/refund`)).toMatchObject({
        status: 409,
        body: { code: 'invalid_transition', field: 'status' },
      })
      expect(await fired(t)).toEqual(['Payment.Created'])
    })

    test('a deleted entity is absent from the present and present in the past, and a rollback restores it', async () => {
      const t = tenant()
      const { $id } = await contact(t, { email: 'gone@example.com' })
      await new Promise((resolve) => setTimeout(resolve, 5))
      const before = new Date().toISOString()
      await new Promise((resolve) => setTimeout(resolve, 5))
      expect(await call('DELETE', `/~${t}/Contact/${$id}`)).toMatchObject({ status: 204, body: {} })
      expect((await call('GET', `/~${t}/Contact/${$id}`)).status).toBe(404)
      expect((await call('GET', `/~${t}/Contact/${$id}?asOf=${before}`)).body).toMatchObject({ $id, $version: 1 })
      expect(results(await call('GET', `/~${t}/Contact?asOf=${before}`))).toHaveLength(1)
      expect(results(await call('GET', `/~${t}/Contact`))).toHaveLength(0)
      const back = await call('POST', `/~${t}/Contact/${$id}/rollback`, { version: 1 })
      expect(back).toMatchObject({ status: 200, body: { $version: 3, email: 'gone@example.com' } })
      expect(await fired(t)).toEqual(['Contact.Created', 'Contact.Deleted', 'Contact.Updated'])
    })

    test('restoring an entity conflicts with another one that has its unique value now', async () => {
      const t = tenant()
      const { $id } = await contact(t, { email: 'one@example.com' })
      await call('DELETE', `/~${t}/Contact/${$id}`)
      const other = await contact(t, { email: 'one@example.com' })
      expect(await call('POST', `/~${t}/Contact/${$id}/rollback`, { version: 1 })).toMatchObject({
        status: 409,
        body: { code: 'conflict', field: 'email', existingId: other.$id },
      })
    })

    test('requests with the same key are done once, even concurrently', async () => {
      const t = tenant()
      const create = (): Promise<Answer> =>
        call('POST', `/~${t}/Contact`, { name: 'Once' }, { 'idempotency-key': 'k1' })
      const answers = await Promise.all(Array.from({ length: 10 }, create))
      expect(new Set(answers.map((answer) => JSON.stringify(answer.body))).size).toBe(1)
      expect(answers.map((answer) => answer.status)).toEqual(Array.from({ length: 10 }, () => 201))
      expect(answers.filter((answer) => answer.headers.get('idempotent-replay') === 'true')).toHaveLength(9)
      expect(await call('POST', `/~${t}/Contact`, { name: 'Twice' }, { 'idempotency-key': 'k1' })).toMatchObject({
        status: 422,
        body: { code: 'idempotency_mismatch', field: 'Idempotency-Key' },
      })
      expect(await fired(t)).toEqual(['Contact.Created'])
    })

    test('an activity touches its contact in the same commit, and the event records its cause', async () => {
      const t = tenant()
      const { $id } = await contact(t)
      const { body: activity } = await call('POST', `/~${t}/Activity/log`, { subject: 'Call', contact: $id })
      const { body: touchedContact } = await call('GET', `/~${t}/Contact/${$id}`)
      expect(touchedContact['lastEngagement']).toBe(activity['$createdAt'])
      const { body } = await call('GET', `/~${t}/events`)
      const [, logged, touched] = body['results'] as { id: string; commit: number; causedBy?: string }[]
      expect(touched).toMatchObject({
        type: 'Contact.Updated',
        via: 'effect',
        causedBy: logged?.id,
        commit: logged?.commit,
      })
    })

    test('a touch does not fail If-Match, and a merged id answers 404 with mergedInto', async () => {
      const t = tenant()
      const [ada, other] = [await contact(t), await contact(t)]
      await call('POST', `/~${t}/Activity/log`, { subject: 'Call', contact: ada.$id })
      const patch = () => call('PATCH', `/~${t}/Contact/${ada.$id}`, { title: 'Analyst' }, { 'if-match': '"1"' })
      expect(await patch()).toMatchObject({ status: 200, body: { title: 'Analyst', $version: 3 } })
      expect(await patch()).toMatchObject({ status: 412, body: { code: 'precondition_failed' } })
      expect(await call('POST', `/~${t}/Contact/${ada.$id}/merge`, { from: other.$id })).toMatchObject({ status: 200 })
      expect(await call('GET', `/~${t}/Contact/${other.$id}`)).toMatchObject({
        status: 404,
        body: { code: 'not_found', mergedInto: ada.$id },
      })
    })

    test('tenants cannot see each other, not even by id', async () => {
      const [a, b] = [tenant(), tenant()]
      const { $id } = await contact(a)
      await contact(b)
      expect((await call('GET', `/~${b}/Contact/${$id}`)).status).toBe(404)
      expect((await call('POST', `/~${b}/Deal`, { name: 'D', value: 1, contact: $id })).body).toMatchObject({
        code: 'invalid_reference',
        field: 'contact',
      })
    })
  })

  describe('reading', () => {
    test('an entity has the same bytes from its write, from get and from find, in the order of its Noun', async () => {
      const t = tenant()
      const { $id } = await contact(t, { phone: '1', email: 'ada@example.com', metadata: { b: 1, a: 2 } })
      const text = async (path: string, init?: RequestInit): Promise<string> => (await fetch(url() + path, init)).text()
      const headers = { 'content-type': 'application/json' }
      const body = '{"title":"Countess","phone":"2"}'
      const written = await text(`/~${t}/Contact/${$id}`, { method: 'PATCH', headers, body })
      expect(await text(`/~${t}/Contact/${$id}`)).toBe(written)
      expect(await text(`/~${t}/Contact/${$id}?include=deals`)).toBe(`${written.slice(0, -1)},"deals":[]}`)
      expect(await text(`/~${t}/Contact`)).toBe(`{"results":[${written}],"total":1,"hasMore":false,"cursor":null}`)
      const declared = Object.keys(Contact.$definition)
      const given = Object.keys(JSON.parse(written) as object).filter((name) => !name.startsWith('$'))
      expect(given).toEqual(declared.filter((name) => given.includes(name)))
    })

    test('If-None-Match answers 304 for the current version, and HEAD answers without a body', async () => {
      const t = tenant()
      const { $id } = await contact(t)
      expect((await call('GET', `/~${t}/Contact/${$id}`, undefined, { 'if-none-match': 'W/"1"' })).status).toBe(304)
      expect((await call('GET', `/~${t}/Contact/${$id}`, undefined, { 'if-none-match': '"2"' })).status).toBe(200)
      const head = await call('HEAD', `/~${t}/Contact/${$id}`)
      expect({ status: head.status, etag: head.headers.get('etag') }).toEqual({ status: 200, etag: '"1"' })
    })

    test('lists filter, sort, page and count', async () => {
      const t = tenant()
      for (const [name, score] of [
        ['a', 1],
        ['b', 2],
        ['c', 3],
        ['d', 4],
        ['e', undefined],
      ] as const)
        await contact(t, { name, leadScore: score })
      const filter = encodeURIComponent('{"leadScore":{"$gte":2}}')
      const first = await call('GET', `/~${t}/Contact?filter=${filter}&sort=-leadScore&limit=2&count=exact`)
      expect({ ...first.body, results: results(first).map((entity) => entity['name']) }).toMatchObject({
        results: ['d', 'c'],
        total: 3,
        hasMore: true,
      })
      const second = await call(
        'GET',
        `/~${t}/Contact?filter=${filter}&sort=-leadScore&limit=2&cursor=${String(first.body['cursor'])}`,
      )
      expect({ ...second.body, results: results(second).map((entity) => entity['name']) }).toEqual({
        results: ['b'],
        total: null,
        hasMore: false,
        cursor: null,
      })
      expect(results(await call('GET', `/~${t}/Contact?sort=leadScore`)).map((entity) => entity['name'])).toEqual([
        'a',
        'b',
        'c',
        'd',
        'e',
      ])
      expect((await call('GET', `/~${t}/Contact/count?leadScore=`)).body).toEqual({ count: 1 })
      expect(results(await call('GET', `/~${t}/Contact?name=c&fields=name`))[0]).toEqual({
        $type: 'Contact',
        $id: expect.any(String) as string,
        name: 'c',
      })
    })

    test('full text ignores case and accents, matches prefixes, and sorts by relevance', async () => {
      const t = tenant()
      await contact(t, { name: 'Élan Vital' })
      await contact(t, { name: 'Something else' })
      const find = async (words: string): Promise<unknown[]> =>
        results(await call('GET', `/~${t}/Contact?filter=${encodeURIComponent(JSON.stringify({ $text: words }))}`)).map(
          (entity) => entity['name'],
        )
      expect(await find('elan')).toEqual(['Élan Vital'])
      expect(await find('VIT él')).toEqual(['Élan Vital'])
      expect(await find('vitally')).toEqual([])
    })

    test('relations are included in both directions, in the present and the past', async () => {
      const t = tenant()
      const { body: organization } = await call('POST', `/~${t}/Organization`, { name: 'Engines' })
      const { $id } = await contact(t, { organization: organization['$id'] })
      const { body } = await call('GET', `/~${t}/Contact/${$id}?include=organization`)
      expect(body['organization']).toMatchObject({ $type: 'Organization', name: 'Engines' })
      const { body: reverse } = await call(
        'GET',
        `/~${t}/Organization/${String(organization['$id'])}?include=contacts,parent`,
      )
      expect(reverse['contacts']).toMatchObject([{ $id }])
      const moment = new Date().toISOString()
      await new Promise((resolve) => setTimeout(resolve, 5))
      await call('PATCH', `/~${t}/Organization/${String(organization['$id'])}`, { name: 'Renamed' })
      expect(
        (await call('GET', `/~${t}/Contact/${$id}?include=organization&asOf=${moment}`)).body['organization'],
      ).toMatchObject({ name: 'Engines' })
    })

    test('a past state that was read stays the same', async () => {
      const t = tenant()
      const { $id } = await contact(t)
      const moment = new Date().toISOString()
      const read = async (): Promise<unknown> => (await call('GET', `/~${t}/Contact/${$id}?asOf=${moment}`)).body
      const first = await read()
      for (let count = 0; count < 5; count++) await call('PATCH', `/~${t}/Contact/${$id}`, { leadScore: count })
      expect(await read()).toEqual(first)
    })

    test('history, diff and single events agree', async () => {
      const t = tenant()
      const { $id } = await contact(t)
      await call('PATCH', `/~${t}/Contact/${$id}`, { title: 'x' })
      const { body: history } = await call('GET', `/~${t}/Contact/${$id}/history`)
      const [first, second] = history['results'] as { id: string; seq: number; type: string; version: number }[]
      expect([first?.type, second?.type]).toEqual(['Contact.Created', 'Contact.Updated'])
      const { body: diff } = await call('GET', `/~${t}/Contact/${$id}/diff?from=1&to=2`)
      expect(diff).toMatchObject({
        before: { $version: 1 },
        after: { $version: 2, title: 'x' },
        changes: [{ field: 'title', from: null, to: 'x' }],
      })
      expect((await call('GET', `/~${t}/events/${second?.id}`)).body).toEqual(second)
      expect(results(await call('GET', `/~${t}/events?type=*.Updated`)).map((event) => event['seq'])).toEqual([2])
      expect(results(await call('GET', `/~${t}/events?entity=${$id}&after=1`)).map((event) => event['seq'])).toEqual([
        2,
      ])
    })

    test('a lens limits schema and OpenAPI to its domain and hides no data', async () => {
      const t = tenant()
      const { $id } = await contact(t)
      const throughLens = async (path: string): Promise<Record<string, unknown>> =>
        JSON.parse(await getAs('crm.localhost', path)) as Record<string, unknown>
      expect(new Set(Object.keys(await throughLens(`/~${t}/schema`)))).toEqual(new Set(domains.crm))
      // The 35 entities, and the Nouns that services bring.
      const all = Object.keys((await call('GET', `/~${t}/schema`)).body)
      expect(new Set(all)).toEqual(
        new Set([
          ...Object.values(domains).flat(),
          ...Object.keys(serviceNouns),
          'Function',
          'WorkflowRun',
          'AgentRun',
          'Webhook',
          'IncomingWebhook',
          'Ledger',
          'JournalEntry',
          'BankTransaction',
          'PaymentRun',
          'PaymentFinding',
          'Dispute',
        ]),
      )
      expect(await throughLens(`/~${t}/Contact/${$id}`)).toMatchObject({ $id, $context: `${url()}/~${t}` })
      expect((await call('GET', `/~${t}/schema/Contact`)).body).toMatchObject({ name: 'Contact', idPrefix: 'contact' })
      expect((await call('GET', `/~${t}/openapi`)).body).toMatchObject({ openapi: '3.1.0' })
    })

    test('a sector limits lists by host or path, composes with other contexts, and hides no data', async () => {
      const t = tenant()
      const make = async (path: string, body: object): Promise<string> =>
        String((await call('POST', `/~${t}/${path}`, body)).body['$id'])
      const organizations = [{ naicsCode: '621111' }, { industry: 'Healthcare' }, { naicsCode: '236220' }, {}]
      for (const [at, fields] of organizations.entries()) {
        const organization = await make('Organization', { name: `O${at}`, ...fields })
        await make('Contact', { name: `C${at}`, organization })
      }
      const outside = await make('Contact', { name: 'C4' })
      const through = async (host: string, path: string): Promise<Record<string, unknown>> =>
        JSON.parse(await getAs(host, path)) as Record<string, unknown>
      const namesOf = (body: Record<string, unknown>): unknown[] =>
        (body['results'] as Record<string, unknown>[]).map(({ name }) => name)
      const list = `/~${t}/Contact?sort=name&strong=true`
      const limited = ['C0', 'C1']
      expect(namesOf(await through('healthcare.localhost', list))).toEqual(limited)
      expect(namesOf(await through('localhost', `/health${list}`))).toEqual(limited)
      expect(namesOf(await through('crm.localhost', `/healthcare${list}`))).toEqual(limited)
      expect(namesOf(await through('healthcare.localhost', `/crm${list}&name=C1`))).toEqual(['C1'])
      expect(await through('construction.localhost', `/~${t}/Contact/count?strong=true`)).toEqual({ count: 1 })
      expect(namesOf((await call('GET', list)).body)).toHaveLength(5)
      expect(await through('healthcare.localhost', `/~${t}/Contact/${outside}`)).toMatchObject({ name: 'C4' })
      const schema = await through('healthcare.localhost', `/crm/~${t}/schema`)
      expect(Object.keys(schema)).toEqual(domains.crm)
      const overview = await through('localhost', `/ehr/~${t}`)
      expect((overview['entities'] as unknown[])[0]).toMatchObject({ name: 'Contact', label: 'Patient', count: 5 })
      expect(await through('healthcare.localhost', '/EHR')).toMatchObject({ context: 'healthcare/ehr' })
      expect((await call('GET', '/nothing')).status).toBe(404)
      expect((await call('GET', `/nothing/~${t}/Contact`)).status).toBe(404)
    })
  })
}
