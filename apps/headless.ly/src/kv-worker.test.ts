import { expect, test } from 'vitest'
import { makeKv } from './kv-worker.ts'

/** Calls as workerd's binding does. */
function makeClient() {
  let nowMs = 1_000_000
  const kv = makeKv(() => nowMs)
  const call = (method: string, key: string, query = '', body?: BodyInit): Promise<Response> =>
    kv.fetch(
      new Request(`https://kv/${encodeURIComponent(key)}?urlencoded=true${query}`, {
        method,
        ...(body === undefined ? {} : { body }),
      }),
    )
  return {
    call,
    put: async (key: string, value: BodyInit, life = 60) =>
      (await call('PUT', key, `&expiration_ttl=${life}`, value)).status,
    get: async (key: string) => {
      const answer = await call('GET', key)
      return answer.status === 200 ? answer.text() : answer.status
    },
    pass: (ms: number) => (nowMs += ms),
  }
}

test('has what was put under a key, whatever its characters, until it is deleted or expires', async () => {
  const { call, get, pass, put } = makeClient()
  expect([await get('a/b?é'), await put('a/b?é', 'value'), await get('a/b?é'), await get('a')]).toEqual([
    404,
    200,
    'value',
    404,
  ])
  pass(59_999)
  expect(await get('a/b?é')).toBe('value')
  pass(1)
  expect(await get('a/b?é')).toBe(404)
  await put('b', '')
  expect([await get('b'), (await call('DELETE', 'b')).status, await get('b')]).toEqual(['', 200, 404])
})

test("keeps to Cloudflare's limits, and answers 501 for what it lacks", async () => {
  const { call, get, pass, put } = makeClient()
  expect([await put('k'.repeat(512), 'x'), await put('k'.repeat(513), 'x')]).toEqual([200, 414])
  expect([await put('short', 'x', 59), await get('short')]).toEqual([400, 404])
  expect(await put('large', new Uint8Array(25 * 2 ** 20 + 1))).toBe(413)
  expect([await put('twice', '1'), await put('twice', '2'), await get('twice')]).toEqual([200, 429, '1'])
  pass(1_000)
  expect([await put('twice', '2'), await get('twice')]).toEqual([200, '2'])
  expect([(await call('GET', '')).status, (await call('POST', 'bulk/get', '', '{}')).status]).toEqual([501, 501])
})

test('holds a limited number of bytes: the least recently used values go first', async () => {
  const { get, put } = makeClient()
  const value = 'x'.repeat(2 ** 20)
  for (let at = 0; at < 20; at++) {
    await put(`k${at}`, value)
    expect(await get('k0'), `after ${at}`).toBe(value)
  }
  let kept = 0
  for (let at = 0; at < 20; at++) if ((await get(`k${at}`)) === value) kept++
  expect(kept).toBeGreaterThan(4)
  expect(kept).toBeLessThanOrEqual(8)
})
