// The outbox: a job that runs AFTER handlers. The transaction of a write inserts a row for each handler, so a crash cannot
// lose it, and the row is deleted after the handler has run. A handler runs at least once for an event, and in order for
// each entity and for each commit. A failing row is retried by its handler's rule and then parked with its error, so that it
// blocks no others.

import { withDeadline } from '@dotdo/db'
import { assert, Postponed } from 'digital-objects'
import type { AppendedEvent, Job, JobFailure, RetryRule } from '../jobs/job.ts'
import { retryDelayMs } from '../jobs/retry-delay.ts'
import { recordDelivery } from './deliveries.ts'
import { type AfterHandler, defaultHandlerRetry } from './hooks.ts'

/** Limits the handlers that run concurrently. */
const runningMax = 16
/** Limits the events that one handler handles concurrently, so that a slow one leaves room for others. */
const runningOfHandlerMax = 4
/** A handler that takes longer has failed, so that it cannot block its entity for ever. */
const handlerTimeoutMs = 30_000
/** Limits one step even if new rows arrive, because no other alarm can fire while one waits for the step. */
const stepMsMax = 10_000
/** Handlers run right after the commit. The alarm runs those that a crash prevented. */
const wakeAfterMs = 5_000
/** A handler that takes longer does not keep a step from starting others after its end. */
const slowMs = 1_000
const lookAgainMs = 500
const messageCharactersMax = 1_000

/** True for the oldest row of its handler and entity. */
const isFirstOfEntity = `NOT EXISTS (SELECT 1 FROM outbox AS earlier WHERE earlier.handler = row.handler
  AND earlier.target = row.target AND earlier.parked = 0 AND earlier.id < row.id)`

/**
 * True for the oldest row of its handler and commit. It looks backwards, since the event before is usually the one that
 * waits; rows are found by their entities, for which there is an index.
 */
const isFirstOfCommit = `(SELECT 1 FROM log AS event CROSS JOIN outbox AS earlier
  ON earlier.handler = row.handler AND earlier.target = event.target AND earlier.seq = event.seq AND earlier.parked = 0
  WHERE event.seq < row.seq AND event.seq >= (SELECT coalesce("commit", seq) FROM log WHERE seq = row.seq)
  ORDER BY event.seq DESC LIMIT 1) IS NULL`

const isFirst = `${isFirstOfEntity} AND ${isFirstOfCommit}`

const columns = 'row.id, row.handler, row.target, row.seq, row.attempts, row.due, row.error'

interface OutboxRow extends Record<string, SqlStorageValue> {
  readonly id: number
  readonly handler: string
  readonly target: string
  readonly seq: number
  readonly attempts: number
  readonly due: number
  readonly error: string | null
}

interface Running {
  readonly sinceMs: number
  readonly done: Promise<void>
  /** The last `seq` of the row's commit. */
  readonly end: number
}

/** An `AfterHandler` for the outbox's own form of an event. */
export interface OutboxHandler<Event> extends Pick<AfterHandler, 'id' | 'handles' | 'retry' | 'runningMax'> {
  readonly run: (event: Event) => Promise<void>
  readonly isExternal: (event: Event) => boolean
  readonly gaveUp?: (event: Event, message: string) => Promise<void>
}

export interface OutboxOptions<Event> {
  readonly storage: DurableObjectStorage
  readonly now: () => number
  readonly handlers: readonly OutboxHandler<Event>[]
  /** Handlers that come and go. */
  readonly changing?: {
    readonly handling: (event: AppendedEvent) => readonly string[]
    readonly find: (id: string) => OutboxHandler<Event> | undefined
  }
  /** Returns the event with this `seq`. It may have to fetch an earlier one of the same entity. */
  readonly event: (seq: number) => Promise<Event | undefined>
  /** Returns the last `seq` of the commit that contains this event. */
  readonly commitEnd: (seq: number) => number
}

export class Outbox<Event> implements Job {
  readonly name = 'outbox'
  readonly clock = 'real'
  readonly lane = 'outbox'
  /** Applies to faults of the outbox itself. Handlers have their own rules. */
  readonly retry: RetryRule = { firstMs: 1_000, factor: 2, maxMs: 60_000 }
  readonly #options: OutboxOptions<Event>
  readonly #sql: SqlStorage
  /** The newest event with a row. */
  #queuedSeq = 0
  /** Set while a step waits. */
  #woken: (() => void) | undefined

  constructor(options: OutboxOptions<Event>) {
    this.#options = options
    this.#sql = options.storage.sql
  }

  /** Inserts rows for the event's handlers. Call it inside the write's transaction. Returns whether there are any. */
  put(event: AppendedEvent & { readonly actor: string }): boolean {
    const { handlers, changing, now } = this.#options
    const ids = handlers.flatMap((handler) => (handler.handles(event) ? [handler.id] : []))
    if (changing !== undefined) ids.push(...changing.handling(event))
    const insert = 'INSERT INTO outbox (handler, target, seq, due) VALUES (?, ?, ?, ?)'
    for (const id of ids) this.#sql.exec(insert, id, event.target, event.seq, now())
    if (ids.length > 0) this.#queuedSeq = event.seq
    return ids.length > 0
  }

