// Events that go to a bucket, whose server checks every signature and fails in the ways in which stores do.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { S3ObjectStore } from '@dotdo/db'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ServedBucket, serveBucket } from '../../../packages/@dotdo/db/test/serve-bucket.ts'
import { makeCli } from '../../../packages/@headlessly/cli/test/cli.ts'
import { startServer } from '../src/embedded/launcher.ts'
import { useServer } from './server.ts'

type Json = Record<string, unknown>

const keys = { accessKeyId: 'KEYID', secretAccessKey: 'se+cret/key=', region: 'eu-west-1' }
const folder = mkdtempSync(join(tmpdir(), 'headlessly-bucket-'))
const cli = makeCli()
const { call, tenant, url } = useServer({
  start: (dataFolder) => startServer({ dataFolder, port: 0, outsideNetworks: ['127.0.0.1/32'] }),
})

/** `forgets` stores the object, and its answer says that it did not. */
let mode: 'refuses' | 'forgets' | 'stores' = 'stores'
/** The names of all puts, also of those that failed. */
const puts: string[] = []
let bucket: ServedBucket

beforeAll(async () => {
  bucket = await serveBucket({
    keys,
    around: async (request, store) => {
      if (request.method !== 'PUT') return store(request)
      puts.push(new URL(request.url).pathname)
      if (mode === 'refuses') return new Response(null, { status: 503 })
      const answer = await store(request)
      return mode === 'forgets' ? new Response(null, { status: 500 }) : answer
    },
  })
})

afterAll(() => {
  bucket.stop()
  rmSync(folder, { recursive: true, force: true })
})

function secretFile(text: string): string {
  const file = join(folder, 'key.txt')
  writeFileSync(file, `${text}\n`)
  return file
}

/** The objects below the webhook's folder, in the order of their names. */
async function objects(): Promise<readonly { readonly key: string; readonly text: string }[]> {
  const { endpoint } = bucket
  const store = new S3ObjectStore({ endpoint, bucket: 'archive', prefix: '', ...keys, fetch })
  const listed = await store.list({ prefix: 'events/', limit: 1_000 })
  const read = async (key: string) => ({ key, text: new TextDecoder().decode(await store.get(key)) })
  return Promise.all(listed.objects.map(({ key }) => read(key)))
}

test('a bucket that refuses or forgets gets each event once, in order and under one name, and a wrong key nothing', async () => {
  const t = `/~${tenant()}`
  Object.assign(cli.env, { HEADLESSLY_ENDPOINT: url(), HEADLESSLY_TENANT: t.slice(2) })
  const create = (secret: string) => {
    const to = `${bucket.endpoint}/archive/events?region=${keys.region}`
    return cli('webhooks', 'create', to, '--events', 'Deal.*', '--kind', 'S3', '--secret', secretFile(secret))
  }
  const made = await create(`${keys.accessKeyId}:${keys.secretAccessKey}`)
  expect(made).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/^webhook_\w+\n$/) })
  const id = made.stdout.trim()
  const errors = async (of: string): Promise<readonly unknown[]> =>
    ((await call('GET', `${t}/webhooks/${of}/deliveries`)).body['results'] as Json[]).map(({ error }) => error)
  const retry = async (): Promise<void> => {
    for (const verb of ['disable', 'enable']) await call('POST', `${t}/Webhook/${id}/${verb}`, {})
  }

  mode = 'refuses'
  const deals = ['Engine', 'Über & “quoted”'].map(
    async (name) => (await call('POST', `${t}/Deal`, { name, value: 0 })).body,
  )
  const [first = {}, second = {}] = await Promise.all(deals)
  for (const value of [1, 2]) await call('PATCH', `${t}/Deal/${String(first['$id'])}`, { value })
  await expect.poll(() => errors(id), { timeout: 10_000 }).toEqual(['it answered 503', 'it answered 503'])
  expect(await objects()).toEqual([])

  mode = 'forgets'
  await retry()
  await expect
    .poll(async () => (await errors(id)).slice(2), { timeout: 10_000 })
    .toEqual(['it answered 500', 'it answered 500'])
  expect(await objects()).toHaveLength(2)

  mode = 'stores'
  await retry()
  await expect.poll(objects, { timeout: 10_000 }).toHaveLength(4)
  const wrong = (await create(`${keys.accessKeyId}:another-secret`)).stdout.trim()
  await call('PATCH', `${t}/Deal/${String(second['$id'])}`, { value: 3 })
  await expect.poll(() => errors(wrong), { timeout: 10_000 }).toEqual(['it answered 403'])
  await expect.poll(objects, { timeout: 10_000 }).toHaveLength(5)
  await call('POST', `${t}/webhooks/${id}/replay`, { from: 1, through: 1_000 })
  await expect.poll(async () => (await errors(id)).length, { timeout: 10_000 }).toBe(4 + 5 + 5)

  const log = ((await call('GET', `${t}/events?type=Deal.*&limit=100`)).body['results'] as Json[]).toSorted(
    (a, b) => Number(a['seq']) - Number(b['seq']),
  )
  const stored = await objects()
  for (const [at, { key, text }] of stored.entries()) {
    expect(text).toMatch(/^[^\n]+\n$/)
    const { id: event, seq, type, version, data } = log[at] ?? {}
    expect(JSON.parse(text)).toMatchObject({ id: event, seq, type, version, data, tenant: t.slice(2) })
    expect(key).toMatch(/^events\/\d{4}\/\d\d\/\d\d\/\d{12}-evt_\w+\.ndjson$/)
    expect(key).toContain(`${String(seq).padStart(12, '0')}-${String(event)}`)
  }
  expect(stored).toHaveLength(log.length)
  expect(new Set(puts)).toEqual(new Set(stored.map(({ key }) => `/archive/${key}`)))
  const ofFirst = log.filter(({ target }) => target === first['$id']).map(({ id: event }) => String(event))
  const lastPuts = ofFirst.map((event) => puts.findLastIndex((name) => name.includes(event)))
  expect(lastPuts).toEqual(lastPuts.toSorted((a, b) => a - b))
})
