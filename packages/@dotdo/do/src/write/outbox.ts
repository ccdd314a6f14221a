// The AFTER work that commits owe, as a job. A row is inserted by the transaction of the write itself, so a crash cannot
// lose it, and is deleted when its handler has run: at least once, in order for its entity and handler. A row that fails
// is retried by its handler's rule, then parked with its error, and holds up no other.

import { withDeadline } from '@dotdo/db'
import { assert } from 'digital-objects'
import type { AppendedEvent, Job, JobFailure, RetryRule } from '../jobs/job.ts'
import { retryDelayMs } from '../jobs/retry-delay.ts'
import { type AfterHandler, defaultHandlerRetry } from './hooks.ts'

/** Handlers running at one time. */
const runningMax = 16
/** A handler that takes longer has failed, so that it cannot hold up its entity for ever. */
const handlerTimeoutMs = 30_000
/** One step ends after so long even if rows keep coming: while an alarm waits for it, the next one cannot ring. */
const stepMsMax = 10_000
/** Handlers run right after the commit; the alarm is for those that a crash prevented. */
const wakeAfterMs = 5_000
const messageCharactersMax = 1_000

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
  readonly error: string | null
}

export interface OutboxOptions<Event> {
  readonly storage: DurableObjectStorage
  readonly now: () => number
  readonly handlers: readonly (Omit<AfterHandler, 'run'> & { readonly run: (event: Event) => Promise<void> })[]
  /** The event with this `seq`. The log keeps it while work is owed for it. */
  readonly event: (seq: number) => Event | undefined
}

export class Outbox<Event> implements Job {
  readonly name = 'outbox'
  readonly clock = 'real'
  readonly lane = 'outbox'
  /** Handlers have rules of their own; this one is for faults of the outbox itself. */
  readonly retry: RetryRule = { firstMs: 1_000, factor: 2, maxMs: 60_000 }
  readonly #options: OutboxOptions<Event>
  readonly #sql: SqlStorage
  /** The last event that work is owed for. */
  #owedSeq = 0

  constructor(options: OutboxOptions<Event>) {
    this.#options = options
    this.#sql = options.storage.sql
  }

  /** Call inside the transaction of the write. Returns whether the event has any handlers. */
  put(event: AppendedEvent): boolean {
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
    if (isOwed) this.#owedSeq = event.seq
    return isOwed
  }

  eventAppended(event: AppendedEvent, nowMs: number): number | undefined {
    return event.seq === this.#owedSeq ? nowMs + wakeAfterMs : undefined
  }

  /** When the next row is due. A row that waits for an earlier one does not count, whatever its own time. */
  dueMs(): number | undefined {
    const query = `SELECT min(due) AS due FROM outbox AS row WHERE parked = 0 AND ${isFirst}`
    return this.#sql.exec<{ due: number | null }>(query).one().due ?? undefined
  }

  /** Runs the handlers that are due until none is. */
  async step(): Promise<boolean> {
    const endMs = this.#options.now() + stepMsMax
    let isDone = false
    for (let rows = this.#due(); rows.length > 0 && this.#options.now() < endMs; rows = this.#due()) {
      await Promise.all(rows.map((row) => this.#run(row)))
      isDone = true
    }
    return isDone
  }

  failure(): JobFailure | undefined {
    const query =
      'SELECT attempts, due, handler, error FROM outbox WHERE parked = 0 AND attempts > 0 ORDER BY id LIMIT 1'
    const [row] = this.#sql.exec<Pick<OutboxRow, 'attempts' | 'due' | 'handler' | 'error'>>(query).toArray()
    if (row === undefined) return undefined
    return { attempts: row.attempts, retryAtMs: row.due, message: `handler '${row.handler}': ${row.error ?? ''}` }
  }

  parkedCount(): number {
    return this.counts().parked
  }

  /** The oldest event that work is owed for; undefined if none is. */
  get oldestSeq(): number | undefined {
    return (
      this.#sql.exec<{ seq: number | null }>('SELECT min(seq) AS seq FROM outbox WHERE parked = 0').one().seq ??
      undefined
    )
  }

  /** Rows that wait for their handler, and rows that were given up on. */
  counts(): { readonly waiting: number; readonly parked: number } {
    const query =
      'SELECT count(*) FILTER (WHERE parked = 0) AS waiting, count(*) FILTER (WHERE parked <> 0) AS parked FROM outbox'
    return this.#sql.exec<{ waiting: number; parked: number }>(query).one()
  }

  /** The oldest row of each handler and entity, if it is due. */
  #due(): OutboxRow[] {
    const query = `SELECT id, handler, target, seq, attempts, due, error FROM outbox AS row WHERE parked = 0 AND due <= ?
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
    const retry = this.#options.handlers.find(({ id }) => id === row.handler)?.retry ?? defaultHandlerRetry
    const attempts = row.attempts + 1
    if (attempts >= retry.attemptsMax) return this.#park(row, message)
    this.#sql.exec(
      'UPDATE outbox SET attempts = ?, due = ?, error = ? WHERE id = ?',
      attempts,
      this.#options.now() + retryDelayMs(retry, row.attempts),
      message.slice(0, messageCharactersMax),
      row.id,
    )
  }

  #park(row: OutboxRow, message: string): void {
    this.#sql.exec(
      'UPDATE outbox SET parked = 1, attempts = ?, error = ? WHERE id = ?',
      row.attempts + 1,
      message.slice(0, messageCharactersMax),
      row.id,
    )
  }
}
