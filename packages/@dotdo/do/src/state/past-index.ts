// The indexes of past versions. A write leaves a version out of them: they are partial indexes over marked versions, and
// versions are marked later, in steps that follow the log from a stored mark. The first read of a past state by a filter asks
// for it; from then on a job follows, so that later ones do not wait. So changes do not pay for indexes that nobody reads.

import { withDeadline } from '@dotdo/db'
import { ObjectError } from 'digital-objects'
import type { Pausing } from '../base/pausing.ts'
import { Unfinished } from '../base/unfinished.ts'
import { typeOfRow } from '../log/stored-event.ts'
import type { TenantMeta } from '../log/tenant-meta.ts'
import { quoteName } from './column.ts'
import { pastMark } from './noun-table.ts'
import type { StateReader } from './state-reader.ts'

/** Limits the events of one step, to about 10 ms of work. */
const stepMax = 500
/** A query makes this many steps itself, so that a read right after a write need not wait for a later task. */
const stepsOfQueryMax = 2

export interface PastIndexOptions {
  /** Makes the pauses between steps. */
  readonly pausing: Pausing
  readonly storage: DurableObjectStorage
  readonly state: StateReader
  readonly meta: TenantMeta
  /** A query waits this long. */
  readonly waitMs: number
}

export class PastIndex {
  readonly #options: PastIndexOptions
  #target = 0
  #following: Promise<void> | undefined

  constructor(options: PastIndexOptions) {
    this.#options = options
  }

  /** The `seq` up to whose event versions are in the indexes; undefined until a query needs them. */
  get mark(): number | undefined {
    const mark = this.#options.meta.get('past')
    return mark === undefined ? undefined : Number(mark)
  }

  /**
   * Call it before a query of a past state, where `head` is the end of the log. Throws Unfinished if the indexes are too far
   * behind to catch up at once.
   */
  require(head: number): void {
    if (!this.catchUp(head)) throw new Unfinished(() => this.#wait(head))
  }

  /** Whether queries have used the indexes before and a few steps bring them up to date. Does not begin to make them. */
  isUsable(head: number): boolean {
    return this.mark !== undefined && this.catchUp(head)
  }

  /** Makes a few steps, and returns whether the indexes have all versions that events up to `head` ended. */
  catchUp(head: number): boolean {
    const { meta } = this.#options
    if (meta.get('past') === undefined) meta.set('past', '0')
    for (let steps = 0; steps < stepsOfQueryMax && this.#behind(head); steps++) this.step(head)
    return !this.#behind(head)
  }

  /** Waits for a limited time. Throws an ObjectError `overloaded` that says how far the indexes are. */
  #wait(head: number): Promise<void> {
    const timeoutError = (): ObjectError =>
      new ObjectError({
        code: 'overloaded',
        field: 'asOf',
        message: `the past of ${this.mark} of ${head} events is indexed, and a list of the past needs all of it; try again shortly`,
        detail: { indexed: this.mark ?? 0, of: head },
      })
    return withDeadline(this.#follow(head), { ms: this.#options.waitMs, timeoutError })
  }

  /** Yields after each step. Concurrent callers share the steps. */
  async #follow(seq: number): Promise<void> {
    // The events after the log's end were those of a commit that was rolled back.
    const query = 'SELECT max(seq) AS seq FROM log'
    const end = this.#options.storage.sql.exec<{ seq: number | null }>(query).one().seq ?? 0
    const head = Math.min(seq, end)
    this.#target = Math.max(this.#target, head)
    while (this.#behind(head)) {
      this.#following ??= this.#stepToTarget().finally(() => {
        this.#following = undefined
      })
      await this.#following
    }
  }

  async #stepToTarget(): Promise<void> {
    const pause = this.#options.pausing()
    while (this.#behind(this.#target)) {
      this.step(this.#target)
      await pause()
    }
  }

  #behind(head: number): boolean {
    return (this.mark ?? 0) < head
  }

  /** Makes one bounded step. Versions and mark are written in one transaction, so that a crash does not lose one. */
  step(head: number): void {
    const { storage, state, meta } = this.#options
    const from = this.mark ?? 0
    const end = Math.min(head, from + stepMax)
    storage.transactionSync(() => {
      // Every event but the first of an entity may have ended a version.
      const query = `SELECT substr(name, 1, instr(name, '.') - 1) AS noun, json_group_array(json_array(target, seq)) AS events
        FROM (SELECT ${typeOfRow} AS name, target, seq FROM log WHERE seq > ? AND seq <= ? AND version > 1) GROUP BY noun`
      const rows = storage.sql.exec<{ noun: string; events: string }>(query, from, end).toArray()
      for (const { noun, events } of rows) {
        const past = state.markedPast(noun)
        if (past !== undefined) markVersions(storage.sql, past, events)
      }
      meta.set('past', String(end))
    })
  }

  /** Starts again, after versions were written anew. Call it inside their transaction. */
  restart(): void {
    if (this.mark !== undefined) this.#options.meta.set('past', '0')
  }
}

/** Adds the versions that these events ended to the indexes. `events` is JSON: a list of pairs of an id and a `seq`. */
function markVersions(sql: SqlStorage, past: string, events: string): void {
  const ended = `SELECT event.value ->> 0, (SELECT max("$seq") FROM ${past} AS p
    WHERE p."$id" = event.value ->> 0 AND p."$seq" < event.value ->> 1) FROM json_each(?) AS event`
  const mark = quoteName(pastMark)
  sql.exec(`UPDATE ${past} SET ${mark} = 1 WHERE ("$id", "$seq") IN (${ended}) AND ${mark} IS NULL`, events)
}
