import { type ByteRange, MemoryObjectStore } from '@dotdo/db'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { presignedUrl, signedRequest, type SignOptions } from '../../test/sign-request.ts'
import { lakeKeysOf } from './lake-keys.ts'
import { s3Response } from './s3-face.ts'

const nowMs = Date.UTC(2026, 10, 24, 12)
const serverSecret = 'a secret'
const origin = 'http://127.0.0.1:8787'
const mayRead = (): Promise<boolean> => Promise.resolve(true)
const keys = await lakeKeysOf({ serverSecret, tenant: 'acme' })
const foreignKeys = await lakeKeysOf({ serverSecret, tenant: 'acme-2' })

let store: MemoryObjectStore
beforeEach(async () => {
  vi.setSystemTime(Date.UTC(2026, 0, 1))
  store = new MemoryObjectStore()
  await put('acme/x.csv', '0123456789')
  await put('acme/empty.csv', '')
  await put('acme-2/x.csv', 'of another tenant')
})

afterEach(() => void vi.useRealTimers())

async function put(key: string, text: string): Promise<void> {
  await store.put(key, new TextEncoder().encode(text), { ifAbsent: false })
}

function serve(request: Request): Promise<Response> {
  return s3Response(request, { store, bucket: 'lake', serverSecret, nowMs, mayRead })
}

function call(path: string, options: Partial<SignOptions> = {}): Promise<Response> {
  return serve(signedRequest(origin + path, { keys, nowMs, ...options }))
}

async function codeOf(response: Response): Promise<string> {
  return `${response.status} ${/<Code>(.*)<\/Code>/.exec(await response.text())?.[1]}`
}

