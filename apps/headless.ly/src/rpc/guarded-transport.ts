// capnweb's WebSocket transport behind a guard. It lets through what a client of this server sends: calls of `send` with
// one string, requests for their results, and releases. The rest of the protocol is open to strangers: functions that we
// would call, promises that we would wait for, and maps that turn a kilobyte into hours of work. A frame may hold several
// of capnweb's messages, a line each, so that a call is one frame.

import { type RpcTransport, WebSocketTransport } from 'capnweb'
import { frameCharactersMax, frameLinesMax, parseJson } from 'digital-objects'
import type { UnreadAnswers } from './unread-answers.ts'

/** Answers that the client has not released yet; each may hold many pages. */
const heldMax = 256
/** A silent session is closed; its client opens another when it has something to say. */
const silenceMsMax = 10 * 60_000

export class GuardedTransport implements RpcTransport {
  readonly #frames: WebSocketTransport
  readonly #unread: UnreadAnswers
  #lines: string[] = []
  #held = 0

  constructor(socket: WebSocket, unread: UnreadAnswers) {
    this.#unread = unread
    this.#frames = new WebSocketTransport(socket)
    const close = (): void => socket.close(1000, 'idle')
    let silence = setTimeout(close, silenceMsMax)
    socket.addEventListener('message', () => {
      clearTimeout(silence)
      silence = setTimeout(close, silenceMsMax)
    })
    const ended = (): void => {
      clearTimeout(silence)
      unread.end()
    }
    socket.addEventListener('close', ended)
    socket.addEventListener('error', ended)
  }

  send(line: string): void {
    const [, id] = /^\["(?:resolve|reject)",(\d+),/.exec(line.slice(0, 40)) ?? []
    if (id !== undefined) this.#unread.sent(Number(id), line.length)
    this.#frames.send(line)
  }

  /** Throws for what is not let through; capnweb then tells the client why and ends the session. */
  async receive(): Promise<string> {
    if (this.#lines.length === 0) this.#lines = splitFrame(await this.#frames.receive())
    const line = this.#lines.shift() ?? ''
    const { kind, id } = parseLine(line)
    if (kind === 'release') this.#unread.released(id)
    this.#held += kind === 'push' ? 1 : kind === 'release' ? -1 : 0
    if (this.#held > heldMax) throw new Error(`a session keeps the answers to at most ${heldMax} calls`)
    return line
  }

  abort(reason: unknown): void {
    this.#frames.abort(reason)
  }
}

function splitFrame(frame: unknown): string[] {
  if (typeof frame !== 'string') throw new Error('a frame expects text')
  if (frame.length > frameCharactersMax) throw new Error(`a frame holds at most ${frameCharactersMax} characters`)
  const lines = frame.split('\n', frameLinesMax + 1)
  if (lines.length > frameLinesMax) throw new Error(`a frame holds at most ${frameLinesMax} lines`)
  return lines
}

interface Line {
  readonly kind: 'push' | 'pull' | 'release'
  /** The call whose result is requested or released. */
  readonly id: number
}

function parseLine(line: string): Line {
  const parsed = parseJson(line, () => new Error('a line expects JSON'))
  const [kind, subject, count]: readonly unknown[] = Array.isArray(parsed) ? parsed : []
  if (kind === 'push' && isSend(subject)) return { kind, id: 0 }
  // 0 is the session's own object, which stays.
  const isCall = Number.isSafeInteger(subject) && Number(subject) > 0
  if (isCall && (kind === 'pull' || (kind === 'release' && count === 1))) return { kind, id: Number(subject) }
  throw new Error('a session takes calls of send(text), and pull and release of their results')
}

/** `["pipeline", 0, ["send"], [text]]`: the method `send` of the session's own object. */
function isSend(call: unknown): boolean {
  const [kind, target, path, given]: readonly unknown[] = Array.isArray(call) ? call : []
  const isMethod = kind === 'pipeline' && target === 0 && Array.isArray(path) && path.length === 1 && path[0] === 'send'
  return isMethod && Array.isArray(given) && given.length === 1 && typeof given[0] === 'string'
}