  eventAppended(event: AppendedEvent, nowMs: number): number | undefined {
    return event.seq === this.#queuedSeq ? nowMs + wakeAfterMs : undefined
  }

  /** Returns the due time of the next row. Rows that wait for an earlier one do not count. */
  dueMs(): number | undefined {
    const query = `SELECT min(due) AS due FROM outbox AS row WHERE parked = 0 AND ${isFirst}`
    return this.#sql.exec<{ due: number | null }>(query).one().due ?? undefined
  }

  /** Call it when rows may have become due: a step that waits for a slow handler starts others meanwhile. */
  wake(): void {
    this.#woken?.()
  }

  /** Runs due handlers until none is left. */
  async step(): Promise<boolean> {
    const endMs = this.#options.now() + stepMsMax
    const running = new Map<OutboxRow, Running>()
    const faults: unknown[] = []
    for (let isDone = false; ; isDone = true) {
      const nowMs = this.#options.now()
      const isSlow = [...running.values()].some(({ sinceMs }) => sinceMs < Math.min(endMs, nowMs - slowMs))
      const mayStart = nowMs < endMs || (isSlow && nowMs < endMs + handlerTimeoutMs)
      const rows = mayStart && faults.length === 0 ? this.#due(running) : []
      for (const row of rows) {
        const done = this.#runCommit(row, endMs)
          .catch((fault: unknown) => void faults.push(fault))
          .finally(() => running.delete(row))
        running.set(row, { sinceMs: nowMs, done, end: this.#options.commitEnd(row.seq) })
      }
      if (running.size === 0 && faults.length > 0) throw faults[0]
      if (running.size === 0) return isDone
      await this.#oneDone([...running.values()].map(({ done }) => done))
    }
  }

  /** Resolves when a handler has ended, or after a moment in which rows may have become due. */
  async #oneDone(running: readonly Promise<void>[]): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, lookAgainMs)
    this.#woken = resolve
    await Promise.race([...running, promise])
    clearTimeout(timer)
    this.#woken = undefined
  }

  #handlerOf({ handler }: Pick<OutboxRow, 'handler'>): OutboxHandler<Event> | undefined {
    const { handlers, changing } = this.#options
    return handlers.find(({ id }) => id === handler) ?? changing?.find(handler)
  }

  /** The number of events that wait for a handler. */
  waitingFor(handler: string): number {
    const query = 'SELECT count(*) AS count FROM outbox WHERE handler = ? AND parked = 0'
    return this.#sql.exec<{ count: number }>(query, handler).one().count
  }

  /** Makes the waiting events of a handler due now, for example because what they waited for is there again. */
  hasten(handler: string): number {
    const nowMs = this.#options.now()
    // `rowsWritten` would count the entries of indexes too.
    const query = 'UPDATE outbox SET due = ? WHERE handler = ? AND parked = 0 AND due > ? RETURNING id'
    return this.#sql.exec(query, nowMs, handler, nowMs).toArray().length
  }

  /** Lets a handler run for an event of the past, after those that wait for it. */
  owe(handler: string, { target, seq }: { readonly target: string; readonly seq: number }): void {
    const insert = 'INSERT INTO outbox (handler, target, seq, due) VALUES (?, ?, ?, ?)'
    this.#sql.exec(insert, handler, target, seq, this.#options.now())
  }

  /** Lets the parked events of a handler run again. Returns their number. */
  replay(handler: string): number {
    const query =
      'UPDATE outbox SET parked = 0, attempts = 0, due = ?, error = NULL WHERE handler = ? AND parked <> 0 RETURNING id'
    return this.#sql.exec(query, this.#options.now(), handler).toArray().length
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

  /** The oldest event with a waiting row; undefined if there is none. */
  get oldestSeq(): number | undefined {
    return (
      this.#sql.exec<{ seq: number | null }>('SELECT min(seq) AS seq FROM outbox WHERE parked = 0').one().seq ??
      undefined
    )
  }

  /** Returns the number of waiting rows and of parked rows. */
  counts(): { readonly waiting: number; readonly parked: number } {
    const query =
      'SELECT count(*) FILTER (WHERE parked = 0) AS waiting, count(*) FILTER (WHERE parked <> 0) AS parked FROM outbox'
    return this.#sql.exec<{ waiting: number; parked: number }>(query).one()
  }

  /**
   * Returns the oldest rows that may run beside those that run already, if they are due: none has to wait for another, and
   * a running row's commit is its own.
   */
  #due(running: ReadonlyMap<OutboxRow, Running>): readonly OutboxRow[] {
    const counts = new Map<string, number>()
    const count = (handler: string): number => counts.get(handler) ?? 0
    for (const { handler } of running.keys()) counts.set(handler, count(handler) + 1)
    const isFull = (handler: string): boolean => count(handler) >= this.#runningMaxOf(handler)
    const full = [...counts.keys()].filter(isFull)
    const query = `SELECT ${columns} FROM outbox AS row WHERE parked = 0 AND due <= ?
      AND handler NOT IN (SELECT value FROM json_each(?)) AND row.id NOT IN (SELECT value FROM json_each(?))
      AND ${isFirst} ORDER BY due, id LIMIT ?`
    const ids = [...running.keys()].map(({ id }) => id)
    const given = [this.#options.now(), JSON.stringify(full), JSON.stringify(ids), runningMax]
    const due: OutboxRow[] = []
    for (const row of this.#sql.exec<OutboxRow>(query, ...given)) {
      if (due.length + running.size >= runningMax) break
      if (isFull(row.handler) || this.#isOfRunning(row, running)) continue
      due.push(row)
      counts.set(row.handler, count(row.handler) + 1)
    }
    return due
  }

  #runningMaxOf(handler: string): number {
    return this.#handlerOf({ handler })?.runningMax ?? runningOfHandlerMax
  }

  /** Whether the row belongs to a commit whose rows are being run one after another. */
  #isOfRunning({ handler, seq }: OutboxRow, running: ReadonlyMap<OutboxRow, Running>): boolean {
    let end: number | undefined
    for (const [other, { end: otherEnd }] of running) {
      if (other.handler !== handler) continue
      end ??= this.#options.commitEnd(seq)
      if (end === otherEnd) return true
    }
    return false
  }

