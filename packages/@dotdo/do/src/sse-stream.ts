// One stream of server-sent events. It is pulled: the reader's pace decides when the next page of the log is read, and
// publishing only wakes a stream that waits, so a slow reader costs no memory and misses nothing.

import type { EventPattern } from 'digital-objects'
import type { EventSource } from './hub.ts'

const pageMax = 100
const heartbeatMs = 20_000
/** What a reader waits before it connects again. */
const retryMs = 1_000

export class SseStream {
  readonly body: ReadableStream<Uint8Array>
  readonly #source: EventSource
  readonly #pattern: EventPattern
  readonly #encoder = new TextEncoder()
  #after: number
  #wake: (() => void) | undefined

  constructor(options: { source: EventSource; pattern: EventPattern; after: number; ended: () => void }) {
    this.#source = options.source
    this.#pattern = options.pattern
    this.#after = options.after
    this.body = new ReadableStream<Uint8Array>(
      {
        start: (controller) =>
          controller.enqueue(this.#encoder.encode(`retry: ${retryMs}\n: ready at ${this.#after}\n\n`)),
        pull: (controller) => this.#pull(controller),
        cancel: () => {
          options.ended()
          this.wake()
        },
      },
      { highWaterMark: 1 },
    )
  }

  /** There is something new in the log. */
  wake(): void {
    this.#wake?.()
  }

  /** Ends with something sent: the events after the last ones, or a heartbeat when none came for a while. */
  async #pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    const deadline = Date.now() + heartbeatMs
    for (;;) {
      const { events, readThrough } = this.#source.read({ after: this.#after, limit: pageMax, pattern: this.#pattern })
      this.#after = Math.max(this.#after, readThrough)
      if (events.length > 0) {
        controller.enqueue(
          this.#encoder.encode(
            events.map(({ seq, type, text }) => `id: ${seq}\nevent: ${type}\ndata: ${text}\n\n`).join(''),
          ),
        )
        return
      }
      if (readThrough < this.#source.head()) continue
      if (Date.now() >= deadline) return controller.enqueue(this.#encoder.encode(': still here\n\n'))
      await this.#woken(deadline - Date.now())
    }
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
