// The rights of pages of other origins, tested with the requests of browsers on the shipped server.

import { get } from 'node:http'
import { describe, expect, test } from 'vitest'
import { useSharedServer } from './server.ts'

const { call, tenant, url } = useSharedServer()

const page = 'http://localhost:5173'
const exposed =
  'x-headlessly-bookmark, x-headlessly-source, x-headlessly-commit, x-headlessly-changed, x-headlessly-attempts, x-headlessly-tenant, x-headlessly-session, x-headlessly-session-ends, etag, location, allow, idempotent-replay, x-request-id, x-ratelimit-limit, x-ratelimit-remaining, x-ratelimit-reset, retry-after'
const pageHeaders = { 'access-control-allow-origin': page, 'access-control-expose-headers': exposed, vary: 'origin' }

/** Answers vary by other request headers too, which are not the concern of pages. */
function corsOf(headers: Headers): Record<string, string> {
  const varies = (headers.get('vary') ?? '').split(', ').includes('origin')
  const ofPages = [...headers].filter(([name]) => name.startsWith('access-control-'))
  return { ...Object.fromEntries(ofPages), ...(varies ? { vary: 'origin' } : {}) }
}

function preflight(path: string, origin: string, method = 'PATCH'): Promise<Response> {
  const asked = { 'access-control-request-method': method, 'access-control-request-headers': 'if-match,content-type' }
  return fetch(url() + path, { method: 'OPTIONS', headers: { origin, ...asked } })
}

describe('a page of this machine', () => {
  test.each([
    'http://localhost:5173',
    'http://crm.localhost:3000',
    'http://127.0.0.1:1',
    'http://[::1]:8080',
    'https://localhost',
  ])('such as %s may read answers', async (origin) => {
    const { status, headers } = await call('GET', `/~${tenant()}/Contact`, undefined, { origin })
    expect(status).toBe(200)
    expect(corsOf(headers)).toEqual({ ...pageHeaders, 'access-control-allow-origin': origin })
  })

  test('gets a preflight answer that allows writes', async () => {
    const answer = await preflight(`/~${tenant()}/Contact/contact_0123456789AB`, page)
    expect(answer.status).toBe(204)
    expect(corsOf(answer.headers)).toEqual({
      'access-control-allow-origin': page,
      'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
      'access-control-allow-headers':
        'content-type, authorization, x-api-key, idempotency-key, if-match, if-none-match, last-event-id, x-headlessly-at, x-headlessly-force, x-headlessly-bookmark',
      'access-control-max-age': '7200',
      vary: 'origin',
    })
  })

  test('can read the headers of all answers: creations, entities, 304, refusals, unknown paths, the lake', async () => {
    const t = tenant()
    const origin = { origin: page }
    const made = await call('POST', `/~${t}/Contact`, { name: 'Ada' }, origin)
    const id = String(made.body['$id'])
    const answers = [
      made,
      await call('GET', `/~${t}/Contact/${id}`, undefined, origin),
      await call('GET', `/~${t}/Contact/${id}`, undefined, origin),
      await call('GET', `/~${t}/Contact/${id}`, undefined, { ...origin, 'if-none-match': '"1"' }),
      await call('POST', `/~${t}/Contact`, { stage: 'None' }, origin),
      await call('PATCH', `/~${t}/Contact/${id}`, { name: 'Bo' }, { ...origin, 'if-match': '"9"' }),
      await call('GET', `/~${t}/nothing`, undefined, origin),
      await call('PUT', `/~${t}/events`, undefined, origin),
      await call('GET', `/~${t}/lake`, undefined, origin),
      await call('GET', '/health', undefined, origin),
      await call('DELETE', `/~${t}/Contact/${id}`, undefined, origin),
    ]
    expect(answers.map(({ status }) => status)).toEqual([201, 200, 200, 304, 422, 412, 404, 405, 200, 200, 204])
    for (const { headers } of answers) expect(corsOf(headers)).toEqual(pageHeaders)
    expect(made.headers.get('location')).toBe(`/~${t}/Contact/${id}`)
    expect(made.headers.get('x-headlessly-bookmark')).toMatch(/\.1$/)
  })

  test('receives live events', async () => {
    const t = tenant()
    await call('POST', `/~${t}/Contact`, { name: 'Ada' })
    const stop = new AbortController()
    const answer = await fetch(`${url()}/~${t}/events?after=0`, {
      headers: { origin: page, accept: 'text/event-stream' },
      signal: stop.signal,
    })
    expect(corsOf(answer.headers)).toEqual(pageHeaders)
    expect(answer.headers.get('content-type')).toContain('text/event-stream')
    expect(answer.headers.get('x-headlessly-bookmark')).toMatch(/\.0$/)
    let text = ''
    const decoder = new TextDecoder()
    for await (const chunk of answer.body ?? []) {
      text += decoder.decode(chunk, { stream: true })
      if (text.includes('Contact.Created')) break
    }
    stop.abort()
    expect(text).toContain('"name":"Ada"')
  })

  test('reads cached answers repeatedly, and other clients get no CORS headers', async () => {
    const t = tenant()
    await call('POST', `/~${t}/Contact`, { name: 'Ada' })
    await call('POST', `/~${t}/lake/flush`)
    const sources = new Set<string | null>()
    for (let round = 0; round < 6; round++) {
      const ofPage = await call('GET', `/~${t}/Contact`, undefined, { origin: page })
      expect(corsOf(ofPage.headers)).toEqual(pageHeaders)
      const { headers } = await call('GET', `/~${t}/Contact`)
      expect(corsOf(headers)).toEqual({ vary: 'origin' })
      sources.add(headers.get('x-headlessly-source'))
      await new Promise((resolve) => void setTimeout(resolve, 300))
    }
    expect(sources).toContain('cache')
  })
})

