// Serves a bucket in memory over HTTP, for tests and soaks that lose everything else.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { bucketServer } from './bucket-server.ts'

export const bucketKeys = { accessKeyId: 'key', secretAccessKey: 'secret', region: 'us-east-1' } as const

export interface ServedBucket {
  /** The value of the binding `LAKE_BUCKET`. */
  readonly lakeBucket: string
  /** The URL of the server, without a slash at its end. */
  readonly endpoint: string
  stop(): void
}

type Store = (request: Request) => Promise<Response>

interface BucketOptions {
  readonly keys?: Readonly<Record<keyof typeof bucketKeys, string>>
  /** Answers in place of the bucket, for one that fails; by default the bucket does. */
  readonly around?: (request: Request, store: Store) => Promise<Response>
}

export async function serveBucket({ keys = bucketKeys, around }: BucketOptions = {}): Promise<ServedBucket> {
  const store = bucketServer(keys)
  const answer: Store = around === undefined ? store : (request) => around(request, store)
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
  const endpoint = `http://127.0.0.1:${port}`
  return {
    lakeBucket: JSON.stringify({ endpoint, bucket: 'lake', prefix: 'all/', ...keys }),
    endpoint,
    stop: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
