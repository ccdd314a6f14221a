import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isPublicHost } from './public-address.ts'
import { outsideOf, type OutsideRequest, type OutsideRules, sendBy } from './send-outside.ts'

const received: { readonly method: string; readonly path: string; readonly headers: object; readonly body: string }[] =
  []
const server = createServer((request, response) => {
  let body = ''
  request.on('data', (chunk: Buffer) => (body += chunk.toString()))
  request.on('end', () => {
    const { method = '', url: path = '', headers } = request
    received.push({ method, path, headers, body })
    reply(request, response)
  })
})
let port = 0
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  port = typeof address === 'object' && address !== null ? address.port : 0
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

function reply({ url = '/' }: IncomingMessage, response: ServerResponse): void {
  const [, what, to] = /^\/(\w+)(?:\/(.*))?$/.exec(url) ?? []
  switch (what) {
    case 'go':
      response.writeHead(302, { location: decodeURIComponent(to ?? '') }).end()
      return
    case 'same':
      response.writeHead(307, { location: decodeURIComponent(to ?? '') }).end()
      return
    case 'endless': {
      response.writeHead(200)
      const timer = setInterval(() => response.write('x'.repeat(1_000)), 5)
      response.on('close', () => clearInterval(timer))
      return
    }
    case 'silent':
      return
    default:
      response.writeHead(200, { 'x-is': 'here' }).end('hello')
  }
}

const send = sendBy({ fetch })
const at = (host: string, path: string): string => `http://${host}:${port}${path}`

function sendTo(url: string, change: Partial<OutsideRules> & Partial<OutsideRequest> = {}) {
  const { method = 'GET', headers, body, ...rules } = change
  const request = {
    method,
    url,
    ...(headers === undefined ? {} : { headers }),
    ...(body === undefined ? {} : { body }),
  }
  return send(request, { fault: () => undefined, redirectsMax: 2, msMax: 5_000, bodyBytesMax: 10_000, ...rules })
}

test('an answer comes with its status, headers and body', async () => {
  const answer = await sendTo(at('127.0.0.1', '/x'), { method: 'POST', body: 'sent', headers: { 'x-a': 'b' } })
  expect(answer).toMatchObject({ kind: 'answered', status: 200, isCut: false, url: at('127.0.0.1', '/x') })
  if (answer.kind !== 'answered') throw new Error(answer.reason)
  expect(new TextDecoder().decode(answer.body)).toBe('hello')
  expect(answer.headers.get('x-is')).toBe('here')
  expect(received.at(-1)).toMatchObject({ method: 'POST', path: '/x', body: 'sent', headers: { 'x-a': 'b' } })
})

test('nothing is sent to what the rules refuse: schemes, users, headers of the connection', async () => {
  const before = received.length
  for (const [url, change] of [
    ['ftp://example.com/', {}],
    ['nothing', {}],
    [at('me:pw@127.0.0.1', '/'), {}],
    [at('127.0.0.1', '/'), { headers: { Host: 'other.example' } }],
    [at('127.0.0.1', '/'), { headers: { 'CF-Connecting-IP': '1.2.3.4' } }],
    [at('127.0.0.1', '/'), { fault: () => 'no' }],
  ] as const)
    expect(await sendTo(url, change), url).toMatchObject({ kind: 'refused' })
  expect(received.length).toBe(before)
})

test('a redirect is allowed like a URL of its own, and loses headers and body on the way to another origin', async () => {
  const fault = ({ hostname }: URL): string | undefined => (hostname === '127.0.0.1' ? undefined : 'not allowed')
  const elsewhere = at('localhost', '/there')
  const path = `/go/${encodeURIComponent(elsewhere)}`
  const before = received.length
  expect(await sendTo(at('127.0.0.1', path), { fault })).toEqual({ kind: 'refused', reason: 'a redirect: not allowed' })
  expect(received.length).toBe(before + 1)
  const headers = { authorization: 'secret', 'x-key': 'secret', accept: 'text/plain' }
  const moved = await sendTo(at('127.0.0.1', path), { method: 'POST', body: 'given', headers })
  expect(moved).toMatchObject({ kind: 'answered', url: elsewhere })
  expect(received.at(-1)).toMatchObject({ method: 'GET', body: '', headers: { accept: 'text/plain' } })
  expect(JSON.stringify(received.at(-1))).not.toContain('secret')
  await sendTo(at('127.0.0.1', '/same/%2Fthere'), { method: 'POST', body: 'given', headers })
  expect(received.at(-1)).toMatchObject({ method: 'POST', path: '/there', body: 'given', headers })
})

