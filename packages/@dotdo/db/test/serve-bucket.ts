// Serves a bucket in memory over HTTP, for tests and soaks that lose everything else.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { bucketServer } from './bucket-server.ts'

export const bucketKeys = { accessKeyId: 'key', secretAccessKey: 'secret', region: 'us-east-1' } as const

export interface ServedBucket {
  /** The value of the binding `LAKE_BUCKET`. */
  readonly lakeBucket: string
  stop(): void
}

export async function serveBucket(): Promise<ServedBucket> {
  const answer = bucketServer(bucketKeys)
  const reply = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const headers = new Headers()
    for (const [name, value] of Object.entries(request.headers)) headers.set(name, String(value))
    const { method = 'GET', url = '/' } = request
    const body = method === 'PUT' ? { body: Buffer.concat(chunks) } : {}
    const answered = await answer(new Request(`http://${request.headers.host}${url}`, { method, headers, ...body }))
    const bytes = Buffer.from(await answered.arrayBuffer())
    const length = method === 'HEAD' ? {} : { 'content-length': bytes.length }
    response.writeHead(answered.status, { ...Object.fromEntries(answered.headers), ...length }).end(bytes)
  }
  const server = createServer((request, response) => void reply(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const place = { endpoint: `http://127.0.0.1:${port}`, bucket: 'lake', prefix: 'all/' }
  return {
    lakeBucket: JSON.stringify({ ...place, ...bucketKeys }),
    stop: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
