// The launcher's side of `ObjectStore.sync` on a disk: workerd's disk service writes files but cannot fsync, so the
// Worker names the files over a unix socket, and they are fsynced here.

import { rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { createServer, type IncomingMessage } from 'node:http'
import { dirname, join } from 'node:path'

export interface DiskSync {
  /** Ends the calls that are open as well. */
  stop(): Promise<void>
}

const keysMax = 1_000
/** More than `keysMax` of the longest keys take. */
const bodyBytesMax = 2 ** 20
/** At a time: each takes a thread of Node's pool, and there are four. */
const fsyncsMax = 8
/** As `checkKey` of @dotdo/db has it, which the launcher cannot import: what comes here becomes a path. */
const keyPattern = /^[A-Za-z0-9._=-]+(?:\/[A-Za-z0-9._=-]+)*$/
const keyLengthMax = 512

/** What is answered instead of 204. */
class Refusal extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/**
 * `POST /sync` with `{ "keys": ["a/b"] }` answers 204 when these files of the lake, and the names of the folders on the
 * way to them, would survive a loss of power; otherwise a sentence. Nobody else may listen on the socket: what is there
 * was left by a launcher that died.
 */
export async function serveDiskSync(options: {
  readonly lakeFolder: string
  readonly socketFile: string
}): Promise<DiskSync> {
  const { lakeFolder, socketFile } = options
  // The folder's own name, so that no call has to look above it.
  await fsyncPath(dirname(lakeFolder), 'folder')
  const server = createServer((request, response) => {
    const answer = (status: number, message = ''): void => {
      response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(message)
    }
    syncKeys(request, lakeFolder).then(
      () => answer(204),
      (error: unknown) => {
        const status = error instanceof Refusal ? error.status : 500
        answer(status, error instanceof Error ? error.message : String(error))
      },
    )
  })
  // workerd closes a connection that is idle. A time of our own could close it under a request that is on its way.
  server.keepAliveTimeout = 0
  rmSync(socketFile, { force: true })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(socketFile, resolve)
  })
  return {
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function syncKeys(request: IncomingMessage, lakeFolder: string): Promise<void> {
  if (request.method !== 'POST' || request.url !== '/sync') {
    throw new Refusal(404, `expected POST /sync, got ${request.method} ${request.url?.slice(0, 100)}`)
  }
  const keys = parseKeys(await readBody(request))
  // The names only after what they name.
  await fsyncAll([...new Set(keys)], (key) => fsyncPath(join(lakeFolder, key), 'file'))
  await fsyncAll(foldersOf(keys), (folder) => fsyncPath(join(lakeFolder, folder), 'folder'))
}

/** Judged by the announced length: to stop reading midway would end the connection without an answer. */
async function readBody(request: IncomingMessage): Promise<string> {
  const length = Number(request.headers['content-length'] ?? Number.NaN)
  if (!(length <= bodyBytesMax)) throw new Refusal(413, `expected a content-length of at most ${bodyBytesMax}`)
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) text += String(chunk)
  return text
}

function parseKeys(text: string): readonly string[] {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw new Refusal(400, 'the body is not JSON')
  }
  const keys = typeof body === 'object' && body !== null && 'keys' in body ? body.keys : undefined
  if (!Array.isArray(keys) || !keys.every((key) => typeof key === 'string')) {
    throw new Refusal(400, 'expected { "keys": [...] }, a list of texts')
  }
  if (keys.length > keysMax) throw new Refusal(400, `expected at most ${keysMax} keys, got ${keys.length}`)
  const wrong = keys.find((key) => !isKey(key))
  if (wrong !== undefined) throw new Refusal(400, `'${wrong.slice(0, 100)}' is no key of an object`)
  return keys
}

function isKey(key: string): boolean {
  return (
    key.length <= keyLengthMax && keyPattern.test(key) && !key.split('/').some((part) => part === '.' || part === '..')
  )
}

/** Each folder from the files up to the lake's own, which is '', once. */
function foldersOf(keys: readonly string[]): readonly string[] {
  const folders = new Set<string>()
  for (const key of keys) {
    for (let end = key.lastIndexOf('/'); ; end = key.lastIndexOf('/', end - 1)) {
      folders.add(key.slice(0, Math.max(end, 0)))
      if (end < 0) break
    }
  }
  return [...folders]
}

async function fsyncAll(names: readonly string[], fsync: (name: string) => Promise<void>): Promise<void> {
  for (let start = 0; start < names.length; start += fsyncsMax) {
    await Promise.all(names.slice(start, start + fsyncsMax).map(fsync))
  }
}

/** Durable are what this process and others wrote before: fsync is of the file, not of who holds it open. */
async function fsyncPath(path: string, kind: 'file' | 'folder'): Promise<void> {
  const handle = await open(path, 'r').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) {
      throw new Refusal(404, `there is no ${kind} '${path}'`)
    }
    throw error
  })
  try {
    const status = await handle.stat()
    if (kind === 'file' ? !status.isFile() : !status.isDirectory()) throw new Refusal(404, `'${path}' is no ${kind}`)
    await handle.sync()
  } finally {
    await handle.close()
  }
}
