// `$.clock` against the server that ships.

import { Headlessly } from '@headlessly/sdk'
import { expect, test } from 'vitest'
import { useSharedServer } from '../../../../apps/headless.ly/test/server.ts'

const { url, tenant } = useSharedServer()

test('a test tenant is created and advanced, and its entities have timestamps of its clock', async () => {
  const $ = Headlessly({ tenant: tenant(), endpoint: url() })
  expect(await $.clock.read()).toMatchObject({ isTest: false, advancingTo: null, ran: {} })
  expect(await $.clock.set('2026-01-01T00:00:00Z')).toMatchObject({ now: '2026-01-01T00:00:00.000Z', isTest: true })
  await $.clock.advance('P2W')
  expect((await $.Contact.create({ name: 'Ada' })).$createdAt).toBe('2026-01-15T00:00:00.000Z')
  expect(await $.clock.read()).toMatchObject({ now: '2026-01-15T00:00:00.000Z', isTest: true })
})

test('setting or advancing a clock that cannot be is refused, with the code of the server', async () => {
  const $ = Headlessly({ tenant: tenant(), endpoint: url() })
  await expect($.clock.advance('P1D')).rejects.toMatchObject({ code: 'conflict', field: 'advance' })
  await $.Contact.create({ name: 'Ada' })
  await expect($.clock.set('2026-01-01T00:00:00Z')).rejects.toMatchObject({ code: 'conflict', field: 'now' })
})
