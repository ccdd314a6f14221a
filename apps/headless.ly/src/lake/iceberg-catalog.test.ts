import { MemoryObjectStore } from '@dotdo/db'
import { beforeEach, describe, expect, test } from 'vitest'
import { catalogResponse } from './iceberg-catalog.ts'
import { lakeKeysOf } from './lake-keys.ts'

const nowMs = Date.UTC(2026, 10, 24, 12)
const serverSecret = 'a secret'
const origin = 'http://127.0.0.1:8787'
const keys = await lakeKeysOf({ serverSecret, tenant: 'acme' })
const foreignKeys = await lakeKeysOf({ serverSecret, tenant: 'other' })

let store: MemoryObjectStore
beforeEach(async () => {
  store = new MemoryObjectStore()
  await put('version-hint.text', '2\n')
  for (const version of [1, 2]) await put(`v${version}.metadata.json`, `{"v":${version},"large":9007199254740993}`)
})

async function put(name: string, text: string): Promise<void> {
  await store.put(`acme/events/metadata/${name}`, new TextEncoder().encode(text), { ifAbsent: false })
}

const tokenSeconds = 90

interface CallOptions {
  readonly method?: string
  readonly tenant?: string
  readonly token?: string
  readonly body?: string
  readonly isOpen?: boolean
  readonly nowMs?: number
  readonly headers?: Readonly<Record<string, string>>
}

