// The lake's interfaces on the server that ships.

import { cpSync, mkdirSync } from 'node:fs'
import { get } from 'node:http'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { LakeKeys } from '../src/lake/lake-keys.ts'
import type { LakePage } from '../src/lake/lake-page.ts'
import { useServer } from './server.ts'
import { signedRequest } from './sign-request.ts'

const { call, dataFolder, tenant, url } = useServer()

async function pageOf(t: string): Promise<LakePage> {
  const answer = await fetch(`${url()}/~${t}/lake`)
  expect(answer.status).toBe(200)
  expect(answer.headers.get('cache-control')).toBe('no-store')
  return (await answer.json()) as LakePage
}

async function keysOf(t: string): Promise<LakeKeys> {
  return (await pageOf(t)).s3
}

/** A table of three files, as a flush would leave it. */
function putEventsTable(t: string): void {
  const folder = join(dataFolder, 'lake', t)
  mkdirSync(folder, { recursive: true })
  cpSync(join(import.meta.dirname, 'lake-table'), join(folder, 'events'), { recursive: true })
}

async function signed(t: string, path: string, method = 'GET'): Promise<Response> {
  return fetch(signedRequest(url() + path, { keys: await keysOf(t), nowMs: Date.now(), method }))
}

test('the page shows addresses, keys and statements to paste, the same each time', async () => {
  const t = tenant()
  const page = await pageOf(t)
  expect(page).toMatchObject({
    tenant: t,
    s3: { endpoint: url(), bucket: 'lake', prefix: `${t}/` },
    iceberg: { uri: `${url()}/iceberg/${t}`, namespace: 'headlessly', table: 'events' },
  })
  expect(page.duckdb.at(-1)).toMatch(/^-- events has no files yet/)
  expect(await pageOf(t)).toEqual(page)
  expect((await keysOf(tenant())).secretAccessKey).not.toBe(page.s3.secretAccessKey)
})

test('the page of a tenant with files lists the files of the current snapshot', async () => {
  const t = 'acme' // the fixture's location contains this tenant
  putEventsTable(t)
  expect((await pageOf(t)).duckdb.at(-1)).toBe(
    "CREATE OR REPLACE VIEW events AS FROM read_parquet(['s3://lake/acme/events/data/c.parquet', 's3://lake/acme/events/data/b.parquet', 's3://lake/acme/events/data/a.parquet'], union_by_name = true);",
  )
})

test('the page is read-only and needs a valid tenant', async () => {
  expect(await call('POST', `/~${tenant()}/lake`, {})).toMatchObject({ status: 405 })
  expect(await call('GET', '/~No_Slug/lake')).toMatchObject({ status: 400, body: { code: 'invalid_tenant' } })
  expect(await call('GET', `/~${tenant()}/lake/more`)).toMatchObject({ status: 404 })
})

test('the catalog answers its configuration and namespace, and 404 for the table before the first flush', async () => {
  const base = `/iceberg/${tenant()}/v1`
  expect(await call('GET', `${base}/config`)).toMatchObject({ status: 200, body: { defaults: {}, overrides: {} } })
  expect(await call('GET', `${base}/namespaces`)).toMatchObject({ status: 200, body: { namespaces: [['headlessly']] } })
  expect(await call('GET', `${base}/namespaces/headlessly/tables`)).toMatchObject({ body: { identifiers: [] } })
  expect(await call('GET', `${base}/namespaces/headlessly/tables/events`)).toMatchObject({
    status: 404,
    body: { error: { type: 'NoSuchTableException' } },
  })
  expect(await call('DELETE', `${base}/namespaces/headlessly`)).toMatchObject({ status: 405 })
})

test('the catalog loads an existing table and returns keys that read its files', async () => {
  putEventsTable('acme')
  const { status, body } = await call('GET', '/iceberg/acme/v1/namespaces/headlessly/tables/events')
  expect(status).toBe(200)
  expect(body).toMatchObject({
    'metadata-location': 's3://lake/acme/events/metadata/v3.metadata.json',
    config: { 's3.endpoint': `${url()}/`, 's3.access-key-id': (await keysOf('acme')).accessKeyId },
  })
  const file = await signed('acme', '/lake/acme/events/metadata/v3.metadata.json')
  expect(await file.json()).toEqual(body['metadata'])
})

test('the S3 face answers objects, ranges, sizes and lists to requests signed for their tenant', async () => {
  putEventsTable('acme')
  const path = '/lake/acme/events/data/a.parquet'
  const whole = await signed('acme', path)
  const bytes = new Uint8Array(await whole.arrayBuffer())
  expect(new TextDecoder().decode(bytes.subarray(0, 4))).toBe('PAR1')
  const head = await signed('acme', path, 'HEAD')
  expect([head.status, Number(head.headers.get('content-length'))]).toEqual([200, bytes.length])
  const list = await signed('acme', '/lake?list-type=2&prefix=acme/events/data/')
  expect((await list.text()).match(/<Key>/g)).toHaveLength(3)
  expect((await signed('acme', '/lake/other/x')).status).toBe(403)
})

test('the S3 face refuses unsigned requests, wrong signatures and writes', async () => {
  const t = tenant()
  const keys = { ...(await keysOf(t)), secretAccessKey: 'wrong' }
  const refused = await fetch(signedRequest(`${url()}/lake?list-type=2&prefix=${t}/`, { keys, nowMs: Date.now() }))
  expect([refused.status, await refused.text()]).toEqual([
    403,
    expect.stringContaining('<Code>SignatureDoesNotMatch</Code>'),
  ])
  expect((await fetch(`${url()}/lake`)).status).toBe(403)
  expect((await fetch(`${url()}/lake/${t}/x`, { method: 'PUT', body: 'x' })).status).toBe(405)
})

test.each(['/lake', '/lake/x', '/iceberg/acme/v1/config', '/~acme/lake'])(
  '%s is refused under a foreign host name that points here',
  async (path) => {
    const { port } = new URL(url())
    const status = await new Promise((resolve, reject) => {
      get({ host: '127.0.0.1', port, path, headers: { host: 'evil.example' } }, (answer) => {
        answer.resume()
        resolve(answer.statusCode)
      }).once('error', reject)
    })
    expect(status).toBe(403)
  },
)
