// One client's conversation with one tenant: it carries the newest bookmark along, and asks again where that is safe.

import { type Bookmark, formatBookmark, newerBookmark, parseBookmark } from './bookmark.ts'
import { HeadlesslyError } from './headlessly-error.ts'
import type { Answer, Call, Transport } from './transport.ts'

/** The last is sent some 4 s after the first: a server that was killed is there again by then. */
const attemptsMax = 5
const firstPauseMs = 100
const pauseFactor = 3
/** A server that asks for more patience than this is refused it. */
const pauseMsMax = 10_000

export interface SessionParts {
  readonly transport: Transport
  /** For messages and `$context`: `http://localhost:8787/~acme`. */
  readonly context: string
  readonly tenant: string
  readonly bookmark?: string
  readonly pause?: (ms: number) => Promise<void>
}

export class Session {
  readonly transport: Transport
  readonly context: string
  readonly tenant: string
  readonly #pause: (ms: number) => Promise<void>
  #bookmark: Bookmark | undefined
  #opening: Promise<unknown> = Promise.resolve()
  #openings = 0

  constructor(parts: SessionParts) {
    this.transport = parts.transport
    this.context = parts.context
    this.tenant = parts.tenant
    this.#pause = parts.pause ?? ((ms) => new Promise((resolve) => void setTimeout(resolve, ms)))
    if (parts.bookmark !== undefined) this.#bookmark = checkedBookmark(parts.bookmark)
  }

  /** The newest point of the log that this client knows of; undefined before its first answer. */
  get bookmark(): string | undefined {
    return this.#bookmark === undefined ? undefined : formatBookmark(this.#bookmark)
  }

  saw(bookmark: Bookmark): void {
    this.#bookmark = newerBookmark(this.#bookmark, bookmark)
  }

  #sawText(text: string | undefined): void {
    const bookmark = text === undefined ? undefined : parseBookmark(text)
    if (bookmark !== undefined) this.saw(bookmark)
  }

  /** After a `bookmark_ahead`: this client begins anew with the log as it is now. */
  forgetBookmark(): void {
    this.#bookmark = undefined
  }

  /** Writes that are called for from now on wait until this is settled. */
  holdWrites(opening: Promise<unknown>): void {
    this.#openings++
    this.#opening = Promise.allSettled([this.#opening, opening]).finally(() => void this.#openings--)
  }

  /** The answer, after as many attempts as are allowed. Throws HeadlesslyError. */
  async send(call: Call): Promise<Answer> {
    if (call.kind === 'write' && this.#openings > 0) await this.#opening
    for (let attempt = 1; ; attempt++) {
      const { bookmark } = this
      try {
        const answer = await this.transport.send(bookmark === undefined ? call : { bookmark, ...call })
        this.#sawText(answer.bookmark)
        return answer
      } catch (error) {
        // Who is told of a conflict reads what it conflicts with.
        if (error instanceof HeadlesslyError) this.#sawText(error.bookmark)
        const isOnce = call.kind === 'lake' || !(error instanceof HeadlesslyError)
        const pauseMs = isOnce ? undefined : pauseAfter(error, attempt)
        if (pauseMs === undefined) throw error
        await this.#pause(pauseMs)
        call.signal?.throwIfAborted()
      }
    }
  }
}

/** Undefined where it must not be sent again. A write may be: it has its idempotency key. */
function pauseAfter(error: HeadlesslyError, attempt: number): number | undefined {
  if (attempt >= attemptsMax) return undefined
  const { code, status, retryAfterMs } = error
  const isPassing = code === 'network_error' || (status === 503 && retryAfterMs !== undefined)
  const leastMs = retryAfterMs ?? firstPauseMs * pauseFactor ** (attempt - 1)
  // Spread, so that many clients do not come back at once.
  return isPassing && leastMs <= pauseMsMax ? leastMs * (1 + Math.random() / 2) : undefined
}

function checkedBookmark(text: string): Bookmark {
  const bookmark = parseBookmark(text)
  if (bookmark !== undefined) return bookmark
  const message = 'headlessly: bookmark expects the bookmark of another client'
  throw new HeadlesslyError({ code: 'invalid_settings', field: 'bookmark', message })
}
