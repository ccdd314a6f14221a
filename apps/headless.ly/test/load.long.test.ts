// A server that is asked for more than it can do, in small numbers. `soak/attack` has the large ones.

import { request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { useServer } from './server.ts'

const { call, server, tenant } = useServer()

interface Reply {
  readonly status: number
  readonly retryAfter: string | undefined
  readonly body: string
}

function get(path: string): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const sent = request({ port: server().port, path, agent: false }, (answer) => {
      let body = ''
      answer.setEncoding('utf8').on('data', (text: string) => (body += text))
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, retryAfter: answer.headers['retry-after'], body }),
      )
    })
    sent.on('error', reject)
    sent.end()
  })
}

async function createContacts(t: string, count: number): Promise<void> {
  const calls = Array.from({ length: count }, (_, at) => {
    return { kind: 'write', noun: 'Contact', verb: 'create', body: JSON.stringify({ name: `Contact ${at}` }) }
  })
  for (let at = 0; at < count; at += 100) await call('POST', `/~${t}/rpc`, { calls: calls.slice(at, at + 100) })
}

test('more parallel reads than a tenant may queue get 503 with a time to try again, and nobody else notices', async () => {
  const [t, neighbour] = [tenant(), tenant()]
  // A read takes some milliseconds, so that 1,600 take far longer than they may wait.
  await createContacts(t, 5_000)
  await createContacts(neighbour, 1)
  const pid = server().pid()
  const filter = encodeURIComponent('{"name":{"$regex":"Con.*9$"}}')
  const path = `/~${t}/Contact?count=exact&limit=1&strong=true&filter=${filter}`
  let settled = 0
  const reads = Promise.all(
    Array.from({ length: 1_600 }, async () => {
      const reply = await get(path)
      settled++
      return reply
    }),
  )
  const besides = await Promise.all(
    ['/health', `/~${neighbour}/Contact`, `/~${neighbour}/Contact?strong=true`].map(async (one) => {
      const { status } = await get(one)
      return { status, isBeforeTheEnd: settled < 1_600 }
    }),
  )
  expect(besides).toEqual(besides.map(() => ({ status: 200, isBeforeTheEnd: true })))
  const replies = await reads
  const answered = replies.filter(({ status }) => status === 200)
  const refused = replies.filter(({ status }) => status === 503)
  expect(answered.length + refused.length).toBe(1_600)
  for (const { body } of answered) expect(JSON.parse(body)).toMatchObject({ total: 500, hasMore: true })
  expect(refused.length).toBeGreaterThan(0)
  for (const { body, retryAfter } of refused) {
    expect(retryAfter).toMatch(/^[1-5]$/)
    expect(JSON.parse(body)).toMatchObject({ code: 'overloaded', status: 503, retryAfterSeconds: Number(retryAfter) })
  }
  expect(await call('GET', path)).toMatchObject({ status: 200 })
  expect(server().pid()).toBe(pid)
})

test('bodies beyond the room of a tenant get 503 before they are sent, and others go on', async () => {
  const [t, neighbour] = [tenant(), tenant()]
  const contact = { name: 'Ada', metadata: { note: 'x'.repeat(900_000) } }
  const unfinished = await Promise.all(Array.from({ length: 101 }, () => startBody(`/~${t}/Contact`, 1_000_000)))
  await expect.poll(async () => (await call('POST', `/~${t}/Contact`, contact)).status, { timeout: 20_000 }).toBe(503)
  const refused = await call('POST', `/~${t}/Contact`, contact)
  expect(refused.body).toMatchObject({ code: 'overloaded', field: 'body' })
  expect(refused.headers.get('retry-after')).toBe('1')
  expect((await call('POST', `/~${t}/Contact`, { name: 'Bob' })).status).toBe(201)
  expect((await call('POST', `/~${neighbour}/Contact`, contact)).status).toBe(201)
  for (const socket of unfinished) socket.destroy()
  await expect.poll(async () => (await call('POST', `/~${t}/Contact`, contact)).status, { timeout: 20_000 }).toBe(201)
})

/** Declares a body, and sends only its beginning. */
function startBody(path: string, bytes: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port: server().port, host: '127.0.0.1' })
    socket.on('error', reject)
    const head = `POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${bytes}\r\n\r\n`
    socket.write(`${head}{"name":`, () => resolve(socket))
  })
}