test('redirects end, and with none allowed the redirect is the answer', async () => {
  const path = '/go/%2Fgo%2F%252Fgo%252F%25252Fx'
  expect(await sendTo(at('127.0.0.1', path))).toMatchObject({
    kind: 'refused',
    reason: expect.stringContaining('more than 2'),
  })
  expect(await sendTo(at('127.0.0.1', path), { redirectsMax: 0 })).toMatchObject({ kind: 'answered', status: 302 })
})

test('answers without end are cut, and a server that says nothing is left', async () => {
  const cut = await sendTo(at('127.0.0.1', '/endless'), { bodyBytesMax: 2_500 })
  expect(cut).toMatchObject({ kind: 'answered', isCut: true })
  expect(cut.kind === 'answered' && cut.body.length).toBe(2_500)
  expect(await sendTo(at('127.0.0.1', '/endless'), { msMax: 100, bodyBytesMax: 1e9 })).toMatchObject({ isLate: true })
  expect(await sendTo(at('127.0.0.1', '/silent'), { msMax: 100 })).toMatchObject({ kind: 'failed', isLate: true })
  expect(await sendTo('http://127.0.0.1:1/')).toMatchObject({ kind: 'failed', isLate: false })
})

test('without a network of its own, the server sends to no address that is not public by its text', async () => {
  const before = received.length
  const outside = outsideOf({})
  const rules = { fault: () => undefined, redirectsMax: 0, msMax: 5_000, bodyBytesMax: 100 }
  for (const host of ['127.0.0.1', '2130706433', '0x7f.1', 'localhost', '[::ffff:127.0.0.1]'])
    expect(await outside({ method: 'GET', url: at(host, '/') }, rules), host).toMatchObject({ kind: 'failed' })
  expect(received.length).toBe(before)
})

test('addresses of special purpose are not public, in every spelling', () => {
  const hostOf = (text: string): string => new URL(`http://${text}/`).hostname
  const special = `0.0.0.0 10.1.2.3 100.64.0.1 100.127.255.255 127.0.0.1 127.1 0177.0.0.1 0x7f000001 2130706433 169.254.169.254
    172.16.0.1 172.31.255.255 192.168.0.1 192.0.0.8 192.0.2.1 198.18.0.1 198.19.255.255 198.51.100.7 203.0.113.9 224.0.0.1
    240.0.0.1 255.255.255.255 [::] [::1] [::ffff:10.0.0.1] [::127.0.0.1] [64:ff9b::7f00:1] [100::1] [fc00::1] [fd12::1]
    [fe80::1] [ff02::1] [2001::1] [2001:0:7f00:1::] [2001:db8::1] [2002:7f00:1::] [3fff:fff::] localhost a.localhost printer
    nas.local db.internal router.lan x.home.arpa localhost. LOCALHOST metadata.google.internal.`
  for (const text of special.split(/\s+/)) expect(isPublicHost(hostOf(text)), text).toBe(false)
  const open = `1.1.1.1 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.0 172.15.255.255 172.32.0.0
    192.167.255.255 192.169.0.0 198.17.255.255 198.20.0.0 223.255.255.255 example.com local.example.com internal.dev
    [2606:4700::1111] [2a00:1450::1] [2001:4860::8888] [2003::1]`
  for (const text of open.split(/\s+/)) if (text !== '[3fff:fff::]') expect(isPublicHost(hostOf(text)), text).toBe(true)
})
