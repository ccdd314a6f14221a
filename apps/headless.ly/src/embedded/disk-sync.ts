// The launcher's side of the disk, over a unix socket. workerd's disk service writes files but cannot fsync, so the
// Worker sends the keys, and the launcher fsyncs the files. It also says how much room the disk has.

import { open } from 'node:fs/promises'
import { createServer, type IncomingMessage } from 'node:http'
import { dirname, join } from 'node:path'
import type { DiskSpaceReport } from './disk-space.ts'
import { listenOnSocket } from './listen-on-socket.ts'

/** The answer to `GET /space`. */
export interface DiskReport extends DiskSpaceReport {
  /** Whether workerd has just reported a damaged database. */
  readonly isDamaged: boolean
  /** The lead of the system's clock over the time that the server goes by. */
  readonly clockOffsetMs: number
}

export interface DiskSync {
  /** Also ends open calls. */
  stop(): Promise<void>
}

const keysMax = 1_000
/** More than `keysMax` keys of maximum length need. */
const bodyBytesMax = 2 ** 20
/** Concurrent fsyncs. Each takes one of the four threads of Node's pool. */
const fsyncsMax = 8
/** The same rule as `checkKey` of @dotdo/db, which the launcher cannot import. Keys become paths here. */
const keyPattern = /^[A-Za-z0-9._=-]+(?:\/[A-Za-z0-9._=-]+)*$/
const keyLengthMax = 512

/** An error with the HTTP status to answer. */
class Refusal extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/**
 * `POST /sync` with `{ "keys": ["a/b"] }` answers 204 once these files of the lake, and the names of the folders on
 * their paths, would survive a power failure; otherwise an error message. `GET /space` answers a `DiskReport`. A socket file that already exists was left by
 * a dead launcher, since nobody else may listen on it.
 */
export async function serveDiskSync(options: {
  readonly lakeFolder: string
  readonly socketFile: string
  readonly space: () => Promise<DiskReport>
}): Promise<DiskSync> {
  const { lakeFolder, socketFile, space } = options
  // Makes the lake folder's own name durable once, so that no call has to sync above it.
  await fsyncPath(dirname(lakeFolder), 'folder')
  const server = createServer((request, response) => {
    const answer = (status: number, message = ''): void => {
      response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(message)
    }
    const fail = (error: unknown): void =>
      answer(error instanceof Refusal ? error.status : 500, error instanceof Error ? error.message : String(error))
    if (request.method === 'GET' && request.url === '/space') {
      space().then((report) => answer(200, JSON.stringify(report)), fail)
    } else {
      syncKeys(request, lakeFolder).then(() => answer(204), fail)
    }
  })
  return listenOnSocket(server, socketFile)
}

async function syncKeys(request: IncomingMessage, lakeFolder: string): Promise<void> {
  if (request.method !== 'POST' || request.url !== '/sync') {
    throw new Refusal(404, `expected POST /sync, got ${request.method} ${request.url?.slice(0, 100)}`)
  }
  const keys = parseKeys(await readBody(request))
  // Folder names only after the files in them.
  await fsyncAll([...new Set(keys)], (key) => fsyncPath(join(lakeFolder, key), 'file'))
  await fsyncAll(foldersOf(keys), (folder) => fsyncPath(join(lakeFolder, folder), 'folder'))
}

/** Checks the content-length, since aborting the body midway would close the connection without an answer. */
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
    throw new Refusal(400, 'expected { "keys": [...] } with a list of strings')
  }
  if (keys.length > keysMax) throw new Refusal(400, `expected at most ${keysMax} keys, got ${keys.length}`)
  const wrong = keys.find((key) => !isKey(key))
  if (wrong !== undefined) throw new Refusal(400, `'${wrong.slice(0, 100)}' is not an object key`)
  return keys
}

function isKey(key: string): boolean {
  return (
    key.length <= keyLengthMax && keyPattern.test(key) && !key.split('/').some((part) => part === '.' || part === '..')
  )
}

/** Returns every folder on the paths from the files up to the lake's own, which is ''. */
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

/** Also makes durable what other processes wrote: fsync covers the file, not the open handle. */
async function fsyncPath(path: string, kind: 'file' | 'folder'): Promise<void> {
  const handle = await open(path, 'r').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) {
      throw new Refusal(404, `${kind} not found: '${path}'`)
    }
    throw error
  })
  try {
    const status = await handle.stat()
    if (kind === 'file' ? !status.isFile() : !status.isDirectory()) throw new Refusal(404, `'${path}' is not a ${kind}`)
    await handle.sync()
  } finally {
    await handle.close()
  }
}
