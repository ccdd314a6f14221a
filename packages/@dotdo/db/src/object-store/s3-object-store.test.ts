// The store in a bucket, against the server whose address is in S3_TEST_ENDPOINT, and otherwise against a small server of this test
// that checks every signature.

import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { bucketServer } from '../../test/bucket-server.ts'
import { objectStoreSuite } from './object-store.suite.ts'
import { S3ObjectStore } from './s3-object-store.ts'

const endpoint = process.env['S3_TEST_ENDPOINT']
const keys = { accessKeyId: 'key', secretAccessKey: 'secret', region: 'us-east-1' }

async function emptyStore(): Promise<S3ObjectStore> {
  const server = endpoint === undefined ? bucketServer(keys) : undefined
  const bucket = `test-${randomUUID()}`
  if (endpoint !== undefined) await fetch(`${endpoint}/${bucket}`, { method: 'PUT' })
  return new S3ObjectStore({
    endpoint: endpoint ?? 'http://bucket.test',
    bucket,
    prefix: 'some/place/',
    ...keys,
    fetch: (url, init) => (server === undefined ? fetch(url, init) : server(new Request(url, init))),
  })
}

objectStoreSuite('S3ObjectStore', emptyStore)

test('a server that accepts requests and never answers ends each call after its limit of time', async () => {
  let sent = 0
  const store = new S3ObjectStore({
    endpoint: 'http://bucket.test',
    bucket: 'slow',
    prefix: '',
    ...keys,
    answerMsMax: 20,
    fetch: (_, { signal }) => {
      sent++
      return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))
    },
  })
  await expect(store.get('a')).rejects.toThrow('timeout')
  await expect(store.put('a', new Uint8Array(1), { ifAbsent: false })).rejects.toThrow('timeout')
  expect(sent).toBe(2)
})

test('a server that repeats a page of other objects ends a listing', async () => {
  const page =
    '<ListBucketResult><IsTruncated>true</IsTruncated><Contents><Key>other</Key><Size>1</Size></Contents></ListBucketResult>'
  const store = new S3ObjectStore({
    endpoint: 'http://bucket.test',
    bucket: 'odd',
    prefix: 'own/',
    ...keys,
    fetch: () => Promise.resolve(new Response(page)),
  })
  await expect(store.list({ prefix: '', limit: 10 })).rejects.toThrow('1000 pages did not fill a listing')
})

test('a request whose server fails is sent again, and a bucket that is missing is no empty one', async () => {
  const answers = [503, 500, 404]
  let sent = 0
  const store = new S3ObjectStore({
    endpoint: 'http://bucket.test',
    bucket: 'gone',
    prefix: '',
    ...keys,
    fetch: () => {
      sent++
      const status = answers.shift() ?? 404
      return Promise.resolve(new Response('<Error><Code>NoSuchBucket</Code></Error>', { status }))
    },
  })
  await expect(store.get('a')).rejects.toThrow('the bucket does not exist')
  expect(sent).toBe(3)
  await expect(store.list({ prefix: '', limit: 10 })).rejects.toThrow("list '': 404")
})
