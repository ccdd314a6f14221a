// One stream of server-sent events. It is pulled: the reader's pace decides when the next page of the log is read, and
// publishing only wakes a stream that waits, so a slow reader costs no memory and misses nothing.

import type { Audience } from './audience.ts'
import type { EventSource } from './event-source.ts'

/** All that a stream ever holds. */
const pageMax = 100
const heartbeatMs = 20_000
/** A page may begin in one archived file and go on in others. */
const mendedMax = 20
/** What a reader waits before it connects again. */
const retryMs = 1_000

type Controller = ReadableStreamDefaultController<Uint8Array>

export class SseStream {
  readonly body: ReadableStream<Uint8Array>
  readonly #source: EventSource
  readonly #audience: Audience
  readonly #ended: () => void
  readonly #encoder = new TextEncoder()
  #after: number
  #heartbeatAtMs = 0
  #isOpen = true
  #wake: (() => void) | undefined

  /** `ended` is called once, when the reader is gone or the log cannot be read. */
  constructor(options: { source: EventSource; audience: Audience; after: number; ended: () => void }) {
    this.#source = options.source
    this.#audience = options.audience
    this.#after = options.after
    this.#ended = options.ended
    this.body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => this.#send(controller, `retry: ${retryMs}\n: ready at ${this.#after}\n\n`),
        pull: (controller) => this.#pull(controller),
        cancel: () => this.#end(),
      },
      { highWaterMark: 1 },
    )
  }

  /** There is something new in the log. */
  wake(): void {
    this.#wake?.()
  }

  /** Finds out whether a reader that waits is still there: the platform notices only when something is sent. */
  probe(): void {
    this.#heartbeatAtMs = 0
    this.wake()
  }

  #end(): void {
    this.#isOpen = false
    this.#ended()
    this.wake()
  }

  async #pull(controller: Controller): Promise<void> {
    try {
      await this.#next(controller)
    } catch (error) {
      this.#end()
      throw error
    }
  }

  /** Ends with something sent: the events after the last ones, or a heartbeat when none came for a while. */
  async #next(controller: Controller): Promise<void> {
    this.#heartbeatAtMs = Date.now() + heartbeatMs
    while (this.#isOpen) {
      const { events, readThrough } = await this.#read()
      this.#after = readThrough
      if (events.length > 0) {
        const lines = events.map(({ seq, type, text }) => `id: ${seq}\nevent: ${type}\ndata: ${text}\n\n`)
        return this.#send(controller, lines.join(''))
      }
      if (Date.now() >= this.#heartbeatAtMs) return this.#send(controller, ': still here\n\n')
      // Where nothing matched for a long stretch, others get their turn before the next.
      await this.#woken(readThrough < this.#source.head() ? 0 : this.#heartbeatAtMs - Date.now())
    }
  }

  async #read(): Promise<ReturnType<EventSource['read']>> {
    const page = { after: this.#after, limit: pageMax, audience: this.#audience }
    for (let round = 1; ; round++) {
      try {
        return this.#source.read(page)
      } catch (error) {
        const mended = round < mendedMax ? this.#source.mend(error) : undefined
        if (mended === undefined) throw error
        await mended
      }
    }
  }

  #send(controller: Controller, text: string): void {
    controller.enqueue(this.#encoder.encode(text))
  }

  #woken(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}
