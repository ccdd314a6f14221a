// Pages of hosts that the operator allows by name.

import { expect, test } from 'vitest'
import { withCrossOrigin } from './cross-origin.ts'
import type { Env } from './env.ts'

test('a page of a host that is allowed may read answers, at any port, and of no other', async () => {
  const env = { ALLOWED_HOSTS: 'app.example,www.example' } as Env
  const fetch = withCrossOrigin(() => new Response('hello', { headers: { etag: '"1"' } }))
  const allowed = async (origin: string): Promise<string | null> => {
    const request = new Request('http://app.example/~acme/Contact', { headers: { origin } })
    const answer = await fetch(request, env, {} as ExecutionContext)
    expect([await answer.text(), answer.headers.get('etag')]).toEqual(['hello', '"1"'])
    return answer.headers.get('access-control-allow-origin')
  }
  for (const origin of ['https://www.example', 'http://app.example:5173', 'http://localhost:1'])
    expect(await allowed(origin)).toBe(origin)
  for (const origin of ['https://example', 'https://sub.app.example', 'https://www.example.evil'])
    expect(await allowed(origin)).toBeNull()
})