  /** Runs a row, and then the handler's other rows of the commit in order, until one fails or has to wait. */
  async #runCommit(first: OutboxRow, endMs: number): Promise<void> {
    const end = this.#options.commitEnd(first.seq)
    for (let row: OutboxRow | undefined = first; row !== undefined;) {
      const isSettled = await this.#run(row)
      if (!isSettled || row.seq >= end || this.#options.now() >= endMs) return
      row = this.#nextOfCommit(row, end)
    }
  }

  #nextOfCommit({ handler, seq }: OutboxRow, end: number): OutboxRow | undefined {
    const query = `SELECT ${columns}, ${isFirstOfEntity} AS isReady FROM log AS event CROSS JOIN outbox AS row
      ON row.handler = ? AND row.target = event.target AND row.seq = event.seq AND row.parked = 0
      WHERE event.seq > ? AND event.seq <= ? ORDER BY event.seq LIMIT 1`
    const [next] = this.#sql.exec<OutboxRow & { readonly isReady: number }>(query, handler, seq, end).toArray()
    return next?.isReady === 1 && next.due <= this.#options.now() ? next : undefined
  }

  /** Returns false if the row will be tried again. */
  async #run(row: OutboxRow): Promise<boolean> {
    try {
      const handler = this.#handlerOf(row)
      if (handler === undefined) return this.#park(row, `no handler '${row.handler}' is registered`)
      const event = await this.#options.event(row.seq)
      assert(event !== undefined, `the log contains event ${row.seq}, to which the outbox refers`)
      if (handler.isExternal(event)) recordDelivery(this.#sql, row)
      await withDeadline(handler.run(event), {
        ms: handlerTimeoutMs,
        timeoutError: () => new Error(`the handler took longer than ${handlerTimeoutMs} ms`),
      })
      this.#sql.exec('DELETE FROM outbox WHERE id = ?', row.id)
      return true
    } catch (error) {
      return await this.#failed(row, error)
    }
  }

  async #failed(row: OutboxRow, error: unknown): Promise<boolean> {
    const whole = error instanceof Error ? error.message : String(error)
    const message = whole.slice(0, messageCharactersMax)
    const handler = this.#handlerOf(row)
    if (error instanceof Postponed) {
      this.#sql.exec('UPDATE outbox SET due = ?, error = ? WHERE id = ?', error.untilMs, message, row.id)
      return false
    }
    const retry = handler?.retry ?? defaultHandlerRetry
    const attempts = row.attempts + 1
    if (attempts >= retry.attemptsMax) {
      await this.#giveUp(row, handler, message)
      return this.#park(row, message)
    }
    this.#sql.exec(
      'UPDATE outbox SET attempts = ?, due = ?, error = ? WHERE id = ?',
      attempts,
      this.#options.now() + retryDelayMs(retry, row.attempts),
      message,
      row.id,
    )
    return false
  }

  async #giveUp({ seq }: OutboxRow, handler: OutboxHandler<Event> | undefined, message: string): Promise<void> {
    if (handler?.gaveUp === undefined) return
    try {
      const event = await this.#options.event(seq)
      if (event !== undefined) await handler.gaveUp(event, message.slice(0, messageCharactersMax))
    } catch {
      // The row is parked with the error that matters.
    }
  }

  #park(row: OutboxRow, message: string): true {
    this.#sql.exec(
      'UPDATE outbox SET parked = 1, attempts = ?, error = ? WHERE id = ?',
      row.attempts + 1,
      message.slice(0, messageCharactersMax),
      row.id,
    )
    return true
  }
}
