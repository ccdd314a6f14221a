// The AFTER work that commits owe. A row is put by the transaction of the write itself, so a crash cannot lose it, and
// goes when its handler has run: at least once, in order for its entity and handler. A row that fails is tried again
// after a growing pause, then parked with its error, and holds up nobody else.

import { withDeadline } from '@dotdo/db'
import { assert } from 'digital-objects'
import type { AfterHandler } from './hooks.ts'

const attemptsMax = 6
const firstPauseMs = 500
/** Handlers running at one time. */
const runningMax = 16
/** Longer than this is a failure, so that one stuck handler cannot hold its entity for ever. */
const handlerTimeoutMs = 30_000

/** One drain ends after so long, however much comes meanwhile: an alarm that waits for it keeps the next from ringing. */
const drainMsMax = 10_000

/** Handlers run right after the commit; the alarm is for those that a crash kept from it. */
const wakeAfterMs = 5_000

/** The oldest row of its handler and entity. */
const isFirst = `NOT EXISTS (SELECT 1 FROM outbox AS earlier WHERE earlier.handler = row.handler
  AND earlier.target = row.target AND earlier.parked = 0 AND earlier.id < row.id)`

interface OutboxRow extends Record<string, SqlStorageValue> {
  readonly id: number
  readonly handler: string
  readonly target: string
  readonly seq: number
  readonly attempts: number
  readonly due: number
}

export interface OutboxOptions<Event> {
  readonly storage: DurableObjectStorage
  readonly now: () => number
  readonly handlers: readonly (Omit<AfterHandler, 'run'> & { readonly run: (event: Event) => Promise<void> })[]
  /** The event of a `seq`, which the log keeps while work is owed for it. */
  readonly event: (seq: number) => Event | undefined
  /** Asks to be drained at a moment; undefined for never. Inside a transaction it is part of that. */
  readonly wake: (atMs: number | undefined) => void
}

export class Outbox<Event> {
  readonly #options: OutboxOptions<Event>
  readonly #sql: SqlStorage
  #draining: Promise<void> | undefined

  constructor(options: OutboxOptions<Event>) {
    this.#options = options
    this.#sql = options.storage.sql
  }

  /** Inside the transaction of the write. Tells whether anything was put. */
  put(event: { seq: number; type: string; target: string }): boolean {
    let isOwed = false
    for (const handler of this.#options.handlers) {
      if (!handler.handles(event)) continue
      this.#sql.exec(
        'INSERT INTO outbox (handler, target, seq, due) VALUES (?, ?, ?, ?)',
        handler.id,
        event.target,
        event.seq,
        this.#options.now(),
      )
      isOwed = true
    }
    // In the same transaction: should the object die before the handlers ran, the alarm wakes it.
    if (isOwed) this.#options.wake(this.#options.now() + wakeAfterMs)
    return isOwed
  }

  /** At start: asks for what is owed. */
  resume(): void {
    this.#options.wake(this.#nextMs)
  }

  /** Runs what is due until nothing is, and sets the alarm for what is left or comes later. A second call joins the first. */
  drain(): Promise<void> {
    this.#draining ??= this.#drain().finally(() => {
      this.#draining = undefined
    })
    return this.#draining
  }

  async #drain(): Promise<void> {
    const endMs = this.#options.now() + drainMsMax
    for (let rows = this.#due(); rows.length > 0 && this.#options.now() < endMs; rows = this.#due()) {
      await Promise.all(rows.map((row) => this.#run(row)))
    }
    // No await between the last look and this: a row that comes later sets the alarm again itself.
    this.#options.wake(this.#nextMs)
  }

  /** When the next row is due; one that waits for an earlier one is not, whatever it says. */
  get #nextMs(): number | undefined {
    const query = `SELECT min(due) AS due FROM outbox AS row WHERE parked = 0 AND ${isFirst}`
    return this.#sql.exec<{ due: number | null }>(query).one().due ?? undefined
  }

  /** The oldest event that work is still owed for; undefined when none is. */
  get oldestSeq(): number | undefined {
    return (
      this.#sql.exec<{ seq: number | null }>('SELECT min(seq) AS seq FROM outbox WHERE parked = 0').one().seq ??
      undefined
    )
  }

  /** How much is owed, and how much of what was owed is given up. */
  counts(): { readonly waiting: number; readonly parked: number } {
    const query =
      'SELECT count(*) FILTER (WHERE parked = 0) AS waiting, count(*) FILTER (WHERE parked <> 0) AS parked FROM outbox'
    return this.#sql.exec<{ waiting: number; parked: number }>(query).one()
  }

  /** The oldest row of each handler and entity, if it is due. */
  #due(): OutboxRow[] {
    const query = `SELECT id, handler, target, seq, attempts, due FROM outbox AS row WHERE parked = 0 AND due <= ?
      AND ${isFirst} ORDER BY due LIMIT ?`
    return this.#sql.exec<OutboxRow>(query, this.#options.now(), runningMax).toArray()
  }

  async #run(row: OutboxRow): Promise<void> {
    try {
      const handler = this.#options.handlers.find(({ id }) => id === row.handler)
      if (handler === undefined) return this.#park(row, `no handler '${row.handler}' is registered`)
      const event = this.#options.event(row.seq)
      assert(event !== undefined, `the log holds event ${row.seq}, which the outbox refers to`)
      await withDeadline(handler.run(event), {
        ms: handlerTimeoutMs,
        late: () => new Error(`the handler took longer than ${handlerTimeoutMs} ms`),
      })
      this.#sql.exec('DELETE FROM outbox WHERE id = ?', row.id)
    } catch (error) {
      this.#failed(row, error instanceof Error ? error.message : String(error))
    }
  }

  #failed(row: OutboxRow, message: string): void {
    const attempts = row.attempts + 1
    if (attempts >= attemptsMax) return this.#park(row, message)
    const due = this.#options.now() + firstPauseMs * 4 ** row.attempts
    this.#sql.exec(
      'UPDATE outbox SET attempts = ?, due = ?, error = ? WHERE id = ?',
      attempts,
      due,
      message.slice(0, 1_000),
      row.id,
    )
  }

  #park(row: OutboxRow, message: string): void {
    this.#sql.exec(
      'UPDATE outbox SET parked = 1, attempts = ?, error = ? WHERE id = ?',
      row.attempts + 1,
      message.slice(0, 1_000),
      row.id,
    )
  }
}
