// A tenant's status, tested on the server that ships.

import { expect, test } from 'vitest'
import { useServer } from './server.ts'

const { call, tenant, url } = useServer({ flush: { intervalMs: 3_600_000 } })

test('a tenant without writes is empty, and asking for its status stores nothing', async () => {
  const t = tenant()
  const { status, body, headers } = await call('GET', `/~${t}/status`)
  expect(status).toBe(200)
  expect(body).toEqual({
    $type: 'Status',
    tenant: t,
    context: `${url()}/~${t}`,
    bookmark: headers.get('x-headlessly-bookmark'),
    events: 0,
    oldest: null,
    newest: null,
    currency: 'USD',
    timeZone: 'UTC',
    entities: {},
    files: { seq: 0, revision: 0, lagEvents: 0 },
    clock: { offsetMs: 0, aheadMs: 0 },
    outbox: { waiting: 0, parked: 0 },
    jobs: [],
  })
  expect((await call('GET', `/~${t}/events`)).body).toMatchObject({ results: [] })
})

test('counts follow creations, changes and deletions; a flush ends the lag', async () => {
  const t = tenant()
  const ids: string[] = []
  for (let at = 0; at < 5; at++) ids.push(String((await call('POST', `/~${t}/Contact`, { name: `${at}` })).body['$id']))
  await call('POST', `/~${t}/Deal`, { name: 'Engine', value: 1, contact: ids[0] })
  await call('POST', `/~${t}/Contact/${ids[1]}/qualify`)
  await call('DELETE', `/~${t}/Contact/${ids[2]}`)
  await call(
    'DELETE',
    `/~${t}/Deal/${String((await call('POST', `/~${t}/Deal`, { name: 'Gone', value: 1 })).body['$id'])}`,
  )
  const { body, headers } = await call('GET', `/~${t}/status`)
  const { body: log } = await call('GET', `/~${t}/events`)
  const moments = (log['results'] as { timestamp: string }[]).map(({ timestamp }) => timestamp)
  expect(body).toMatchObject({
    bookmark: headers.get('x-headlessly-bookmark'),
    events: 10,
    oldest: moments[0],
    newest: moments[9],
    entities: { Contact: 4, Deal: 1 },
    files: { seq: 0, revision: 0, lagEvents: 10 },
    clock: { offsetMs: 0, aheadMs: 0 },
    outbox: { waiting: 0, parked: 0 },
  })
  expect(Object.keys(body['entities'] as object)).toEqual(['Contact', 'Deal'])
  expect(headers.get('x-headlessly-source')).toBe('object')
  await call('POST', `/~${t}/lake/flush`)
  const { files } = (await call('GET', `/~${t}/status`)).body as { files: { seq: number; revision: number } }
  expect(files).toMatchObject({ seq: 10, lagEvents: 0 })
  expect(files.revision).toBeGreaterThan(0)
  for (const id of ids) await call('DELETE', `/~${t}/Contact/${id}`)
  expect((await call('GET', `/~${t}/status`)).body['entities']).toEqual({ Deal: 1 })
})

const ownJobNames = [
  'workflows',
  'functions',
  'files',
  'payments',
  'stored-requests',
  'secrets',
  'agents',
  'embeddings',
  'ledger',
  'metrics',
  'bulk',
  'outbox',
  'clock',
  'full-text',
  'substrings',
  'past-index',
  'idempotency-keys',
]
const jobNames = [
  'schedules',
  ...ownJobNames,
  'publish',
  'flush',
  'compaction',
  'archive',
  'tables',
  'garbage',
  'erasure',
]

test('jobs report when their next step is due and how the last one ended', async () => {
  const t = tenant()
  const writtenMs = Date.now()
  await call('POST', `/~${t}/Contact`, { name: 'Ada' })
  interface Job {
    readonly name: string
    readonly next: string | null
  }
  const jobs = async (): Promise<readonly Job[]> => (await call('GET', `/~${t}/status`)).body['jobs'] as Job[]
  const idle = { state: 'idle', next: null, failure: null, parked: 0 }
  const before = await jobs()
  expect(before).toEqual(
    jobNames.map((name) =>
      name === 'flush' ? { ...idle, name, state: 'waiting', next: expect.any(String) } : { ...idle, name },
    ),
  )
  const next = Date.parse(before.find(({ name }) => name === 'flush')?.next ?? '')
  expect(next - writtenMs).toBeGreaterThanOrEqual(3_600_000)
  expect(next - writtenMs).toBeLessThan(3_600_000 + 60_000)
  await call('POST', `/~${t}/lake/flush`)
  expect(await jobs()).toContainEqual({ ...idle, name: 'flush' })
})

test('a past time, a part of the status, and writing to it are refused by name', async () => {
  const t = tenant()
  expect((await call('GET', `/~${t}/status?asOf=2026-01-15T10:00:00Z`)).body).toMatchObject({
    status: 400,
    code: 'before_history',
    field: 'asOf',
  })
  expect((await call('GET', `/~${t}/status/entities`)).status).toBe(404)
  const { status, headers } = await call('POST', `/~${t}/status`, {})
  expect([status, headers.get('allow')]).toEqual([405, 'GET, HEAD'])
})

test('a bookmark ahead of the log is refused', async () => {
  const t = tenant()
  await call('POST', `/~${t}/Contact`, { name: 'Ada' })
  const { body } = await call('GET', `/~${t}/status`)
  const ahead = `${String(body['bookmark']).split('.')[0]}.2`
  expect((await call('GET', `/~${t}/status`, undefined, { 'x-headlessly-bookmark': ahead })).status).toBe(409)
})
