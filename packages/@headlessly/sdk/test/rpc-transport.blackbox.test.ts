// The transports over HTTP and over a WebSocket: the suite of all transports, and the failures of these.

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { HeadlesslyError } from '@headlessly/sdk'
import { afterEach, expect, test } from 'vitest'
import { useSharedServer } from '../../../../apps/headless.ly/test/server.ts'
import { commitFeed } from '../src/events/subscription.ts'
import { listen as listenTo } from '../src/wire/listen.ts'
import { rpcTransport } from '../src/wire/rpc-transport.ts'
import { parseSettings } from '../src/wire/settings.ts'
import type { Transport } from '../src/wire/transport.ts'
import { transportSuite } from './transport.suite.ts'

const { url, tenant } = useSharedServer()

function make(
  endpoint: string,
  options: { timeoutMs?: number; apiKey?: string; connection?: 'websocket'; liveConnection?: 'websocket' } = {},
): Transport {
  return rpcTransport(parseSettings({ tenant: tenant(), endpoint, connection: 'http', ...options }))
}

/** An address at which no server listens. It has its own IP address, so that no other test can take its port. */
const deadUrl = await new Promise<string>((resolve) => {
  const gone = createServer().listen(0, '127.0.0.77', () => {
    const { port } = gone.address() as AddressInfo
    gone.close(() => resolve(`http://127.0.0.77:${port}`))
  })
})

transportSuite('over HTTP', { make: () => make(url()), makeDead: () => make(deadUrl) })
transportSuite('over a WebSocket', {
  make: () => make(url(), { connection: 'websocket', liveConnection: 'websocket' }),
  makeDead: () => make(deadUrl, { connection: 'websocket', liveConnection: 'websocket' }),
})

const others: Server[] = []
afterEach(() => {
  for (const other of others.splice(0)) {
    other.closeAllConnections()
    other.close()
  }
})

/** Starts another HTTP server. */
async function serve(answer: Parameters<typeof createServer>[1]): Promise<string> {
  const other = createServer(answer ?? (() => {}))
  others.push(other)
  await new Promise<void>((resolve) => void other.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(other.address() as AddressInfo).port}`
}

const read = { calls: [{ kind: 'read', read: 'find', noun: 'Contact', parameters: {} }] } as const

test('a missed deadline is a network error, and so is an answer that is cut off', async () => {
  const silent = make(await serve(() => {}), { timeoutMs: 50 })
  await expect(silent.send(read)).rejects.toMatchObject({
    code: 'network_error',
    message: expect.stringContaining('within 50 ms'),
  })
  const cutting = await serve((_, response) => {
    response.writeHead(200, { 'content-length': '100', 'content-type': 'application/json' })
    response.write('{"results":')
    setTimeout(() => response.destroy(), 20)
  })
  await expect(make(cutting).send(read)).rejects.toMatchObject({ code: 'network_error' })
})

test('a silent stream is closed, and one with keep-alive messages is not', async () => {
  const listen = async (silenceAfter: number): Promise<unknown> => {
    let said = 0
    const address = await serve((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.flushHeaders()
      const timer = setInterval(() => {
        if (said++ === silenceAfter) clearInterval(timer)
        else response.write(said === 5 ? 'id: 5\ndata: {}\n\n' : ': still here\n\n')
      }, 40)
    })
    const settings = parseSettings({ tenant: tenant(), endpoint: address })
    const { signal } = new AbortController()
    for await (const heard of listenTo(settings, { feed: commitFeed('*'), after: 0, signal }, { silenceMs: 200 }))
      return heard
    return 'the end'
  }
  expect(await listen(9)).toEqual({ seq: 5, text: '{}' })
  await expect(listen(2)).rejects.toMatchObject({ code: 'network_error', message: expect.stringContaining('silent') })
})

test('a server that is not headless.ly is recognized, and a redirect is not followed', async () => {
  const page = make(await serve((_, response) => void response.end('<html>')))
  await expect(page.send(read)).rejects.toMatchObject({ code: 'unexpected_answer' })
  const failing = make(await serve((_, response) => void response.writeHead(502).end('Bad gateway')))
  await expect(failing.send(read)).rejects.toMatchObject({ code: 'unexpected_answer', status: 502 })
  const moved = make(await serve((_, response) => void response.writeHead(302, { location: url() }).end()))
  await expect(moved.send(read)).rejects.toMatchObject({ code: 'unexpected_answer', status: 302 })
})

test('malformed answers are an error, and leave no call pending', async () => {
  const answers = [
    '',
    '[]',
    '{}',
    'null',
    '[1',
    '[1]',
    '[{}]',
    '[""',
    '["{}"]',
    '["nonsense"]',
    '["", ""]',
    '{"length":1}',
  ]
  answers.push('["{\\"ok\\":true}"]', '["{\\"ok\\":true}\\n{"]')
  for (const answer of answers) {
    const odd = make(await serve((_, response) => void response.end(answer)))
    await expect(odd.send(read), answer).rejects.toMatchObject({ name: 'HeadlesslyError', code: 'unexpected_answer' })
  }
})

test('an API key is sent in its header, and is in no error message', async () => {
  const apiKey = 'hly_sk_very-secret'
  const headers: (string | undefined)[] = []
  const address = await serve((request, response) => {
    headers.push(request.headers.authorization)
    response.writeHead(500).end()
  })
  const errors = [await make(address, { apiKey }).send(read).catch(String)]
  errors.push(
    await make(deadUrl, { apiKey })
      .send(read)
      .catch((error: HeadlesslyError) => `${error.stack}${String(error.cause)}`),
  )
  expect(headers).toEqual([`Bearer ${apiKey}`])
  expect(errors.join()).not.toContain('secret')
})
