// After the texts of old events have left the object, reads of the past return the same answers.

import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Answer, useServer } from './server.ts'

const { call, url, server } = useServer({
  flush: { intervalMs: 3_600_000, sealedEvents: 10, keptEvents: 0, graceMs: 60_000 },
})
const t = 'archived'
const ids: string[] = []
let moment = ''
/** Requests made while the object still had everything, with their answers. */
const before = new Map<string, Answer['body']>()

async function ask(path: string): Promise<Answer['body']> {
  const { status, body } = await call('GET', `/~${t}${path}`)
  expect(status, path).toBe(200)
  return body
}

const questions = (): readonly string[] => [
  '/events?limit=1000',
  '/events?limit=7&after=5',
  '/events?type=Contact.Qualified',
  `/events?entity=${ids[1]}`,
  `/Contact/${ids[0]}/history`,
  `/Contact/${ids[0]}/diff?from=1&to=3`,
  `/Contact/${ids[2]}/diff?from=1`,
  `/Contact/${ids[0]}?asOf=${moment}`,
  `/Contact?asOf=${moment}&sort=name&limit=100`,
  `/Contact?asOf=${moment}&filter={"leadScore":{"$gte":5}}&include=organization`,
  `/Contact/count?asOf=${moment}`,
  `/Contact?sort=name&strong=true&limit=100`,
  `/Contact/${ids[5]}?strong=true`,
]

beforeAll(async () => {
  const organization = String((await call('POST', `/~${t}/Organization`, { name: 'Engines' })).body['$id'])
  for (let at = 0; at < 12; at++) {
    const fields = { name: `Ada ${at}`, leadScore: at, organization, metadata: { at } }
    ids.push(String((await call('POST', `/~${t}/Contact`, fields)).body['$id']))
  }
  await new Promise((resolve) => setTimeout(resolve, 5))
  moment = new Date().toISOString()
  await new Promise((resolve) => setTimeout(resolve, 5))
  await call('POST', `/~${t}/Contact`, { name: 'Once' }, { 'idempotency-key': 'once' })
  for (const id of ids.slice(0, 4)) {
    await call('POST', `/~${t}/Contact/${id}/qualify`)
    await call('PATCH', `/~${t}/Contact/${id}`, { title: 'Countess', leadScore: null })
  }
  await call('DELETE', `/~${t}/Contact/${ids[3]}`)
  for (const path of questions()) before.set(path, await ask(path))
  expect((await call('POST', `/~${t}/lake/flush`)).body).toMatchObject({ seq: 23 })
})

test('all events have left the object, and verify finds no fault', async () => {
  const { body } = await call('POST', `/~${t}/lake/verify`)
  expect(body).toMatchObject({ isWhole: true, events: 23, trimmedSeq: 23, faults: [] })
})

test('lists of events, histories, diffs and past states are unchanged', async () => {
  for (const [path, body] of before) expect(await ask(path), path).toEqual(body)
})

test('they are unchanged after a restart, too', async () => {
  process.kill(server().pid(), 'SIGKILL')
  await expect
    .poll(
      () =>
        call('GET', '/health').then(
          ({ status }) => status,
          () => 0,
        ),
      { timeout: 10_000 },
    )
    .toBe(200)
  for (const [path, body] of before) expect(await ask(path), path).toEqual(body)
})

test('a single event is found by its id', async () => {
  const log = before.get('/events?limit=1000')?.['results'] as { id: string; seq: number }[]
  for (const event of log.slice(0, 3)) expect(await ask(`/events/${event.id}`)).toEqual(event)
})

describe('live events from the first event', () => {
  test('arrive over a WebSocket', async () => {
    const socket = new WebSocket(`${url().replace('http', 'ws')}/~${t}/events?after=0`)
    const messages: { $type?: string; seq: number }[] = []
    await new Promise<void>((resolve, reject) => {
      socket.addEventListener('error', () => reject(new Error('the socket failed')))
      socket.addEventListener('message', (message) => {
        messages.push(JSON.parse(String(message.data)) as { seq: number })
        if (messages.length === 24) resolve()
      })
    })
    socket.close()
    expect(messages.slice(1)).toEqual(before.get('/events?limit=1000')?.['results'])
  })

  test('arrive as a stream', async () => {
    const abort = new AbortController()
    const answer = await fetch(`${url()}/~${t}/events?after=0`, {
      headers: { accept: 'text/event-stream' },
      signal: abort.signal,
    })
    let text = ''
    for await (const chunk of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += chunk
      if ((text.match(/^data: /gm)?.length ?? 0) >= 23 && text.endsWith('\n\n')) break
    }
    abort.abort()
    const events = [...text.matchAll(/^data: (.*)$/gm)].map((match) => JSON.parse(match[1] ?? '') as unknown)
    expect(events).toEqual(before.get('/events?limit=1000')?.['results'])
  })
})

test('a repeated write with a key gets its earlier answer and is not done again', async () => {
  const again = await call('POST', `/~${t}/Contact`, { name: 'Once' }, { 'idempotency-key': 'once' })
  expect([again.status, again.headers.get('idempotent-replay')]).toEqual([201, 'true'])
  expect(again.body).toMatchObject({ name: 'Once', $version: 1 })
  expect((await ask('/events?limit=1000'))['results']).toHaveLength(23)
})

test('an entity can be rolled back to a version that only the lake holds', async () => {
  const { status, body } = await call('POST', `/~${t}/Contact/${ids[0]}/rollback`, { version: 1 })
  expect([status, body['stage'], body['leadScore'], body['title']]).toEqual([200, 'Lead', 0, undefined])
})

test("the README's commands print the report, and exit with 0 if all is well", async () => {
  const program = join(import.meta.dirname, '../../../packages/@headlessly/cli/bin/headlessly.js')
  const run = async (...of: string[]): Promise<unknown> =>
    JSON.parse((await promisify(execFile)('node', [program, ...of, '--endpoint', url(), '--json'])).stdout)
  expect(await run('verify', t)).toMatchObject({ isWhole: true, faults: [] })
  expect(await run('flush', t)).toMatchObject({ seq: 24 })
  await expect(run('verify', 'nobody-here')).rejects.toThrow("the tenant 'nobody-here' was never written to")
})

test('everything can be rebuilt from the log, most of which only the lake holds', async () => {
  const rebuilt = await call('POST', `/~${t}/lake/rebuild`)
  expect([rebuilt.status, rebuilt.body['events']]).toEqual([200, 24])
  expect((await call('POST', `/~${t}/lake/verify`)).body).toMatchObject({ isWhole: true, faults: [] })
  const path = `/Contact?asOf=${moment}&sort=name&limit=100`
  expect(await ask(path)).toEqual(before.get(path))
})