describe('an object', () => {
  test('is returned whole, with the headers that clients need', async () => {
    const response = await call('/lake/acme/x.csv')
    expect(response.status).toBe(200)
    expect(await response.text()).toBe('0123456789')
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-length': '10',
      'accept-ranges': 'bytes',
      'last-modified': 'Thu, 01 Jan 2026 00:00:00 GMT',
      etag: expect.stringMatching(/^"[^"]+"$/),
    })
    const head = await call('/lake/acme/x.csv', { method: 'HEAD' })
    expect(head.status).toBe(200)
    expect(head.body).toBeNull()
    expect(Object.fromEntries(head.headers)).toEqual(Object.fromEntries(response.headers))
  })

  test.each(['acme/contact/metadata/version-hint.text', 'acme/current/contact.parquet'])(
    '%s that is replaced by as many bytes is another one, and newer',
    async (key) => {
      await put(key, '141')
      const before = (await call(`/lake/${key}`, { method: 'HEAD' })).headers
      vi.setSystemTime(Date.UTC(2026, 0, 1, 0, 0, 5))
      await put(key, '143')
      const after = (await call(`/lake/${key}`, { method: 'HEAD' })).headers
      expect(after.get('etag')).not.toBe(before.get('etag'))
      expect([before.get('last-modified'), after.get('last-modified')]).toEqual([
        'Thu, 01 Jan 2026 00:00:00 GMT',
        'Thu, 01 Jan 2026 00:00:05 GMT',
      ])
      const listed = await (await call('/lake?list-type=2&prefix=acme%2F')).text()
      expect(elementsOf(listed, 'LastModified')).toContain('2026-01-01T00:00:05.000Z')
    },
  )

  test.each([
    ['bytes=0-3', '0123', 'bytes 0-3/10'],
    ['bytes=8-', '89', 'bytes 8-9/10'],
    ['bytes=-8', '23456789', 'bytes 2-9/10'],
    ['bytes=-80', '0123456789', 'bytes 0-9/10'],
    ['bytes=9-99', '9', 'bytes 9-9/10'],
  ])('is returned in the range %s', async (range, text, contentRange) => {
    const response = await call('/lake/acme/x.csv', { headers: { range } })
    expect(response.status).toBe(206)
    expect(await response.text()).toBe(text)
    expect(response.headers.get('content-range')).toBe(contentRange)
    expect(response.headers.get('content-length')).toBe(String(text.length))
    const head = await call('/lake/acme/x.csv', { method: 'HEAD', headers: { range } })
    expect([head.status, head.headers.get('content-length')]).toEqual([206, String(text.length)])
  })

  test.each(['bytes=10-', 'bytes=-0', 'bytes=99-100'])('refuses the unsatisfiable range %s', async (range) => {
    const response = await call('/lake/acme/x.csv', { headers: { range } })
    expect(response.headers.get('content-range')).toBe('bytes */10')
    expect(await codeOf(response)).toBe('416 InvalidRange')
  })

  test.each(['bytes=0-1,3-4', 'bytes=5-2', 'rows=0-1', 'bytes=-'])(
    'is returned whole for a header that is not a single range: %s',
    async (range) => {
      const response = await call('/lake/acme/x.csv', { headers: { range } })
      expect([response.status, await response.text()]).toEqual([200, '0123456789'])
    },
  )

  test('may be empty', async () => {
    const response = await call('/lake/acme/empty.csv')
    expect([response.status, await response.text()]).toEqual([200, ''])
    expect((await call('/lake/acme/empty.csv', { headers: { range: 'bytes=0-' } })).status).toBe(416)
  })

  test("that is large is read from the store in pieces, at the client's pace", async () => {
    const bytes = Uint8Array.from({ length: 10 * 2 ** 20 + 7 }, (_, at) => at % 251)
    await store.put('acme/large.bin', bytes, { ifAbsent: true })
    const ranges: (ByteRange | undefined)[] = []
    const counted = {
      get: (key: string, range?: ByteRange) => {
        ranges.push(range)
        return store.get(key, range)
      },
      stat: (key: string) => store.stat(key),
      list: (options: Parameters<typeof store.list>[0]) => store.list(options),
    }
    const request = signedRequest(`${origin}/lake/acme/large.bin`, { keys, nowMs, headers: { range: 'bytes=3-' } })
    const response = await s3Response(request, { store: counted, bucket: 'lake', serverSecret, nowMs, mayRead })
    expect(ranges.length).toBeLessThanOrEqual(1)
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(bytes.subarray(3))
    expect(ranges.map((range) => (range === undefined ? undefined : range.end - range.start))).toEqual([
      4 * 2 ** 20,
      4 * 2 ** 20,
      2 * 2 ** 20 + 4,
    ])
  })

  test('whose bytes are replaced gets another etag, even with the same size', async () => {
    const tags: (string | null)[] = []
    for (const text of ['1', '2', '2']) {
      await put('acme/events/metadata/version-hint.text', text)
      const response = await call('/lake/acme/events/metadata/version-hint.text')
      expect(await response.text()).toBe(text)
      tags.push(response.headers.get('etag'))
    }
    expect(tags[0]).not.toBe(tags[1])
    expect(tags[1]).toBe(tags[2])
  })

  test.each([
    '/lake/acme/none.csv',
    '/lake/acme/',
    '/lake/acme//x.csv',
    '/lake/acme/x%00.csv',
    '/lake/acme%2F..%2Facme-2/x.csv',
  ])('that does not exist is a NoSuchKey: %s', async (path) => {
    expect(await codeOf(await call(path))).toBe('404 NoSuchKey')
  })

  test('is also returned for a presigned URL', async () => {
    const url = presignedUrl(`${origin}/lake/acme/x.csv`, { keys, nowMs, expiresSeconds: 60 })
    expect(await (await serve(new Request(url))).text()).toBe('0123456789')
    expect(await codeOf(await serve(new Request(url.replace('x.csv', 'y.csv'))))).toBe('403 SignatureDoesNotMatch')
  })
})

