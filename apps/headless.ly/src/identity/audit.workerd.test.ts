// The audit log: what it records, who reads it, and that it has no secrets.

import { expect, test, vi } from 'vitest'
import { KeyedTenant } from '../../test/keyed-tenant.ts'

interface Page {
  readonly results: readonly Record<string, unknown>[]
  readonly hasMore: boolean
  readonly cursor: string | null
}

const read = async (tenant: KeyedTenant, query = ''): Promise<Page> => (await tenant.ask(`/audit${query}`)).json<Page>()

test('changes of rights, forced changes and refusals are recorded, newest first', async () => {
  const tenant = new KeyedTenant()
  const ada = await tenant.make('/User', { name: 'Ada', email: 'ada@example.com', role: 'Viewer' })
  const { key, $id } = await tenant.make('/ApiKey', { name: 'Ada', owner: ada.$id })
  const deal = await tenant.make('/Deal', { name: 'Engine', value: 1 })
  expect((await tenant.post('/Deal', { name: 'no', value: 1 }, key)).status).toBe(403)
  expect((await tenant.ask('/lake', { key })).status).toBe(403)
  await tenant.post(`/Deal/${deal.$id}/win`, {})
  const forced = await tenant.ask(`/Deal/${deal.$id}`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json', 'x-headlessly-force': 'entered by mistake' },
    body: '{"stage":"Prospecting"}',
  })
  expect(forced.status).toBe(200)
  // A change that gives or takes no rights is not recorded.
  await tenant.send('PATCH', `/User/${ada.$id}`, { name: 'Ada L.' })
  await tenant.send('PUT', '/rules', { roles: {} })
  await tenant.post(`/ApiKey/${$id}/revoke`, {})
  expect((await tenant.post('/Deal', { name: 'no', value: 1 }, key)).status).toBe(401)
  await vi.waitFor(async () =>
    expect((await read(tenant)).results.map(({ kind, about, actor }) => [kind, about, actor])).toEqual(
      expect.arrayContaining([['forbidden', 'lake', ada.$id]]),
    ),
  )
  const { results } = await read(tenant)
  const shown = results.map(({ kind, about, actor, key: by }) => [kind, about, actor, by])
  expect(shown.filter(([, about]) => about !== 'lake')).toEqual([
    ['unauthorized', 'Deal.create', undefined, $id],
    ['rights_changed', 'ApiKey.Revoked', 'owner', undefined],
    ['rights_changed', 'Rules.Created', 'owner', undefined],
    ['forced', 'Deal.Updated', 'owner', undefined],
    ['forbidden', 'Deal.create', ada.$id, $id],
    ['rights_changed', 'ApiKey.Created', 'owner', undefined],
    ['rights_changed', 'User.Created', 'owner', undefined],
  ])
  expect(results.find(({ kind }) => kind === 'forced')).toMatchObject({
    reason: 'entered by mistake',
    target: deal.$id,
  })
})

test('repeated refusals are counted in one entry', async () => {
  const tenant = new KeyedTenant()
  const { key } = await tenant.make('/ApiKey', { name: 'CI', scopes: 'read' })
  for (let nth = 0; nth < 11; nth++)
    expect((await tenant.post('/Deal', { name: 'no', value: 1 }, key)).status).toBe(403)
  expect((await read(tenant, '?kind=forbidden')).results).toMatchObject([{ about: 'Deal.create', count: 11 }])
})

test('pages continue by the cursor, and unknown values are refused', async () => {
  const tenant = new KeyedTenant()
  for (const name of ['a', 'b', 'c']) await tenant.make('/ApiKey', { name })
  const first = await read(tenant, '?limit=2')
  const second = await read(tenant, `?limit=2&cursor=${first.cursor}`)
  expect([first.results.length, first.hasMore, second.results.length, second.cursor]).toEqual([2, true, 1, null])
  expect((await read(tenant, '?actor=nobody')).results).toEqual([])
  for (const query of ['?kind=every', '?limit=0', '?limit=1001', '?cursor=x', '?actor='])
    expect((await tenant.ask(`/audit${query}`)).status).toBe(400)
})

test('only full authority reads it, and a refused key is not in it', async () => {
  const tenant = new KeyedTenant()
  const { key } = await tenant.make('/ApiKey', { name: 'CI', scopes: 'read' })
  expect((await tenant.ask('/audit', { key })).status).toBe(403)
  const wrong = `hly_sk_${'7'.repeat(43)}`
  expect((await tenant.ask('/Deal', { key: wrong })).status).toBe(401)
  expect((await tenant.ask('/Deal', { headers: { 'x-api-key': 'hly_sk_mine' } })).status).toBe(401)
  await vi.waitFor(async () => {
    const { results } = await read(tenant, '?kind=unauthorized')
    expect(new Set(results.map(({ about }) => about))).toEqual(new Set(['a malformed key', 'an unknown key']))
  })
  const text = JSON.stringify(await read(tenant))
  for (const secret of [key.slice(7), wrong.slice(7), 'mine']) expect(text).not.toContain(secret)
  const events = await tenant.events()
  expect(events.map(({ type }) => type)).not.toContain('Audit.Created')
})

test('a tenant that does not exist has no audit log, and refusals do not begin it', async () => {
  const tenant = new KeyedTenant()
  expect((await tenant.ask('/Deal', { key: `hly_sk_${'7'.repeat(43)}` })).status).toBe(401)
  expect(await read(tenant)).toEqual({ results: [], hasMore: false, cursor: null })
})
