// Requests that other systems and web pages send, to the server that ships.

import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { useSharedServer } from './server.ts'

const { call, tenant, url } = useSharedServer()

type Json = Readonly<Record<string, unknown>>

async function post(
  path: string,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number; readonly body: Json; readonly text: string; readonly headers: Headers }> {
  const answer = await fetch(url() + path, { method: 'POST', body, headers })
  const text = await answer.text()
  const isJson = answer.headers.get('content-type')?.includes('json') === true
  return { status: answer.status, text, body: isJson ? (JSON.parse(text) as Json) : {}, headers: answer.headers }
}

async function events(t: string): Promise<readonly Json[]> {
  return (await call('GET', `${t}/Event?strong=true`)).body['results'] as Json[]
}

const github = (secret: string, body: string, delivery: string = crypto.randomUUID()): Record<string, string> => ({
  'content-type': 'application/json',
  'x-github-event': 'issues',
  'x-github-delivery': delivery,
  'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
})

test('a signed delivery becomes one event of strangers, and nothing else becomes any', async () => {
  const t = `/~${tenant()}`
  const made = await call('POST', `${t}/incoming`, { name: 'github', scheme: 'GitHub', secret: 'It is a secret' })
  expect([made.status, made.body['secret']]).toEqual([201, undefined])
  const path = String(made.body['url']).replace(/^.*(?=\/~)/, '')
  const body = '{"action": "opened", "issue": {"title": "Ignore all rules"}}'
  for (const isDuplicate of [false, true])
    expect(await post(path, body, github('It is a secret', body, 'first'))).toMatchObject({
      status: 200,
      body: { isDuplicate },
    })
  for (const [to, wrong, headers] of [
    [path, `${body} `, github('It is a secret', body)],
    [path, body, github('another', body)],
    [path, body, {}],
    [`${t}/incoming/incomingwebhook_xxxxxxxxxxxx`, body, github('It is a secret', body)],
    [`${t}/incoming/..%2f..`, body, github('It is a secret', body)],
    [`/~${tenant()}/incoming/${String(made.body['$id'])}`, body, github('It is a secret', body)],
  ] as const)
    expect([401, 404]).toContain((await post(to, wrong, headers)).status)
  expect((await post(path, 'x'.repeat(2 ** 20 + 1), {})).status).toBe(413)
  const broken = '{"a":'
  expect((await post(path, broken, github('It is a secret', broken))).status).toBe(400)
  const [event, ...others] = await events(t)
  expect([event, others]).toMatchObject([
    { type: 'github.issues', source: 'GitHub', data: { action: 'opened' }, $createdBy: made.body['$id'] },
    [],
  ])
  const origins = await call('GET', `${t}/Event/${String(event?.['$id'])}/origins`)
  expect(JSON.stringify(origins.body)).toContain('"origin":"webhook"')
  const id = String(made.body['$id'])
  const changed = await call('PUT', `${t}/incoming/${id}/secret`, {})
  const { secret } = changed.body
  expect(String(secret)).toMatch(/^whsec_/)
  const next = '{"action":"closed"}'
  expect((await post(path, next, github('It is a secret', next))).status).toBe(401)
  expect((await post(path, next, github(String(secret), next))).status).toBe(200)
  await call('POST', `${t}/IncomingWebhook/${id}/disable`)
  const last = '{"action":"reopened"}'
  expect((await post(path, last, github(String(secret), last))).status).toBe(401)
  await call('DELETE', `${t}/IncomingWebhook/${id}`)
  await expect
    .poll(async () => JSON.stringify((await call('GET', `${t}/secrets`)).body), { timeout: 10_000 })
    .not.toContain('incoming-')
})

test('Slack gets its challenge, and only if it has signed it', async () => {
  const t = `/~${tenant()}`
  const made = await call('POST', `${t}/incoming`, { name: 'slack', scheme: 'Slack', secret: 'slack secret' })
  const path = `${t}/incoming/${String(made.body['$id'])}`
  const body = '{"type":"url_verification","challenge":"abc<script>"}'
  const at = String(Math.floor(Date.now() / 1_000))
  const signature = createHmac('sha256', 'slack secret').update(`v0:${at}:${body}`).digest('hex')
  const headers = {
    'content-type': 'application/json',
    'x-slack-request-timestamp': at,
    'x-slack-signature': `v0=${signature}`,
  }
  expect((await post(path, body, { ...headers, 'x-slack-signature': 'v0=' })).status).toBe(401)
  const answered = await post(path, body, headers)
  expect([answered.status, answered.text, answered.headers.get('content-type')]).toEqual([
    200,
    'abc<script>',
    'text/plain; charset=utf-8',
  ])
  expect(await events(t)).toEqual([])
})

test('a page of any origin records events with a public key, each once, and with no other key', async () => {
  const t = `/~${tenant()}`
  const key = await call('POST', `${t}/ApiKey`, { name: 'shop', kind: 'Public', scopes: 'write:Event' })
  const other = await call('POST', `${t}/ApiKey`, { name: 'server', scopes: 'write' })
  const at = `${t}/ingest?key=${String(key.body['key'])}`
  const page = { origin: 'https://shop.example', 'content-type': 'text/plain;charset=UTF-8' }
  const one = { id: 'visit-0001', type: 'page', path: '/a', timestamp: 1_767_225_600_000, title: 'Shop' }
  const two = { id: 'visit-0002', type: 'track', name: 'signed_up', properties: { plan: 'pro' } }
  const batch = JSON.stringify({ events: [one, { id: 'x' }, two, { ...one, id: 'visit-0003', path: 7 }] })
  const sent = await post(at, batch, page)
  expect(sent).toMatchObject({ status: 202, body: { accepted: 2, refused: [{ index: 1 }, { index: 3 }] } })
  expect(sent.headers.get('access-control-allow-origin')).toBe('*')
  expect((await post(at, JSON.stringify({ events: [two] }), page)).status).toBe(202)
  const robot = { ...page, 'user-agent': 'Googlebot/2.1' }
  expect(await post(at, batch.replaceAll('visit', 'robot'), robot)).toMatchObject({ body: { accepted: 0 } })
  const found = (await events(t)).toSorted((a, b) => (String(a['type']) < String(b['type']) ? -1 : 1))
  expect(found).toMatchObject([
    {
      type: 'page',
      source: 'Browser',
      path: '/a',
      properties: { title: 'Shop' },
      timestamp: '2026-01-01T00:00:00.000Z',
    },
    { type: 'track', name: 'signed_up', properties: { plan: 'pro' } },
  ])
  expect(found).toHaveLength(2)
  for (const [to, body, headers] of [
    [`${t}/ingest?key=${String(other.body['key'])}`, batch, page],
    [`${t}/ingest?key=`, batch, page],
    [`${t}/ingest`, batch, page],
    [`${t}/Contact?key=${String(key.body['key'])}`, '{"name":"x"}', { ...page, 'content-type': 'application/json' }],
    [at, '{"events":[]}', page],
    [at, JSON.stringify({ events: Array.from({ length: 101 }, () => one) }), page],
    [at, 'x'.repeat(300_000), page],
    [at, batch, { ...page, 'content-encoding': 'gzip' }],
  ] as const)
    expect((await post(to, body, headers)).status).toBeGreaterThanOrEqual(400)
})
