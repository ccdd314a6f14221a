// The load of a tenant's past: how many lines of it are in the log, and whether it goes on. A tenant without events of
// entities may be loaded, in any number of steps, until its first live write.

import { hash } from 'node:crypto'
import { type LoadedHistory, ObjectError } from 'digital-objects'
import type { EventsStore } from '../log/events-store.ts'
import { hasEntityEvents } from '../log/has-entity-events.ts'
import type { TenantMeta } from '../log/tenant-meta.ts'

/** Stored under `history` in the table `meta`. */
interface Stored {
  /** The lines that are in, those without a change included. */
  readonly lines: number
  /** The last event of the load. A later one is a live write. */
  readonly seq: number
  /** The timestamp of the last line. */
  readonly atMs: number
  /** A hash of the last line, by which a repeated one is known. */
  readonly hash: string
  /** Set once a live write, or a command, has ended the load. */
  readonly isEnded?: true
}

export interface PastLoadOptions {
  readonly sql: SqlStorage
  readonly meta: TenantMeta
  readonly log: Pick<EventsStore, 'head' | 'headAtMs'>
}

/** The position of a load, from which its next lines continue. */
export type LoadPosition = Pick<Stored, 'lines' | 'atMs' | 'hash'>

export class PastLoad {
  readonly #options: PastLoadOptions
  /** The stored string that `#value` was parsed from. */
  #text: string | undefined
  #value: Stored | undefined

  constructor(options: PastLoadOptions) {
    this.#options = options
  }

  /** Whether a load has begun and goes on. Jobs of the business wait for its end: its past is not a reason to act. */
  get isOpen(): boolean {
    const stored = this.#stored
    return stored !== undefined && stored.isEnded !== true && stored.seq === this.#options.log.head
  }

  get hasEnded(): boolean {
    return this.#stored?.isEnded === true
  }

  state(): LoadedHistory {
    const stored = this.#stored
    return {
      lines: stored?.lines ?? 0,
      timestamp: stored === undefined || stored.lines === 0 ? null : new Date(stored.atMs).toISOString(),
      isOpen: stored === undefined ? !this.#hasEntityEvents() : this.isOpen,
    }
  }

  /** Returns where the load continues. Throws an ObjectError `conflict` if the tenant has live writes. */
  requirePosition(): LoadPosition {
    const stored = this.#stored
    if (this.isOpen && stored !== undefined) return stored
    if (stored === undefined && !this.#hasEntityEvents())
      return { lines: 0, atMs: this.#options.log.headAtMs, hash: '' }
    const message =
      stored === undefined
        ? 'a history is loaded before the first write of an entity, and this tenant has some'
        : `the load of the history has ended after ${stored.lines} lines, with the first live write or by a command`
    throw new ObjectError({
      code: 'conflict',
      field: 'history',
      message,
      detail: { lines: stored?.lines ?? 0 },
    })
  }

  /** Records the position. Call it in the transaction of the lines. */
  advance(position: LoadPosition): void {
    this.#write({ ...position, seq: this.#options.log.head })
  }

  /** Ends the load. The tenant has to have a table `meta`. */
  end(): void {
    const { lines, seq, atMs, hash } = this.#stored ?? { lines: 0, seq: 0, atMs: 0, hash: '' }
    this.#write({ lines, seq, atMs, hash, isEnded: true })
  }

  /** Call it in the transaction of each write. Returns true if that was the first live one after a load. */
  follow(): boolean {
    const stored = this.#stored
    if (stored === undefined || stored.isEnded === true || stored.seq === this.#options.log.head) return false
    this.#write({ ...stored, isEnded: true })
    return true
  }

  #hasEntityEvents(): boolean {
    const { sql, log } = this.#options
    return log.head > 0 && hasEntityEvents(sql)
  }

  get #stored(): Stored | undefined {
    const text = this.#options.meta.get('history')
    if (text !== this.#text) {
      this.#text = text
      this.#value = text === undefined ? undefined : (JSON.parse(text) as Stored) // written only by `#write`
    }
    return this.#value
  }

  #write(stored: Stored): void {
    this.#options.meta.set('history', JSON.stringify(stored))
  }
}

/** Returns the hash by which a line is known again. */
export function hashLine(line: string): string {
  return hash('sha256', line)
}
