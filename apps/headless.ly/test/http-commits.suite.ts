// Batches, dry runs and changes of many entities over HTTP, as tests. Run by each server that has the HTTP interface.

import { describe, expect, test } from 'vitest'
import type { TestServer } from './server.ts'

export function testHttpCommits({ call, tenant }: Pick<TestServer, 'call' | 'tenant'>): void {
  /** Returns the types of all events of a tenant, in order. */
  async function fired(t: string): Promise<string[]> {
    const { body } = await call('GET', `/~${t}/events?limit=1000`)
    return (body['results'] as { type: string }[]).map((event) => event.type)
  }

  describe('a batch', () => {
    const operations = [
      { id: 'org', method: 'POST', path: '/Organization', body: { name: 'Acme' } },
      { id: 'ada', method: 'POST', path: '/Contact', body: { name: 'Ada', organization: { $ref: 'org' } } },
      { method: 'GET', path: { $ref: 'ada', path: "concat('/Contact/', $id, '?include=organization')" } },
    ]

    test('answers 200 with the results and the commit, and its key makes it once', async () => {
      const t = tenant()
      const send = () => call('POST', `/~${t}/batch`, { operations }, { 'idempotency-key': 'b-1' })
      const { status, headers, body } = await send()
      expect(status).toBe(200)
      expect(body).toMatchObject({
        commit: 1,
        results: [
          { id: 'org', status: 201, body: { $type: 'Organization' } },
          { id: 'ada', status: 201, body: { $type: 'Contact' } },
          { id: '2', status: 200, body: { organization: { name: 'Acme' } } },
        ],
      })
      expect(headers.get('x-headlessly-commit')).toBe('1')
      expect(headers.get('x-headlessly-bookmark')).toMatch(/\.2$/)
      const again = await send()
      expect(again.headers.get('idempotent-replay')).toBe('true')
      expect(again.body).toEqual(body)
      expect(await fired(t)).toEqual(['Organization.Created', 'Contact.Created'])
    })

    test('fails as a whole with 422 and each failed operation, and leaves nothing', async () => {
      const t = tenant()
      const failing = [...operations, { id: 'bad', method: 'POST', path: '/Contact', body: { nam: 'x' } }]
      const { status, body } = await call('POST', `/~${t}/batch`, {
        operations: [
          ...failing,
          { id: 'next', method: 'GET', path: { $ref: 'bad', path: "concat('/Contact/', $id)" } },
        ],
      })
      expect({ status, body }).toMatchObject({
        status: 422,
        body: {
          code: 'batch_failed',
          details: [
            { id: 'bad', status: 422, problem: { code: 'validation_error', field: 'nam' } },
            { id: 'next', status: 424, problem: { code: 'dependency_failed', operation: 'bad' } },
          ],
        },
      })
      expect(await fired(t)).toEqual([])
    })

    test('with atomic: false keeps what succeeded', async () => {
      const t = tenant()
      const { status, body } = await call('POST', `/~${t}/batch`, {
        atomic: false,
        operations: [{ id: 'bad', method: 'DELETE', path: '/Contact/contact_000000000000' }, ...operations],
      })
      expect(status).toBe(200)
      const results = body['results'] as { status: number; commit?: number }[]
      expect(results.map((result) => [result.status, result.commit])).toEqual([
        [404, undefined],
        [201, 1],
        [201, 2],
        [200, undefined],
      ])
      expect(await fired(t)).toHaveLength(2)
    })

    test.each([
      [{ operations: [] }, 'operations'],
      [{ operations: [{ method: 'GET', path: '/nowhere' }] }, 'operations[0].path'],
      [{ operations: [{ method: 'POST', path: '/Contact/count', body: {} }] }, 'operations[0].path'],
      [{ operations: [{ method: 'POST', path: '/Contact?dryRun=true', body: {} }] }, 'operations[0].path'],
      [{ operations: [{ method: 'POST', path: '/Contact', body: { x: { $ref: '0' } } }] }, 'operations[0]'],
    ])('%j is refused with 400, naming %s', async (batch, field) => {
      const t = tenant()
      const { status, body } = await call('POST', `/~${t}/batch`, batch)
      expect({ status, body }).toMatchObject({ status: 400, body: { code: 'invalid_body', field } })
      expect(await fired(t)).toEqual([])
    })
  })

  describe('many entities', () => {
    test('are created, changed and deleted in one commit each', async () => {
      const t = tenant()
      const made = await call('POST', `/~${t}/Contact`, [{ name: 'Ada', title: 'x' }, { name: 'Grace' }])
      expect(made).toMatchObject({ status: 200, body: { commit: 1, matched: 2, changed: 2 } })
      const ids = made.body['ids'] as string[]
      expect(ids).toHaveLength(2)
      const changed = await call('POST', `/~${t}/Contact/updateMany`, { filter: { title: 'x' }, set: { title: 'y' } })
      expect(changed).toMatchObject({ status: 200, body: { commit: 3, matched: 1, changed: 1, ids: [ids[0]] } })
      const same = await call('POST', `/~${t}/Contact/updateMany`, { ids: [ids[0]], set: { title: 'y' } })
      expect(same).toMatchObject({ status: 200, body: { commit: null, matched: 1, changed: 0 } })
      expect(same.headers.get('x-headlessly-changed')).toBe('false')
      const tried = await call('POST', `/~${t}/Contact/deleteMany?dryRun=true`, { filter: {} })
      expect(tried.body).toMatchObject({ dryRun: true, result: { matched: 2, changed: 2 } })
      const removed = await call('POST', `/~${t}/Contact/deleteMany`, { filter: {} })
      expect(removed).toMatchObject({ status: 200, body: { commit: 4, matched: 2 } })
      expect(await fired(t)).toEqual([
        'Contact.Created',
        'Contact.Created',
        'Contact.Updated',
        'Contact.Deleted',
        'Contact.Deleted',
      ])
    })

    test('are not created if one of them is refused, and the field names it', async () => {
      const t = tenant()
      const entities = [{ name: 'Ada' }, { name: 'Grace', leadScore: 'high' }]
      expect(await call('POST', `/~${t}/Contact/createMany`, { entities })).toMatchObject({
        status: 422,
        body: { code: 'validation_error', field: 'entities[1].leadScore' },
      })
      expect(await fired(t)).toEqual([])
    })

    test('are a job if they are too many for one commit, which answers 202 and can be followed', async () => {
      const t = tenant()
      const entities = Array.from({ length: 1_001 }, () => ({ name: 'Ada' }))
      const { status, body } = await call('POST', `/~${t}/Contact/createMany`, { entities })
      expect({ status, body }).toMatchObject({ status: 202, body: { job: { total: 1_001, isAtomic: false } } })
      const { id } = body['job'] as { id: string }
      const job = async (): Promise<unknown> => (await call('GET', `/~${t}/jobs/${id}`)).body['state']
      for (let round = 0; (await job()) === 'running' && round < 500; round++)
        await new Promise((resolve) => setTimeout(resolve, 20))
      expect((await call('GET', `/~${t}/jobs`)).body).toMatchObject({
        results: [{ id, state: 'done', done: 1_001, refused: 0 }],
      })
      expect((await call('GET', `/~${t}/Contact/count?strong=true`)).body).toEqual({ count: 1_001 })
      expect((await call('GET', `/~${t}/jobs/job_000000000000`)).status).toBe(404)
    })

    test('may be parts of a batch', async () => {
      const t = tenant()
      const { status, body } = await call('POST', `/~${t}/batch`, {
        operations: [
          { id: 'org', method: 'POST', path: '/Organization', body: { name: 'Acme' } },
          {
            method: 'POST',
            path: '/Contact/createMany',
            body: { entities: [{ name: 'Ada', organization: { $ref: 'org' } }] },
          },
          { method: 'POST', path: '/Contact', body: [{ name: 'Grace' }, { name: 'Hedy' }] },
        ],
      })
      expect({ status, body }).toMatchObject({ status: 200, body: { commit: 1 } })
      expect((await call('GET', `/~${t}/Contact/count`)).body).toEqual({ count: 3 })
    })
  })

  describe('a dry run', () => {
    test('of any write answers 200 with its events and its result, and changes nothing', async () => {
      const t = tenant()
      const unborn = await call('POST', `/~${t}/Contact?dryRun=true`, { name: 'Ada' })
      expect(unborn).toMatchObject({
        status: 200,
        body: {
          dryRun: true,
          events: [{ type: 'Contact.Created', data: { name: 'Ada' } }],
          refusals: [],
          result: { $type: 'Contact', name: 'Ada', $version: 1 },
        },
      })
      expect(await fired(t)).toEqual([])
      const made = await call('POST', `/~${t}/Contact`, { name: 'Ada' })
      const id = String(made.body['$id'])
      const tried = async (method: string, path: string, body?: object): Promise<unknown> => {
        const answer = await call(method, `/~${t}${path}?dryRun=true`, body)
        expect(answer.status).toBe(200)
        expect(answer.headers.get('x-headlessly-commit')).toBeNull()
        return (answer.body['events'] as { type: string }[]).map(({ type }) => type)
      }
      expect(await tried('PATCH', `/Contact/${id}`, { title: 'x' })).toEqual(['Contact.Updated'])
      expect(await tried('POST', `/Contact/${id}/qualify`)).toEqual(['Contact.Qualified'])
      expect(await tried('DELETE', `/Contact/${id}`)).toEqual(['Contact.Deleted'])
      expect(await tried('PUT', '/schema/Vehicle', { fields: { name: 'string!' } })).toEqual(['Schema.Created'])
      expect(await tried('PATCH', `/Contact/${id}`, { name: 'Ada' })).toEqual([])
      expect(await fired(t)).toEqual(['Contact.Created'])
    })

    test('is executed once by its plan, with the ids that it promised, or refused if it is outdated', async () => {
      const t = tenant()
      await call('POST', `/~${t}/Contact`, { name: 'Ada' })
      const tried = await call('POST', `/~${t}/Contact?dryRun=true`, { name: 'Grace', email: 'grace@example.com' })
      const other = await call('POST', `/~${t}/Contact?dryRun=true`, { name: 'Eve', email: 'grace@example.com' })
      const execute = ({ body }: { readonly body: Readonly<Record<string, unknown>> }) =>
        call('POST', `/~${t}/commits/plan/${String(body['plan'])}`)
      const executed = await execute(tried)
      const promised = tried.body['result'] as { $id: string }
      expect(executed).toMatchObject({ status: 200, body: { $id: promised.$id, name: 'Grace' } })
      expect(executed.headers.get('x-headlessly-commit')).toBe('2')
      expect(await execute(tried)).toMatchObject({ status: 409, body: { code: 'conflict', commit: 2 } })
      expect(await execute(other)).toMatchObject({
        status: 409,
        body: { code: 'plan_outdated', dryRun: { dryRun: true, refusals: [{ status: 409 }], plan: null } },
      })
      expect((await call('POST', `/~${t}/commits/plan/plan_000000000000`)).status).toBe(404)
      expect(await fired(t)).toHaveLength(2)
    })

    test('shows the refusal, and neither uses nor takes an idempotency key', async () => {
      const t = tenant()
      await call('POST', `/~${t}/Contact`, { name: 'Ada', email: 'ada@example.com' })
      const body = { name: 'Eve', email: 'ada@example.com' }
      const refused = await call('POST', `/~${t}/Contact?dryRun=true`, body, { 'idempotency-key': 'k' })
      expect(refused).toMatchObject({
        status: 200,
        body: { events: [], result: null, refusals: [{ status: 409, problem: { code: 'conflict', field: 'email' } }] },
      })
      expect((await call('POST', `/~${t}/Contact`, { name: 'Eve' }, { 'idempotency-key': 'k' })).status).toBe(201)
    })

    test('is refused where there is none, and for another value than true or false', async () => {
      const t = tenant()
      const clock = { now: '2026-01-01T00:00:00Z' }
      expect(await call('POST', `/~${t}/clock?dryRun=true`, clock)).toMatchObject({
        status: 400,
        body: { code: 'invalid_parameter', field: 'dryRun' },
      })
      expect((await call('POST', `/~${t}/Contact?dryRun=yes`, { name: 'Ada' })).status).toBe(400)
      expect((await call('POST', `/~${t}/Contact?dryrun=true`, { name: 'Ada' })).status).toBe(400)
      expect(await fired(t)).toEqual([])
    })
  })
}