describe('a foreign page', () => {
  test.each(['https://evil.example', 'null', 'http://localhost.evil.example', 'https://evil-localhost', 'file://'])(
    'such as %s can neither read, write nor receive events',
    async (origin) => {
      const t = tenant()
      const read = await call('GET', `/~${t}/Contact`, undefined, { origin })
      expect(corsOf(read.headers)).toEqual({ vary: 'origin' })
      const asked = await preflight(`/~${t}/Contact`, origin, 'POST')
      expect(asked.status).toBe(405)
      expect(corsOf(asked.headers)).toEqual({ vary: 'origin' })
      const written = await call('POST', `/~${t}/Contact`, { name: 'Eve' }, { origin })
      expect([written.status, written.body['field']]).toEqual([403, 'Origin'])
      expect(corsOf(written.headers)).toEqual({ vary: 'origin' })
      const heard = await call('GET', `/~${t}/events`, undefined, { origin, accept: 'text/event-stream' })
      expect(heard.status).toBe(403)
      expect((await call('GET', `/~${t}/Contact`)).body).toMatchObject({ total: 0 })
    },
  )

  test('stays foreign if its host name resolves to this machine', async () => {
    const { port } = new URL(url())
    const host = `evil.example:${port}`
    const answer = await new Promise<{ status: number | undefined; allowed: unknown }>((resolve, reject) => {
      const headers = { host, origin: 'http://localhost:5173', 'access-control-request-method': 'POST' }
      const sent = get(
        { host: '127.0.0.1', port, method: 'OPTIONS', path: `/~${tenant()}/Contact`, headers },
        (got) => {
          got.resume()
          resolve({ status: got.statusCode, allowed: got.headers['access-control-allow-origin'] })
        },
      )
      sent.once('error', reject)
    })
    expect(answer).toEqual({ status: 403, allowed: undefined })
  })
})

test('OPTIONS without a preflight is refused like any unsupported method', async () => {
  const { status, body } = await call('OPTIONS', `/~${tenant()}/Contact`)
  expect([status, body['code']]).toEqual([405, 'method_not_allowed'])
})
