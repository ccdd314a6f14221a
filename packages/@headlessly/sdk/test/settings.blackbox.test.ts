// `$.settings` against the server that ships.

import { Headlessly } from '@headlessly/sdk'
import { expect, test } from 'vitest'
import { useSharedServer } from '../../../../apps/headless.ly/test/server.ts'

const { call, url, tenant } = useSharedServer()

test('settings are read, changed in part, tried, and returned to their defaults', async () => {
  const name = tenant()
  const $ = Headlessly({ tenant: name, endpoint: url() })
  expect(await $.settings.read()).toMatchObject({ timeZone: 'UTC', currency: 'USD', businessHours: null })
  const changed = await $.settings.update({ timeZone: 'Europe/Berlin', sla: { firstResponse: { Urgent: 'PT30M' } } })
  expect(changed).toMatchObject({
    timeZone: 'Europe/Berlin',
    sla: { firstResponse: { Urgent: 'PT30M', High: 'PT4H' } },
  })
  const tried = await $.settings.update({ currency: 'EUR' }, { dryRun: true })
  expect(tried.events.map(({ type }) => type)).toEqual(['Settings.Updated'])
  expect(await $.settings.update({ timeZone: null })).toMatchObject({ timeZone: 'UTC', currency: 'USD' })
  await expect($.settings.update({ currency: 'bananas' })).rejects.toMatchObject({
    code: 'validation_error',
    status: 422,
    errors: [{ field: 'currency' }],
  })
})

test('settings over HTTP have an ETag, and If-Match holds them to it', async () => {
  const path = `/~${tenant()}/settings`
  expect((await call('GET', path)).status).toBe(200)
  const patched = await call('PATCH', path, { currency: 'EUR' })
  expect([patched.status, patched.headers.get('etag'), patched.headers.get('x-headlessly-commit')]).toEqual([
    200,
    '"1"',
    '1',
  ])
  const read = await call('GET', path)
  expect([read.headers.get('etag'), read.body['currency']]).toEqual(['"1"', 'EUR'])
  expect((await call('PATCH', path, { currency: 'CHF' }, { 'if-match': '"7"' })).status).toBe(412)
  expect((await call('POST', path, {})).status).toBe(405)
})