describe('the S3 face refuses', () => {
  test.each(['PUT', 'POST', 'DELETE', 'PATCH'])('a %s', async (method) => {
    const response = await call('/lake/acme/x.csv', { method })
    expect(response.headers.get('allow')).toBe('GET, HEAD')
    expect(await codeOf(response)).toBe('405 MethodNotAllowed')
  })

  test.each([
    '/lake/acme-2/x.csv',
    '/lake/x.csv',
    '/lake//acme/x.csv',
    '/lake/acme/x.csv/../../acme-2/x.csv',
    '/lake/acme/%2e%2e/acme-2/x.csv',
    '/lake?list-type=2',
    '/lake?list-type=2&prefix=',
    '/lake?list-type=2&prefix=acme',
    '/lake?list-type=2&prefix=acme-2%2F',
    '/lake/?prefix=a&delimiter=%2F',
  ])("a tenant's key for anything outside the tenant: %s", async (path) => {
    expect(await codeOf(await call(path))).toBe('403 AccessDenied')
  })

  test('a continuation token or marker outside the tenant', async () => {
    const token = Buffer.from('acme').toString('hex')
    for (const query of [`list-type=2&continuation-token=${token}`, 'list-type=2&start-after=acme', 'marker=acme']) {
      const text = await (await call(`/lake?prefix=acme%2F&${query}`)).text()
      expect(text).toContain('<Key>acme/x.csv</Key>')
      expect(text).not.toContain('acme-2')
    }
  })

  test("another tenant's key, a wrong secret, a missing key and an old request", async () => {
    expect(await codeOf(await call('/lake/acme/x.csv', { keys: foreignKeys }))).toBe('403 AccessDenied')
    const mixed = { ...keys, secretAccessKey: foreignKeys.secretAccessKey }
    expect(await codeOf(await call('/lake/acme/x.csv', { keys: mixed }))).toBe('403 SignatureDoesNotMatch')
    expect(await codeOf(await serve(new Request(`${origin}/lake/acme/x.csv`)))).toBe('403 AccessDenied')
    const old = await call('/lake/acme/x.csv', { nowMs: nowMs - 3_600_000 })
    expect(await codeOf(old)).toBe('403 RequestTimeTooSkewed')
  })

  test('a HEAD without a body', async () => {
    const response = await call('/lake/acme-2/x.csv', { method: 'HEAD' })
    expect([response.status, response.body]).toEqual([403, null])
  })

  test('another bucket, and unsupported operations', async () => {
    expect(await codeOf(await call('/pond/acme/x.csv'))).toBe('404 NoSuchBucket')
    expect(await codeOf(await call('/lake/acme/x.csv?acl'))).toBe('501 NotImplemented')
    expect(await codeOf(await call('/lake?versioning'))).toBe('501 NotImplemented')
  })
})

