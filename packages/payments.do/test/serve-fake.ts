// Serves the stand-in for Stripe over HTTP, for servers that run as processes of their own.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { FakeStripe } from './fake-stripe.ts'

export interface ServedFake {
  readonly url: string
  readonly close: () => void
}

/** Starts an HTTP server around the stand-in, which waits before it performs a request, and again before it answers. */
export async function serveFake(
  fake: FakeStripe,
  wait: () => Promise<void> = () => Promise.resolve(),
): Promise<ServedFake> {
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (part: string) => (body += part))
    const reply = async (): Promise<void> => {
      const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]))
      await wait()
      const answer = fake.answer({ method: request.method ?? '', path: request.url ?? '', headers, body })
      await wait()
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body)
    }
    request.on('end', () => void reply())
  })
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, close: () => void server.close() }
}
