// The tenant's clock: moments of commits never step back, and a moment that was read as a past one is sealed, so that
// whatever is committed afterwards is later and the same question keeps its answer.

import { ObjectError } from 'digital-objects'
import type { EventsStore } from './events-store.ts'
import type { TenantMeta } from './tenant-meta.ts'

export class TenantClock {
  readonly #meta: TenantMeta
  readonly #events: EventsStore
  readonly #now: () => number

  constructor(options: { meta: TenantMeta; events: EventsStore; now: () => number }) {
    this.#meta = options.meta
    this.#events = options.events
    this.#now = options.now
  }

  get #sealedMs(): number {
    return Number(this.#meta.get('sealed') ?? 0)
  }

  /** The moment of a commit made now, in milliseconds. */
  next(): number {
    return Math.max(this.#now(), this.#events.headAtMs, this.#sealedMs + 1)
  }

  /**
   * The last `seq` at a moment, which is sealed by that. The seal is stored only where no later event seals it
   * already, and it outlives a restart with a clock set back.
   */
  sealAt(momentMs: number): number {
    if (momentMs > Math.max(this.#now(), this.#events.headAtMs)) {
      throw new ObjectError({
        code: 'invalid_as_of',
        field: 'asOf',
        message: `asOf expects a moment in the past, got ${new Date(momentMs).toISOString()}; it is ${new Date(this.#now()).toISOString()} now`,
      })
    }
    if (momentMs >= this.#events.headAtMs && momentMs > this.#sealedMs) this.#meta.set('sealed', String(momentMs))
    return this.#events.seqAt(momentMs)
  }
}
