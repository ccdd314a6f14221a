// Erasures through the front door: of a person of a loaded history, and of several persons at once.

import { expect, test, vi } from 'vitest'
import { KeyedTenant } from '../../test/keyed-tenant.ts'

interface Certificate {
  readonly id: string
  readonly state: string
}

async function erase(tenant: KeyedTenant, ids: readonly string[]): Promise<string> {
  const asked = await tenant.post('/erasures', { ids })
  expect(asked.status).toBe(202)
  return (await asked.json<Certificate>()).id
}

async function untilDone(tenant: KeyedTenant, id: string): Promise<void> {
  await vi.waitFor(
    async () => expect(await (await tenant.ask(`/erasures/${id}`)).json()).toMatchObject({ state: 'done' }),
    { timeout: 20_000, interval: 100 },
  )
}

/** Everything that reads of these paths say. */
async function said(tenant: KeyedTenant, paths: readonly string[]): Promise<string> {
  const texts = await Promise.all(paths.map(async (path) => (await tenant.ask(path)).text()))
  return texts.join('\n')
}

const verified = async (tenant: KeyedTenant): Promise<unknown> => (await tenant.post('/lake/verify', {})).json()

test('a person of a loaded history is erased from its past, its names and its files', async () => {
  const tenant = new KeyedTenant()
  const lines = [
    [
      '2024-01-08T09:05:00Z',
      'Contact.Created',
      '17',
      { name: 'Qzvada', email: 'qzvada@example.com' },
      'qzvbo@example.com',
    ],
    ['2024-01-09T09:05:00Z', 'Contact.Updated', '17', { name: 'Qzvada Lovelace' }],
    ['2024-02-01T08:00:00Z', 'Deal.Created', 'd-1', { name: 'Engine', value: 12_000, contact: '17' }],
  ].map(([timestamp, type, target, data, actor]) => JSON.stringify({ timestamp, type, target, data, actor }))
  const headers = { 'content-type': 'application/x-ndjson' }
  const loaded = await tenant.ask('/history', { method: 'POST', headers, body: `${lines.join('\n')}\n` })
  expect([loaded.status, await loaded.json()]).toMatchObject([200, { lines: 3 }])
  const { results } = await (await tenant.ask('/Contact')).json<{ results: readonly { $id: string }[] }>()
  const id = results[0]?.$id ?? ''
  await tenant.post('/lake/flush', {})
  const paths = [
    '/Contact?strong=true',
    '/Contact?asOf=2024-01-08T10:00:00Z',
    `/Contact/${id}/history`,
    '/events?limit=100',
    '/Contact',
  ]
  expect(await said(tenant, paths.slice(0, 2))).toContain('Qzvada')

  await untilDone(tenant, await erase(tenant, [id]))
  expect(await said(tenant, paths)).not.toMatch(/qzvada/i)
  expect(await (await tenant.ask('/Deal?strong=true')).json()).toMatchObject({
    results: [{ value: 12_000, contact: id }],
  })
  expect(await verified(tenant)).toMatchObject({ isWhole: true, faults: [] })
})

test('erasures that are asked for at once are all performed, and two of the same person are one', async () => {
  const tenant = new KeyedTenant()
  const ids: string[] = []
  for (let nth = 0; nth < 4; nth++) ids.push((await tenant.make('/Contact', { name: `Qzv${nth}` })).$id)
  const [first = '', second = '', third = '', kept = ''] = ids
  await tenant.make('/Ticket', { subject: 'Qzvboth', requester: first })
  await tenant.post('/lake/flush', {})
  const asked = await Promise.all([[first], [first], [second, third], [third]].map((some) => erase(tenant, some)))
  expect(new Set(asked).size).toBe(3)
  for (const id of asked) await untilDone(tenant, id)
  const text = await said(tenant, ['/Contact?strong=true', '/Ticket?strong=true', '/events?limit=100', '/Contact'])
  expect(new Set(text.match(/Qzv\w+/g))).toEqual(new Set(['Qzv3']))
  expect(await (await tenant.ask(`/Contact/${kept}`)).json()).toMatchObject({ name: 'Qzv3' })
  expect(await verified(tenant)).toMatchObject({ isWhole: true, faults: [] })
})