async function call(
  path: string,
  options: CallOptions = {},
): Promise<{ readonly status: number; readonly text: string; readonly body: unknown; readonly headers: Headers }> {
  const { method = 'GET', tenant = 'acme', token, body, isOpen = true } = options
  const headers = { ...(token === undefined ? {} : { authorization: `Bearer ${token}` }), ...options.headers }
  const request = new Request(`${origin}/iceberg/${tenant}/v1/${path}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body }),
  })
  const response = await catalogResponse(request, {
    store,
    bucket: 'lake',
    serverSecret,
    nowMs: options.nowMs ?? nowMs,
    tokenSeconds,
    origin,
    authorize: async () => isOpen,
    mayRead: async () => true,
  })
  const text = await response.text()
  return {
    status: response.status,
    text,
    body: text === '' ? undefined : JSON.parse(text),
    headers: response.headers,
  }
}

async function tokenOf({ accessKeyId, secretAccessKey } = keys): Promise<string> {
  const body = `grant_type=client_credentials&scope=PRINCIPAL_ROLE%3AALL&client_id=${accessKeyId}&client_secret=${secretAccessKey}`
  const answer = await call('oauth/tokens', { method: 'POST', body, isOpen: false })
  return (answer.body as { access_token: string }).access_token
}

describe('a catalog', () => {
  test('has one namespace with one table', async () => {
    expect((await call('config?warehouse=acme')).body).toMatchObject({
      defaults: {},
      overrides: { 'token-exchange-enabled': 'false' },
    })
    expect((await call('namespaces')).body).toEqual({ namespaces: [['headlessly']] })
    expect((await call('namespaces?parent=headlessly')).body).toEqual({ namespaces: [] })
    expect((await call('namespaces/headlessly')).body).toEqual({ namespace: ['headlessly'], properties: {} })
    expect((await call('namespaces/headlessly/tables')).body).toEqual({
      identifiers: [{ namespace: ['headlessly'], name: 'events' }],
    })
  })

  test("loads the table's newest metadata as stored, with the keys to its files", async () => {
    const { text, body, headers } = await call('namespaces/headlessly/tables/events?snapshots=refs')
    expect(body).toMatchObject({
      'metadata-location': 's3://lake/acme/events/metadata/v2.metadata.json',
      metadata: { v: 2 },
      config: {
        's3.endpoint': `${origin}/`,
        's3.access-key-id': keys.accessKeyId,
        's3.secret-access-key': keys.secretAccessKey,
        's3.region': 'us-east-1',
        's3.path-style-access': 'true',
      },
    })
    expect(text).toContain('"large":9007199254740993')
    expect(headers.get('cache-control')).toBe('no-store')
  })

  test('finds metadata newer than the hint, and metadata without a hint', async () => {
    await put('v3.metadata.json', '{"v":3}')
    await put('v4.metadata.json', '{"v":4}')
    await put('v6.metadata.json', '{"v":6}')
    expect((await call('namespaces/headlessly/tables/events')).body).toMatchObject({ metadata: { v: 4 } })
    await store.delete(['acme/events/metadata/version-hint.text'])
    expect((await call('namespaces/headlessly/tables/events')).body).toMatchObject({ metadata: { v: 4 } })
  })

  test('of a tenant without events has no table', async () => {
    expect((await call('namespaces/headlessly/tables', { tenant: 'other' })).body).toEqual({ identifiers: [] })
    expect(await call('namespaces/headlessly/tables/events', { tenant: 'other' })).toMatchObject({
      status: 404,
      body: { error: { type: 'NoSuchTableException', code: 404 } },
    })
  })

  test.each([
    ['namespaces/other', 'NoSuchNamespaceException'],
    ['namespaces?parent=other', 'NoSuchNamespaceException'],
    ['namespaces/other/tables', 'NoSuchNamespaceException'],
    ['namespaces/headlessly/tables/other', 'NoSuchTableException'],
    ['namespaces/other/tables/events', 'NoSuchTableException'],
    ['namespaces/headlessly/views', 'NotFoundException'],
    ['other', 'NotFoundException'],
  ])("reports a missing %s in Iceberg's error format", async (path, type) => {
    expect(await call(path)).toMatchObject({ status: 404, body: { error: { type, code: 404 } } })
  })

  test('answers a HEAD with a status only', async () => {
    const head = async (path: string): Promise<unknown> => {
      const { status, text } = await call(path, { method: 'HEAD' })
      return [status, text]
    }
    expect(await head('namespaces/headlessly')).toEqual([204, ''])
    expect(await head('namespaces/headlessly/tables/events')).toEqual([204, ''])
    expect(await head('namespaces/headlessly/tables/other')).toEqual([404, ''])
  })

  test.each([
    ['POST', 'namespaces'],
    ['POST', 'namespaces/headlessly/tables/events'],
    ['DELETE', 'namespaces/headlessly/tables/events'],
  ])('refuses writes: %s %s', async (method, path) => {
    expect(await call(path, { method })).toMatchObject({
      status: 405,
      body: { error: { type: 'UnsupportedOperationException' } },
    })
  })
})

describe('authorization of a catalog', () => {
  test('is decided by the rule for requests without one of our tokens', async () => {
    expect((await call('config')).status).toBe(200)
    expect(await call('namespaces/headlessly/tables/events', { isOpen: false })).toMatchObject({
      status: 401,
      body: { error: { type: 'NotAuthorizedException', code: 401 } },
    })
    expect((await call('config', { isOpen: false, token: 'another' })).status).toBe(401)
  })

  test("accepts a token for the tenant's keys until it expires", async () => {
    const token = await tokenOf()
    expect((await call('config', { isOpen: false, token })).status).toBe(200)
    expect((await call('config', { isOpen: false, token, nowMs: nowMs + tokenSeconds * 1000 })).status).toBe(401)
  })

  test("refuses another tenant's token, even if the rule admits everyone", async () => {
    const token = await tokenOf()
    expect((await call('config', { tenant: 'other', token })).status).toBe(401)
    expect((await call('config', { token: `${token.slice(0, -3)}AAA` })).status).toBe(401)
  })
})

describe('a token', () => {
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: keys.accessKeyId,
    client_secret: keys.secretAccessKey,
  }).toString()

  test('is issued for parameters in the body, in the query or as HTTP Basic', async () => {
    const basic = `Basic ${btoa(`${keys.accessKeyId}:${keys.secretAccessKey}`)}`
    const answers = [
      await call('oauth/tokens', { method: 'POST', body: form, isOpen: false }),
      await call(`oauth/tokens?${form}`, { method: 'POST', isOpen: false }),
      await call('oauth/tokens', {
        method: 'POST',
        body: 'grant_type=client_credentials',
        headers: { authorization: basic },
        isOpen: false,
      }),
    ]
    for (const { status, body } of answers) {
      expect(status).toBe(200)
      expect(body).toMatchObject({ token_type: 'bearer', expires_in: tokenSeconds })
    }
  })

  test("is refused for a wrong secret, for another tenant's keys and for another grant", async () => {
    const refused = async (body: string): Promise<unknown> => {
      const answer = await call('oauth/tokens', { method: 'POST', body })
      return [answer.status, (answer.body as { error: string }).error]
    }
    expect(await refused(`${form}x`)).toEqual([401, 'invalid_client'])
    const foreign = form.replace(keys.accessKeyId, foreignKeys.accessKeyId)
    expect(await refused(foreign)).toEqual([401, 'invalid_client'])
    expect(await refused(foreign.replace(keys.secretAccessKey, foreignKeys.secretAccessKey))).toEqual([
      401,
      'invalid_client',
    ])
    expect(await refused(form.replace('client_credentials', 'password'))).toEqual([400, 'unsupported_grant_type'])
    expect(await refused(`${form}&x=${'x'.repeat(10_000)}`)).toEqual([400, 'unsupported_grant_type'])
    expect((await call('oauth/tokens')).status).toBe(405)
  })
})

test('the tenant in the path must be a slug', async () => {
  expect((await call('config', { tenant: 'Acme' })).status).toBe(404)
  expect((await call('config', { tenant: 'acme%2Fevents' })).status).toBe(404)
})
