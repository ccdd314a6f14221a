// One stream of server-sent events. It is pulled: the reader's pace decides when the next page of the log is read, and
// publishing only wakes a waiting stream. So a slow reader costs no memory and misses nothing.

import type { Audience } from './audience.ts'
import type { EventSource } from './event-source.ts'
import { SseMessages } from './sse-messages.ts'

/** Limits the events that a stream holds. A larger commit is sent in parts. */
const pageMax = 100
const heartbeatMs = 20_000
/** A page may start in one archived file and continue in others. */
const retriesMax = 20
/** Time that a reader waits before it reconnects. */
const retryMs = 1_000

type Controller = ReadableStreamDefaultController<Uint8Array>

export class SseStream {
  readonly body: ReadableStream<Uint8Array>
  readonly #source: EventSource
  readonly #audience: Audience
  readonly #ended: () => void
  readonly #encoder = new TextEncoder()
  readonly #messages: SseMessages
  #after: number
  #heartbeatAtMs = 0
  #isOpen = true
  #wake: (() => void) | undefined
  #controller: Controller | undefined

  /** `ended` is called once, when the reader has left or the log cannot be read. */
  constructor(options: { source: EventSource; audience: Audience; after: number; ended: () => void }) {
    this.#source = options.source
    this.#audience = options.audience
    this.#after = options.after
    this.#ended = options.ended
    this.#messages = new SseMessages({
      takesCommits: this.#audience.takesCommits === true,
      commitEnd: (seq) => this.#source.commitEnd(seq),
    })
    this.body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller
          this.#send(controller, `retry: ${retryMs}\n: ready at ${this.#after}\n\n`)
        },
        pull: (controller) => this.#pull(controller),
        cancel: () => this.#end(),
      },
      { highWaterMark: 1 },
    )
  }

  /** Ends the stream. Its reader connects again, and is then told what is wrong. */
  end(): void {
    this.#end()
    this.#controller?.close()
  }

  /** Call when the log has new events. */
  wake(): void {
    this.#wake?.()
  }

  /** Finds out whether a waiting reader is still there: the platform notices only on a send. */
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

  /** Resolves after it has sent something: new events, or a heartbeat if there are none for a while. */
  async #next(controller: Controller): Promise<void> {
    this.#heartbeatAtMs = this.#source.now() + heartbeatMs
    while (this.#isOpen) {
      const part = await this.#read()
      this.#after = part.readThrough
      const text = this.#messages.format(part)
      // It may have been ended while it read.
      if (!this.#isOpen) return
      if (text !== '') return this.#send(controller, text)
      const isSilent = this.#source.now() >= this.#heartbeatAtMs
      if (isSilent && !this.#messages.isInMessage) return this.#send(controller, ': still here\n\n')
      // If nothing matched in a long range, let others run before the next one.
      await this.#woken(part.readThrough < this.#source.head() ? 0 : this.#heartbeatAtMs - this.#source.now())
    }
  }

  async #read(): Promise<ReturnType<EventSource['read']>> {
    const page = { after: this.#after, limit: pageMax, audience: this.#audience, isWhole: false }
    for (let round = 1; ; round++) {
      try {
        return this.#source.read(page)
      } catch (error) {
        const retried = round < retriesMax ? this.#source.retryAfter(error) : undefined
        if (retried === undefined) throw error
        await retried
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
