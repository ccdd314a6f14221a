// The secret store: what is listed, who may use it, how it is encrypted, and how its key is rotated.

import { parseSecretKeys, SecretStore, secretsTable } from '@dotdo/do'
import { env, runInDurableObject } from 'cloudflare:test'
import { expect, test } from 'vitest'
import { KeyedTenant } from '../../test/keyed-tenant.ts'

const value = 'correct horse battery staple'
const one = `1:${'A'.repeat(43)}`
const two = `2:${'B'.repeat(42)}A`

test('a secret is set, listed and removed, and no answer has its value', async () => {
  const tenant = new KeyedTenant()
  const set = await tenant.send('PUT', '/secrets/mail-password', { value })
  expect(set.status).toBe(200)
  const texts = [await set.text()]
  const paths = ['/secrets', '/audit', '/events?limit=1000', '/status', '', '/commits/1', '/jobs', '/settings']
  for (const path of paths) texts.push(await (await tenant.ask(path)).text())
  expect(texts.join()).not.toContain('horse')
  expect(JSON.parse(texts[1] ?? '')).toMatchObject({
    results: [{ name: 'mail-password', setBy: 'owner', isReadable: true }],
  })
  expect((await tenant.ask('/secrets/mail-password', { method: 'DELETE' })).status).toBe(204)
  expect((await tenant.ask('/secrets/mail-password', { method: 'DELETE' })).status).toBe(404)
  const audit = await (await tenant.ask('/audit?kind=secret_changed')).json<{ results: readonly object[] }>()
  expect(audit.results).toMatchObject([
    { about: 'secrets.delete', target: 'mail-password' },
    { about: 'secrets.put', target: 'mail-password' },
  ])
  expect(await tenant.events()).toEqual([])
})

test('only full authority lists, sets and removes secrets', async () => {
  const tenant = new KeyedTenant()
  const { key } = await tenant.make('/ApiKey', { name: 'CI', scopes: 'read,write' })
  const asked = [
    tenant.ask('/secrets', { key }),
    tenant.send('PUT', '/secrets/a', { value }, key),
    tenant.ask('/secrets/a', { method: 'DELETE', key }),
  ]
  for (const response of asked) expect((await response).status).toBe(403)
})

test.each([
  ['/secrets/UPPER', JSON.stringify({ value })],
  [`/secrets/${'a'.repeat(64)}`, JSON.stringify({ value })],
  ['/secrets/a', `{"value": horse battery`],
  ['/secrets/a', '"horse"'],
  ['/secrets/a', JSON.stringify({ value: ['horse'] })],
  ['/secrets/a', JSON.stringify({ value: '', horse: 1 })],
  ['/secrets/a', JSON.stringify({ value, other: 1 })],
  ['/secrets/a?dryRun=true', JSON.stringify({ value })],
])('%s with %s is refused, stores nothing, and does not repeat the body', async (path, body) => {
  const tenant = new KeyedTenant()
  const headers = { 'content-type': 'application/json' }
  const response = await tenant.ask(path, { method: 'PUT', headers, body })
  expect([400, 422]).toContain(response.status)
  expect(await response.text()).not.toContain('horse')
  expect(await (await tenant.ask('/secrets')).json()).toEqual({ results: [] })
})

test('no batch, plan or idempotency key stores a secret', async () => {
  const tenant = new KeyedTenant()
  const operations = [{ method: 'PUT', path: '/secrets/a', body: { value } }]
  expect((await tenant.post('/batch', { operations })).status).toBe(400)
  const tried = await (await tenant.post('/batch?dryRun=true', { operations })).json<{ plan: unknown }>()
  expect(tried.plan).toBeNull()
  expect(JSON.stringify(tried)).not.toContain('horse')
  const headers = { 'content-type': 'application/json', 'idempotency-key': 'one' }
  const keyed = await tenant.ask('/secrets/a', { method: 'PUT', headers, body: JSON.stringify({ value }) })
  expect(keyed.status).toBe(400)
})

const inStore = <Result>(work: (open: (keys: string | undefined) => SecretStore, sql: SqlStorage) => Promise<Result>) =>
  runInDurableObject(env.TENANTS.get(env.TENANTS.newUniqueId()), (_, { storage: { sql } }) => {
    sql.exec(secretsTable)
    const open = (keys: string | undefined): SecretStore =>
      new SecretStore({ sql, keys: parseSecretKeys(keys), now: () => 1, tenant: () => 'acme' })
    return work(open, sql)
  })

test('a database without its key says nothing, and another tenant cannot read a copied row', () =>
  inStore(async (open, sql) => {
    await open(one).set('a', { value, actor: 'owner' })
    const rows = sql.exec('SELECT * FROM secrets').toArray()
    const bytes = rows.flatMap((row) => [...new Uint8Array(row['value'] as ArrayBuffer)])
    expect(String.fromCharCode(...bytes)).not.toContain('horse')
    expect(await open(one).read('a')).toBe(value)
    expect(await open(undefined).read('a')).toBeUndefined()
    expect(await open(two).read('a')).toBeUndefined()
    expect(open(two).list()).toMatchObject([{ isReadable: false }])
    expect(await open(`1:${'C'.repeat(42)}A`).read('a')).toBeUndefined()
    sql.exec("UPDATE secrets SET name = 'b'")
    expect(await open(one).read('b')).toBeUndefined()
  }))

test('the rotation encrypts everything by the newest key, in steps, and then needs the old one no more', () =>
  inStore(async (open) => {
    const names = Array.from({ length: 45 }, (_, nth) => `secret-${nth}`)
    for (const name of names) await open(one).set(name, { value: `${value} ${name}`, actor: 'owner' })
    const both = open(`${one},${two}`)
    let steps = 0
    while (both.isStale) {
      await both.rotate()
      steps++
    }
    expect(steps).toBe(3)
    expect(new Set(both.list().map(({ key }) => key))).toEqual(new Set([2]))
    for (const name of names) expect(await open(two).read(name)).toBe(`${value} ${name}`)
  }))

test('a secret that is set while it is encrypted again keeps its new value', () =>
  inStore(async (open) => {
    await open(one).set('a', { value, actor: 'owner' })
    const both = open(`${one},${two}`)
    const rotating = both.rotate()
    await both.set('a', { value: 'new', actor: 'owner' })
    await rotating
    expect(await open(two).read('a')).toBe('new')
  }))

const key = `1:${'A'.repeat(43)}`
test.each([['1'], ['1:short'], [`0:${'A'.repeat(43)}`], [`${key},${key}`], [`x${key}`], [`1:${'A'.repeat(42)}!`]])(
  'keys as %s are refused, without a part of a key',
  (text) => {
    expect(() => parseSecretKeys(text)).toThrow(/^SECRETS_KEYS expects/)
    expect(() => parseSecretKeys(text)).not.toThrow(/AAA/)
  },
)
