// Mail by an HTTP API, against a provider on this machine.

import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, expect, test } from 'vitest'
import type { Mail } from './compose-mail.ts'
import { MailRefused } from './mail-refused.ts'
import { sendByApi } from './send-by-api.ts'

interface Received {
  readonly headers: IncomingHttpHeaders
  readonly body: unknown
}

const received: Received[] = []
let reply: { readonly status: number; readonly text: string; readonly location?: string } = { status: 200, text: '{}' }
const provider = createServer((request, response) => {
  let text = ''
  request.setEncoding('utf8').on('data', (part: string) => (text += part))
  request.on('end', () => {
    received.push({ headers: request.headers, body: JSON.parse(text) })
    const { status, text: answer, location } = reply
    response.writeHead(status, location === undefined ? {} : { location }).end(answer)
  })
})
await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve))
afterAll(() => provider.close())
const { port } = provider.address() as AddressInfo
const url = `http://127.0.0.1:${port}/emails`

const mail: Mail = {
  from: { name: 'Acme & Söhne', address: 'hello@acme.example' },
  to: { name: 'Ada', address: 'ada@example.com' },
  id: 'evt_1',
  subject: 'Grüße\r\nBcc: eve@example.com',
  text: 'Hello',
  sentAtMs: 0,
}
const options = { url, password: 'the-password', fetch, msMax: 5_000 }

async function refusal(): Promise<MailRefused> {
  const error: unknown = await sendByApi(mail, options).catch((thrown: unknown) => thrown)
  if (error instanceof MailRefused) return error
  throw new Error('expected a refusal')
}

test('a mail is posted with its parts, a key for repetitions, and the password', async () => {
  await sendByApi(mail, options)
  expect(received).toMatchObject([
    {
      headers: { authorization: 'Bearer the-password', 'idempotency-key': 'evt_1', 'content-type': 'application/json' },
      body: {
        from: expect.stringMatching(/^=\?UTF-8\?B\?[\w+/=]+\?= <hello@acme\.example>$/),
        to: ['Ada <ada@example.com>'],
        text: 'Hello',
        headers: { 'Message-ID': '<evt_1@acme.example>' },
      },
    },
  ])
})

test('what the provider says about the mail is final, and what it says about the caller or the moment is not', async () => {
  const stages: Record<number, readonly [string, boolean]> = {}
  for (const status of [400, 422, 413, 401, 403, 404, 429, 500, 503]) {
    reply = { status, text: 'the recipient is unknown' }
    const { stage, isPermanent } = await refusal()
    stages[status] = [stage, isPermanent]
  }
  expect(stages).toEqual({
    400: ['mail', true],
    422: ['mail', true],
    413: ['mail', true],
    401: ['sign-in', false],
    403: ['sign-in', false],
    404: ['connect', false],
    429: ['connect', false],
    500: ['connect', false],
    503: ['connect', false],
  })
})

test('the password follows no redirect, and a refusal of it repeats nothing', async () => {
  const before = received.length
  reply = { status: 307, text: '', location: `http://127.0.0.1:${port}/elsewhere` }
  expect((await refusal()).isPermanent).toBe(false)
  expect(received.length).toBe(before + 1)
  reply = { status: 401, text: 'wrong: the-password' }
  expect((await refusal()).message).not.toContain('the-password')
})