describe('the bucket', () => {
  test('exists and reports its region', async () => {
    expect((await call('/lake', { method: 'HEAD' })).status).toBe(200)
    expect(await (await call('/lake?location')).text()).toMatch(/<LocationConstraint xmlns="[^"]+"><\/Location/)
  })

  test('lists keys of the prefix with their sizes', async () => {
    await put('acme/dt=1/y.csv', 'abc')
    const text = await (await call('/lake?list-type=2&prefix=acme%2F')).text()
    expect(elementsOf(text, 'Key')).toEqual(['acme/dt=1/y.csv', 'acme/empty.csv', 'acme/x.csv'])
    expect(elementsOf(text, 'Size')).toEqual(['3', '0', '10'])
    expect(elementsOf(text, 'LastModified')[0]).toBe('2026-01-01T00:00:00.000Z')
    const etag = (await call('/lake/acme/x.csv', { method: 'HEAD' })).headers.get('etag')
    expect(elementsOf(text, 'ETag')[2]).toBe(etag?.replaceAll('"', '&quot;'))
    expect(elementsOf(text, 'IsTruncated')).toEqual(['false'])
    const encoded = await (await call('/lake?list-type=2&prefix=acme%2Fdt&encoding-type=url')).text()
    expect(elementsOf(encoded, 'Key')).toEqual(['acme/dt%3D1/y.csv'])
  })

  test.each([
    ['list-type=2', 'NextContinuationToken', 'continuation-token'],
    ['', 'NextMarker', 'marker'],
  ])('lists page by page: %s', async (version, next, parameter) => {
    for (const name of ['a/1', 'a/2', 'b', 'c/1', 'c/2', 'd']) await put(`acme/t/${name}`, '')
    const walk = async (query: string, keysMax: number): Promise<string[][]> => {
      const pages: string[][] = []
      for (let position: string | undefined = ''; position !== undefined && pages.length < 10;) {
        const from: string = position === '' ? '' : `&${parameter}=${encodeURIComponent(position)}`
        const path = `/lake?${version}&prefix=acme%2Ft%2F&max-keys=${keysMax}${query}${from}`
        const text: string = await (await call(path)).text()
        pages.push([...elementsOf(text, 'Key'), ...elementsOf(text, 'Prefix').slice(1)])
        position = elementsOf(text, next)[0]
        expect(elementsOf(text, 'IsTruncated')).toEqual([String(position !== undefined)])
      }
      return pages.map((page) => page.map((key) => key.slice('acme/t/'.length)))
    }
    expect(await walk('', 4)).toEqual([
      ['a/1', 'a/2', 'b', 'c/1'],
      ['c/2', 'd'],
    ])
    expect(await walk('', 6)).toEqual([['a/1', 'a/2', 'b', 'c/1', 'c/2', 'd']])
    expect(await walk('&delimiter=%2F', 1)).toEqual([['a/'], ['b'], ['c/'], ['d']])
    expect(await walk('&delimiter=%2F', 3)).toEqual([['b', 'a/', 'c/'], ['d']])
    expect(await walk('&delimiter=%2F', 1000)).toEqual([['b', 'd', 'a/', 'c/']])
  })

  test('lists thousands of keys, a thousand per page, and groups them without missing one', async () => {
    const names = Array.from({ length: 2500 }, (_, at) => `${at % 3}/${String(at).padStart(5, '0')}`)
    for (const name of names) await put(`acme/many/${name}`, '')
    const first = await (await call('/lake?list-type=2&prefix=acme%2Fmany%2F&max-keys=5000')).text()
    expect(elementsOf(first, 'Key')).toHaveLength(1000)
    expect(elementsOf(first, 'MaxKeys')).toEqual(['1000'])
    const rolled = await (await call('/lake?list-type=2&prefix=acme%2Fmany%2F&delimiter=%2F')).text()
    expect(elementsOf(rolled, 'Prefix').slice(1)).toEqual(['acme/many/0/', 'acme/many/1/', 'acme/many/2/'])
    expect(elementsOf(rolled, 'IsTruncated')).toEqual(['false'])
  })

  test('starts after a given key', async () => {
    const text = await (await call('/lake?list-type=2&prefix=acme%2F&start-after=acme%2Fempty.csv')).text()
    expect(elementsOf(text, 'Key')).toEqual(['acme/x.csv'])
    expect(elementsOf(text, 'StartAfter')).toEqual(['acme/empty.csv'])
  })

  test('lists nothing for an impossible prefix, and returns the prefix escaped', async () => {
    const text = await (await call('/lake?list-type=2&prefix=acme%2F%3C%26%2F..%2F%00')).text()
    expect(elementsOf(text, 'Prefix')).toEqual(['acme/&lt;&amp;/../\uFFFD'])
    expect(elementsOf(text, 'KeyCount')).toEqual(['0'])
    expect(elementsOf(await (await call('/lake?list-type=2&prefix=acme%2F&max-keys=0')).text(), 'Key')).toEqual([])
  })

  test.each(['max-keys=x', 'max-keys=-1', 'continuation-token=zz'])('refuses %s', async (query) => {
    expect(await codeOf(await call(`/lake?list-type=2&prefix=acme%2F&${query}`))).toBe('400 InvalidArgument')
  })
})

function elementsOf(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map((match) => match[1] ?? '')
}
