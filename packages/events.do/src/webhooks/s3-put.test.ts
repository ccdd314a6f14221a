import { createHash, createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { isBucketKey, putSigned } from './s3-put.ts'

const nowMs = Date.UTC(2026, 10, 29, 12, 0, 5)

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

test('an object is signed as the specification of Signature Version 4 says', async () => {
  const body = '{"type":"Contact.Created"}\n'
  const {
    method,
    url,
    headers = {},
  } = await putSigned({
    folder: 'https://s3.example.com/bucket/events/?region=eu-west-1',
    name: '2026/11/29/000000000041-evt_1.ndjson',
    body,
    secret: 'KEYID:se:cret/key',
    nowMs,
  })
  expect([method, url]).toEqual(['PUT', 'https://s3.example.com/bucket/events/2026/11/29/000000000041-evt_1.ndjson'])
  const [, signedNames = '', signature] =
    /SignedHeaders=([^,]+), Signature=(\w+)/.exec(headers['authorization'] ?? '') ?? []
  const values = { ...headers, host: 's3.example.com' } as Readonly<Record<string, string>>
  const canonical = [
    'PUT',
    '/bucket/events/2026/11/29/000000000041-evt_1.ndjson',
    '',
    ...signedNames.split(';').map((name) => `${name}:${values[name]}`),
    '',
    signedNames,
    headers['x-amz-content-sha256'],
  ].join('\n')
  expect([sha256(body), 'UNSIGNED-PAYLOAD']).toContain(headers['x-amz-content-sha256'])
  const scope = '20261129/eu-west-1/s3/aws4_request'
  const text = ['AWS4-HMAC-SHA256', '20261129T120005Z', scope, sha256(canonical)].join('\n')
  const key = ['20261129', 'eu-west-1', 's3', 'aws4_request'].reduce<string | Buffer>(hmac, 'AWS4se:cret/key')
  expect(signature).toBe(hmac(key, text).toString('hex'))
})

test.each(['', 'a', 'key', ':secretsecret', 'key:', 'a b:cccccccc', 'k\n:cccccccc'])(
  '%j is no key of a bucket',
  (text) => {
    expect(isBucketKey(text)).toBe(false)
  },
)
