// `$.status()` against the server that ships.

import { Headlessly, HeadlesslyError } from '@headlessly/sdk'
import { expect, test } from 'vitest'
import { useServer } from '../../../../apps/headless.ly/test/server.ts'

const { url, tenant } = useServer({ flush: { intervalMs: 3_600_000 } })

test('shows the writes of this client, and the result of a flush', async () => {
  const t = tenant()
  const $ = Headlessly({ tenant: t, endpoint: url() })
  await $.Contact.createMany([{ name: 'Ada' }, { name: 'Bo' }])
  const status = await $.status()
  expect(status).toMatchObject({
    $type: 'Status',
    tenant: t,
    context: $.context,
    bookmark: $.bookmark,
    events: 2,
    entities: { Contact: 2 },
    files: { seq: 0, lagEvents: 2 },
    clock: { offsetMs: 0, aheadMs: 0 },
    outbox: { waiting: 0, parked: 0 },
  })
  expect(Date.parse(status.newest ?? '')).toBeGreaterThanOrEqual(Date.parse(status.oldest ?? ''))
  await $.lake.flush()
  expect((await $.status()).files).toMatchObject({ seq: 2, lagEvents: 0 })
})

test('has the metrics of the business and alerts if they are requested, also as of a time', async () => {
  const $ = Headlessly({ tenant: tenant(), endpoint: url() })
  await $.Deal.create({ name: 'Engine', value: 1_000, probability: 40 })
  const before = new Date()
  await $.Ticket.create({ subject: 'Broken', slaDueAt: '2026-01-01T00:00:00Z' })
  const { metrics, alerts, currency } = await $.status({ metrics: true })
  expect(currency).toBe('USD')
  expect(metrics).toMatchObject({
    pipeline: { pipeline: 1_000, weighted_pipeline: 400, deals_open: 1 },
    support: { tickets_open: 1, sla_breached: 1, csat: null },
    revenue: { mrr: 0, churn: null, nrr: null },
  })
  expect(alerts).toMatchObject([{ type: 'ticket_sla_breach', severity: 'critical', value: 1, action: 'escalate' }])
  expect(await $.status({ metrics: true, asOf: before })).toMatchObject({
    metrics: { support: { tickets_open: 0 } },
    alerts: [],
  })
  expect((await $.status()).metrics).toBeUndefined()
  const series = await $.metrics.get('tickets_open', { step: 'day' })
  expect(series.history).toHaveLength(30)
  expect([series.history.at(-1)?.value, series.history[0]?.value, series.trend]).toEqual([1, null, null])
  expect(Date.parse(series.began ?? '')).toBeLessThanOrEqual(before.getTime())
  expect(await $.metrics.get('pipeline')).toMatchObject({
    value: 1_000,
    currency: 'USD',
    unit: 'money',
    previous: null,
  })
  expect((await $.metrics.all()).marketing).toMatchObject({ leads_created: 0 })
  // @ts-expect-error no such step
  await expect($.metrics.get('mrr', { step: 'hour' })).rejects.toMatchObject({
    code: 'invalid_parameter',
    field: 'step',
  })
})

test('of a tenant that was never written to is empty, and an aborted call is not sent', async () => {
  const $ = Headlessly({ tenant: tenant(), endpoint: url() })
  expect(await $.status()).toMatchObject({ events: 0, oldest: null, newest: null, entities: {} })
  await expect($.status({ signal: AbortSignal.abort(new Error('not now')) })).rejects.toThrow('not now')
})

test('of a server that does not exist is a network error', async () => {
  const $ = Headlessly({ tenant: 'acme', endpoint: 'http://127.0.0.1:9', timeoutMs: 500 })
  const error: unknown = await $.status().catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(HeadlesslyError)
  expect(error).toMatchObject({ code: 'network_error' })
})
