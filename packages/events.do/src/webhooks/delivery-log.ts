// The log of deliveries of each webhook, and what is remembered between them: since when the receiver fails, and until when it is
// left alone. Both have no texts of entities. A crash may lose neither more than the last moment nor an event.

import type { ObjectParts } from '@dotdo/service'

/** Deliveries that are kept of each webhook. */
const keptMax = 200
const keptMs = 7 * 86_400_000

export interface Attempt {
  readonly event: string
  readonly type: string
  readonly startedMs: number
  readonly endedMs: number
  readonly isDelivered: boolean
  /** The status of the answer; absent if there was none. */
  readonly responseStatus?: number
  readonly error?: string
}

/** The receiver fails. */
export interface Trouble {
  /** The time of the first failure after the last delivery. */
  readonly sinceMs: number
  /** Failures in a row to get an answer at all. */
  readonly silences: number
  /** Nothing is sent before this time. */
  readonly untilMs: number
}

export class DeliveryLog {
  readonly #values: ObjectParts['values']
  #last = 0

  constructor(values: ObjectParts['values']) {
    this.#values = values
  }

  record(webhook: string, attempt: Attempt): void {
    const values = this.#values()
    if (values === undefined) return
    // Two attempts may begin at the same time.
    this.#last = Math.max(this.#last + 1, attempt.startedMs * 1_000)
    const prefix = deliveryPrefix(webhook)
    const value = JSON.stringify(toStored(attempt))
    values.put({ key: `${prefix}${String(this.#last).padStart(17, '0')}`, value, endsMs: attempt.endedMs + keptMs })
    const excess = values.count(prefix) - keptMax
    if (excess > 0) for (const { key } of values.list({ prefix, limit: excess })) values.delete(key)
  }

  troubleOf(webhook: string): Trouble | undefined {
    const stored = this.#values()?.get(troubleKey(webhook))
    return stored === undefined ? undefined : (JSON.parse(stored.value) as Trouble) // written by `setTrouble`
  }

  setTrouble(webhook: string, trouble: Trouble | undefined): void {
    const key = troubleKey(webhook)
    if (trouble === undefined) this.#values()?.delete(key)
    else this.#values()?.put({ key, value: JSON.stringify(trouble) })
  }

  /** Call it when the webhook was removed. */
  forget(webhook: string): void {
    this.#values()?.delete(troubleKey(webhook))
    this.#values()?.deleteAll(deliveryPrefix(webhook))
  }
}

/** Begins the keys of a webhook's deliveries; the read `webhooks.deliveries` lists them by it. */
function deliveryPrefix(webhook: string): string {
  return `webhook-delivery:${webhook}:`
}

function troubleKey(webhook: string): string {
  return `webhook-trouble:${webhook}`
}

function toStored({ event, type, startedMs, endedMs, isDelivered, responseStatus, error }: Attempt): object {
  return {
    event,
    type,
    timestamp: new Date(startedMs).toISOString(),
    durationMs: endedMs - startedMs,
    status: isDelivered ? 'delivered' : 'failed',
    ...(responseStatus === undefined ? {} : { responseStatus }),
    ...(error === undefined ? {} : { error: error.slice(0, 500) }),
  }
}
