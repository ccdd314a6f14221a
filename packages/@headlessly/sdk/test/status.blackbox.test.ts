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
