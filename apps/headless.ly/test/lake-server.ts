// Serves the lake's two interfaces over HTTP on this machine, as a front door would, and runs ClickHouse as their
// client.

import { execFile } from 'node:child_process'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { MemoryObjectStore } from '@dotdo/db'
import { clickHousePath } from '../../../packages/@dotdo/db/test/clickhouse.ts'
import { catalogResponse } from '../src/lake/iceberg-catalog.ts'
import { s3Response } from '../src/lake/s3-face.ts'

export interface LakeServer {
  readonly url: string
  readonly store: MemoryObjectStore
  /** Request lines such as `GET /lake?list-type=2&…`, as received. */
  readonly requests: readonly string[]
  stop(): Promise<void>
}

export const serverSecret = 'a secret of the tests'
export const bucket = 'lake'

export async function startLakeServer(
  options: { readonly isOpen?: boolean; readonly nowMs?: () => number } = {},
): Promise<LakeServer> {
  const { isOpen = false, nowMs = Date.now } = options
  const store = new MemoryObjectStore()
  const requests: string[] = []
  const answer = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const origin = `http://${incoming.headers.host}`
    requests.push(`${incoming.method} ${incoming.url}`)
    const request = toRequest(incoming, origin)
    const response = incoming.url?.startsWith('/iceberg/')
      ? await catalogResponse(request, {
          store,
          bucket,
          serverSecret,
          nowMs: nowMs(),
          tokenSeconds: 3_600,
          origin,
          authorize: async () => isOpen,
          mayRead: async () => true,
        })
      : await s3Response(request, { store, bucket, serverSecret, nowMs: nowMs(), mayRead: async () => true })
    outgoing.writeHead(response.status, Object.fromEntries(response.headers))
    if (response.body === null) outgoing.end()
    else await pipeline(Readable.from(response.body), outgoing)
  }
  const server = createServer((incoming, outgoing) => {
    answer(incoming, outgoing).catch((error: unknown) => {
      outgoing.destroy()
      // The client may disconnect before it has read everything.
      const hasDisconnected = error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE'
      if (!hasDisconnected) console.error(error)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    store,
    requests,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function toRequest(incoming: IncomingMessage, origin: string): Request {
  const headers = new Headers()
  for (const [name, value] of Object.entries(incoming.headers)) headers.set(name, [value].flat().join(','))
  const hasBody = incoming.method !== 'GET' && incoming.method !== 'HEAD'
  return new Request(origin + incoming.url, {
    method: incoming.method ?? 'GET',
    headers,
    ...(hasBody ? { body: Readable.toWeb(incoming), duplex: 'half' } : {}),
  })
}

/** Puts an Iceberg table of 60 events in three commits at `s3://lake/acme/events`. Its hint is one commit behind. */
export async function putEventsTable(store: MemoryObjectStore): Promise<void> {
  const folder = join(import.meta.dirname, 'lake-table')
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (statSync(join(folder, name)).isDirectory()) continue
    await store.put(`acme/events/${name}`, readFileSync(join(folder, name)), { ifAbsent: true })
  }
}

const clickhouseProgram = `
const { Session } = require(process.argv[2])
const session = new Session()
const answers = JSON.parse(process.argv[1]).map((statement) => {
  try { return session.query(statement, 'TabSeparated').trimEnd() } catch (error) { return 'error: ' + error.message }
})
session.cleanup()
require('node:fs').writeSync(1, JSON.stringify(answers))
process.exit(0)
`

/** Returns ClickHouse's answer to each statement. It blocks its thread, so it runs in a process of its own. */
export async function clickhouse(
  statements: readonly string[],
  /** ClickHouse reads files below this folder only. */
  folder: string = import.meta.dirname,
): Promise<readonly string[]> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['-e', clickhouseProgram, JSON.stringify(statements), clickHousePath ?? 'chdb'],
    { cwd: folder, maxBuffer: 64 * 2 ** 20, timeout: 50_000 },
  )
  return JSON.parse(stdout) as readonly string[] // written by the program above
}
