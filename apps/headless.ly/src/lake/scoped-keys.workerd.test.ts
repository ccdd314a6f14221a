// Keys to the lake that a key got: they work as long as it may read everything, for files, listings, tokens and the catalog.

import { createExecutionContext, env as testEnv } from 'cloudflare:test'
import { expect, test, vi } from 'vitest'
import { KeyedTenant } from '../../test/keyed-tenant.ts'
import { signedRequest } from '../../test/sign-request.ts'
import { makeApp } from '../app.ts'
import type { Env } from '../base/env.ts'
import { services } from '../base/services.ts'
import type { LakePage } from './lake-page.ts'

const env: Env = { ...testEnv, LAKE_SECRET: 'a secret of the server' }
const app = makeApp(services)
const ask = (request: Request): Promise<Response> => Promise.resolve(app.fetch(request, env, createExecutionContext()))

async function pageOf(tenant: KeyedTenant, key?: string, path = 'lake'): Promise<Response> {
  const headers = key === undefined ? {} : { authorization: `Bearer ${key}` }
  return ask(new Request(`http://localhost/~${tenant.name}/${path}`, { headers }))
}

function listing(tenant: KeyedTenant, { s3 }: LakePage): Promise<Response> {
  return ask(signedRequest(`http://localhost/lake?list-type=2&prefix=${tenant.name}/`, { keys: s3, nowMs: Date.now() }))
}

async function tokenOf(tenant: KeyedTenant, page: LakePage): Promise<string> {
  const response = await askToken(tenant, page)
  return (await response.json<{ access_token: string }>()).access_token
}

function askToken(tenant: KeyedTenant, { s3 }: LakePage): Promise<Response> {
  return ask(
    new Request(`http://localhost/iceberg/${tenant.name}/v1/oauth/tokens`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: `grant_type=client_credentials&client_id=${s3.accessKeyId}&client_secret=${s3.secretAccessKey}`,
    }),
  )
}

const catalog = (tenant: KeyedTenant, token: string): Promise<Response> =>
  ask(
    new Request(`http://localhost/iceberg/${tenant.name}/v1/config`, { headers: { authorization: `Bearer ${token}` } }),
  )

test('a key that may not read everything gets no files, keys, tokens or archive', async () => {
  const tenant = new KeyedTenant()
  const roles = { Viewer: { nouns: { Deal: { read: { owner: '$me' } } }, others: { read: 'all' } } }
  expect((await tenant.send('PUT', '/rules', { roles })).status).toBe(200)
  const user = await tenant.make('/User', { name: 'Eve', email: 'eve@example.com', role: 'Viewer' })
  const eves = await tenant.make('/ApiKey', { name: 'Eve', owner: user.$id })
  const reader = await tenant.make('/ApiKey', { name: 'reader', scopes: 'read' })
  for (const { key } of [eves, reader]) {
    expect((await pageOf(tenant, key)).status).toBe(403)
    expect((await pageOf(tenant, key, 'archive')).status).toBe(403)
    expect((await catalog(tenant, key)).status).toBe(401)
  }
})

test('a key of a member with full authority gets the archive', async () => {
  const tenant = new KeyedTenant()
  const { $id: user } = await tenant.make('/User', { name: 'Ada', email: 'ada@example.com', role: 'Admin' })
  const { key } = await tenant.make('/ApiKey', { name: 'Ada', owner: user })
  const answer = await pageOf(tenant, key, 'archive')
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/x-tar'])
  const bytes = Buffer.from(await answer.arrayBuffer())
  expect([bytes.includes('ada@example.com'), bytes.includes(key)]).toEqual([true, false])
})

test.each(['revoked', 'suspended'] as const)('keys to the lake end with the key that got them: %s', async (end) => {
  const tenant = new KeyedTenant()
  const { $id: user } = await tenant.make('/User', { name: 'Ada', email: 'ada@example.com', role: 'Admin' })
  const { key, $id } = await tenant.make('/ApiKey', { name: 'Ada', owner: user })
  await tenant.make('/Contact', { name: 'Bo' })
  await tenant.post('/lake/flush', {})
  const page = await (await pageOf(tenant, key)).json<LakePage>()
  const owners = await (await pageOf(tenant)).json<LakePage>()
  expect(page.s3.accessKeyId).not.toBe(owners.s3.accessKeyId)
  const token = await tokenOf(tenant, page)
  const listed = await listing(tenant, page)
  expect([listed.status, (await listed.text()).includes(`${tenant.name}/manifest.json`)]).toEqual([200, true])
  expect((await catalog(tenant, token)).status).toBe(200)
  const ended = end === 'revoked' ? tenant.post(`/ApiKey/${$id}/revoke`, {}) : tenant.post(`/User/${user}/suspend`, {})
  expect((await ended).status).toBe(200)
  await vi.waitFor(async () => expect((await listing(tenant, page)).status).toBe(403), { timeout: 2_000 })
  expect((await catalog(tenant, token)).status).toBe(401)
  const refused = await askToken(tenant, page)
  expect([refused.status, await refused.json()]).toEqual([401, expect.objectContaining({ error: 'invalid_client' })])
  expect((await askToken(tenant, owners)).status).toBe(200)
  // The keys of the machine's owner stay.
  expect((await listing(tenant, owners)).status).toBe(200)
})
