// Pages of hosts that the operator allows by name.

import { expect, test } from 'vitest'
import { cors } from './cors.ts'

test('a page of an allowed host may read answers, at any port, and a page of another host may not', async () => {
  const env = { ALLOWED_HOSTS: 'app.example,www.example' }
  const fetch = cors<typeof env, undefined>(() => new Response('hello', { headers: { etag: '"1"' } }))
  const allowed = async (origin: string): Promise<string | null> => {
    const request = new Request('http://app.example/~acme/Contact', { headers: { origin } })
    const answer = await fetch(request, env, undefined)
    expect([await answer.text(), answer.headers.get('etag')]).toEqual(['hello', '"1"'])
    return answer.headers.get('access-control-allow-origin')
  }
  for (const origin of ['https://www.example', 'http://app.example:5173', 'http://localhost:1'])
    expect(await allowed(origin)).toBe(origin)
  for (const origin of ['https://example', 'https://sub.app.example', 'https://www.example.evil'])
    expect(await allowed(origin)).toBeNull()
})
