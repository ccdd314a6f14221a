// A test tenant and its clock, on the server that ships.

import { expect, test } from 'vitest'
import { killServer } from '../../../soak/kill-server.ts'
import { useServer } from './server.ts'

const { call, server, tenant } = useServer({ flush: { intervalMs: 100 } })

const clock = async (t: string): Promise<Readonly<Record<string, unknown>>> => (await call('GET', `/~${t}/clock`)).body

test('a tenant without entities gets a clock that stands still, and that is advanced', async () => {
  const t = tenant()
  const set = await call('POST', `/~${t}/clock`, { now: '2026-01-31T12:00:00+02:00' })
  expect([set.status, set.body]).toEqual([
    200,
    { now: '2026-01-31T10:00:00.000Z', isTest: true, advancingTo: null, ran: {} },
  ])
  const created = await call('POST', `/~${t}/Contact`, { name: 'Ada' })
  expect(created.body['$createdAt']).toBe('2026-01-31T10:00:00.000Z')
  const second = await call('POST', `/~${t}/Contact`, { name: 'Bo' })
  expect(second.body['$createdAt']).toBe('2026-01-31T10:00:00.001Z')
  const advanced = await call('POST', `/~${t}/clock`, { advance: 'P1M' })
  expect([advanced.status, advanced.body]).toEqual([
    200,
    { now: '2026-02-28T10:00:00.001Z', isTest: true, advancingTo: null, ran: {} },
  ])
  const qualified = await call('POST', `/~${t}/Contact/${String(created.body['$id'])}/qualify`)
  expect(qualified.body['$updatedAt']).toBe('2026-02-28T10:00:00.001Z')
  const past = await call('GET', `/~${t}/Contact/${String(created.body['$id'])}?asOf=2026-02-15T00:00:00Z`)
  expect(past.body).toMatchObject({ $version: 1, stage: 'Lead' })
  const future = await call('GET', `/~${t}/Contact?asOf=2026-03-01T00:00:00Z`)
  expect(future.body).toMatchObject({ status: 400, code: 'invalid_as_of' })
})

test('a server that is killed comes back with the clock as it was, and flushes the tenant all the same', async () => {
  const t = tenant()
  await call('POST', `/~${t}/clock`, { now: '2026-01-01T00:00:00Z' })
  await call('POST', `/~${t}/Contact`, { name: 'Ada' })
  await call('POST', `/~${t}/clock`, { advance: 'P2W' })
  await killServer(server())
  expect(await clock(t)).toEqual({ now: '2026-01-15T00:00:00.000Z', isTest: true, advancingTo: null, ran: {} })
  const created = await call('POST', `/~${t}/Contact`, { name: 'Bo' })
  expect(created.body['$createdAt']).toBe('2026-01-15T00:00:00.000Z')
  await expect
    .poll(async () => (await call('GET', `/~${t}/status`)).body['files'], { timeout: 20_000 })
    .toMatchObject({ seq: 2, lagEvents: 0 })
  expect((await call('POST', `/~${t}/lake/verify`)).body).toMatchObject({ isWhole: true, events: 2 })
})

test("any other tenant has the server's clock, which nobody sets or advances", async () => {
  const t = tenant()
  const before = Date.now()
  const shown = await clock(t)
  expect(shown).toMatchObject({ isTest: false, advancingTo: null, ran: {} })
  expect(Date.parse(String(shown['now']))).toBeGreaterThanOrEqual(before - 1)
  expect((await call('POST', `/~${t}/clock`, { advance: 'P1D' })).body).toMatchObject({
    status: 409,
    code: 'conflict',
    field: 'advance',
  })
  await call('POST', `/~${t}/Contact`, { name: 'Ada' })
  expect((await call('POST', `/~${t}/clock`, { now: '2026-01-01T00:00:00Z' })).body).toMatchObject({
    status: 409,
    code: 'conflict',
    field: 'now',
  })
  expect((await call('POST', `/~${t}/Contact`, { name: 'Bo' })).body['$createdAt']).not.toMatch(/^2026-01-01/)
})

test('what no clock takes is refused by name, and changes nothing', async () => {
  const t = tenant()
  for (const [body, field] of [
    [{}, 'body'],
    [{ now: 'yesterday' }, 'now'],
    [{ now: '1969-12-31T23:59:59Z' }, 'now'],
    [{ advance: 'one month' }, 'advance'],
    [{ now: '2026-01-01T00:00:00Z', advance: 'P1D' }, 'body'],
  ] as const)
    expect((await call('POST', `/~${t}/clock`, body)).body).toMatchObject({
      code: 'validation_error',
      errors: [{ field }],
    })
  const key = { 'idempotency-key': 'k' }
  expect((await call('POST', `/~${t}/clock`, { now: '2026-01-01T00:00:00Z' }, key)).body).toMatchObject({
    code: 'invalid_parameter',
    field: 'Idempotency-Key',
  })
  expect(await clock(t)).toMatchObject({ isTest: false })
  expect((await call('GET', `/~${t}/status`)).body).toMatchObject({ events: 0, jobs: [] })
  const openapi = (await call('GET', `/~${t}/openapi`)).body as { paths: Record<string, Record<string, unknown>> }
  expect(Object.keys(openapi.paths['/clock'] ?? {}).toSorted()).toEqual(['get', 'post'])
})
