// The launcher's side of passwords, over a unix socket: it hashes them by scrypt (RFC 7914) on a thread of its own. A hash takes 60
// ms and more, in which the process that serves everybody would do nothing else.

import { createServer, type IncomingMessage } from 'node:http'
import { scrypt } from 'node:crypto'
import { listenOnSocket } from './listen-on-socket.ts'

export interface PasswordHashes {
  /** Also ends open calls. */
  stop(): Promise<void>
}

/** Hashes at a time: Node has four such threads, of which fsync needs some. */
const atATime = 1
/** Further requests are refused, since people do not wait longer. */
const waitingMax = 30
/** A password of 1,000 characters, which may be 18 times as long once it is normalized. */
const bodyBytesMax = 2 ** 17
/** Above what the Worker asks for. */
const memoryMax = 64 * 2 ** 20

interface HashRequest {
  readonly password: string
  /** In base64, as the answer. */
  readonly salt: string
  readonly N: number
  readonly r: number
  readonly p: number
  readonly bytes: number
}

/**
 * `POST /hash` answers 200 with the hash in base64, or 503 if too many wait. A socket file that already exists was left by a dead
 * launcher, since nobody else may listen on it.
 */
export async function servePasswordHashes(socketFile: string): Promise<PasswordHashes> {
  const hashes = new Queue()
  const server = createServer((request, response) => {
    const answer = (status: number, text = ''): void => {
      response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(text)
    }
    readRequest(request)
      .then((asked) => hashes.run(() => hash(asked)))
      .then(
        (text) => (text === undefined ? answer(503, 'too many wait') : answer(200, text)),
        // The error may contain a part of the password.
        () => answer(400, 'expected password, salt, N, r, p and bytes'),
      )
  })
  return listenOnSocket(server, socketFile)
}

class Queue {
  #running = 0
  readonly #waiting: (() => void)[] = []

  /** Resolves to undefined if too many wait. */
  async run<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
    if (this.#running >= atATime) {
      if (this.#waiting.length >= waitingMax) return undefined
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    } else this.#running++
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      // The next one takes the place of this one.
      if (next === undefined) this.#running--
      else next()
    }
  }
}

function hash({ password, salt, N, r, p, bytes }: HashRequest): Promise<string> {
  return new Promise((resolve, reject) => {
    scrypt(password, Buffer.from(salt, 'base64'), bytes, { N, r, p, maxmem: memoryMax }, (error, made) =>
      error === null ? resolve(made.toString('base64')) : reject(error),
    )
  })
}

async function readRequest(request: IncomingMessage): Promise<HashRequest> {
  const length = Number(request.headers['content-length'] ?? Number.NaN)
  if (request.method !== 'POST' || request.url !== '/hash' || !(length <= bodyBytesMax)) throw new Error('no request')
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) text += String(chunk)
  return JSON.parse(text) as HashRequest // scrypt refuses other types
}
