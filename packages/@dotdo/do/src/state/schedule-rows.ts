// When entities are due by the schedules of their Nouns. Each row of the table `schedules` is one entity that waits for one
// schedule, or has been called by it. The write path keeps the rows, in the commit of each change, so due entities are found
// by an index. When definitions or settings change, `recompute` makes the rows of the Noun again, in slices.

import {
  type DueContext,
  isSameTiming,
  nextTime,
  type NounSchema,
  type ScheduledEntity,
  type TenantSettings,
  type Timing,
  timingOf,
} from 'digital-objects'
import { readersOf } from './schedule-readers.ts'
import type { StoredVersion } from './row-codec.ts'
import type { SettingsState } from './settings-state.ts'
import type { StorageHandler } from './storage-handler.ts'
import type { TenantCatalog } from './tenant-catalog.ts'

export interface DueRow {
  readonly noun: string
  readonly name: string
  readonly target: string
  /** The time at which the schedule calls its verb. */
  readonly due: number
  /** The time of the next attempt. */
  readonly next: number
  /** The failed attempts. */
  readonly attempts: number
}

/** A call of a verb by a schedule, which the write path notes in the commit of the call. */
export type ScheduledCall = Pick<DueRow, 'noun' | 'name' | 'target' | 'due'>

export interface ScheduleRowsOptions {
  readonly sql: SqlStorage
  readonly state: StorageHandler
  readonly catalog: TenantCatalog
  readonly settings: SettingsState
}

/** Limits the entities of one slice of `recompute`. */
const sliceMax = 200

export class ScheduleRows {
  readonly #options: ScheduleRowsOptions
  /** The fingerprints of the rows by Noun, and where `recompute` goes on; undefined until they are read. */
  #marks: Map<string, Mark> | undefined
  /** Whether rows have changed since `takeChanged`. */
  #isChanged = false

  constructor(options: ScheduleRowsOptions) {
    this.#options = options
  }

  /** Forgets what was read from the tables. Call it at start and after a rollback. */
  reload(): void {
    this.#marks = undefined
  }

  /** Whether rows have changed since the last call. */
  takeChanged(): boolean {
    const isChanged = this.#isChanged
    this.#isChanged = false
    return isChanged
  }

  /** Follows a change of an entity, inside its transaction. `before` and `after` are undefined if the entity does not exist. */
  follow(schema: NounSchema, change: FollowedChange): void {
    this.#followReferred(schema, change)
    if (schema.schedules.length === 0) return
    const { before, after, nowMs } = change
    const id = after?.id ?? before?.id ?? ''
    if (after === undefined) return this.#deleteRows(schema.name, id)
    if (before === undefined) this.#markFirst(schema, id)
    const context = this.#context(schema)
    for (const [rank, schedule] of schema.schedules.entries()) {
      const was = before === undefined ? undefined : timingOf(schedule, toEntity(before), context)
      const is = timingOf(schedule, toEntity(after), context)
      const key = { noun: schema.name, name: schedule.name, target: id }
      if (!isSameTiming(was, is)) this.#put({ ...key, rank, timing: is, nowMs })
      else if (is !== undefined && !change.isCall) this.#retry(key)
    }
  }

  /** Notes that a schedule has called its verb, inside the transaction of the call. */
  fired({ noun, name, target, due }: ScheduledCall, nowMs: number): void {
    const { state, catalog, sql } = this.#options
    const schema = catalog.current.lookup(noun)
    const schedule = schema?.schedules.find((one) => one.name === name)
    const version = schema === undefined ? undefined : state.get(state.tableOf(schema), target)
    const isWaiting = schema !== undefined && schedule !== undefined && version !== undefined
    const timing = isWaiting ? timingOf(schedule, toEntity(version), this.#context(schema)) : undefined
    // A schedule that was late is called once for all the times that have passed.
    const next = timing === undefined ? undefined : nextTime(timing, Math.max(due, nowMs))
    const rank = schema?.schedules.findIndex((one) => one.name === name) ?? 0
    // The change may have ended the entity's wait, and with it the row.
    sql.exec(
      `INSERT INTO schedules (noun, name, target, rank, fired, due, next)
         VALUES (?1, ?2, ?3, ?6, ?4, ?5, CASE WHEN ?5 = ?4 THEN NULL ELSE ?5 END)
       ON CONFLICT DO UPDATE SET fired = excluded.fired, due = excluded.due, next = excluded.next, attempts = 0, error = NULL`,
      noun,
      name,
      target,
      due,
      next ?? null,
      rank,
    )
    this.#isChanged = true
  }

  /** Returns the row of a call that is still to be made; undefined if it was made, or is not due any more. */
  find({ noun, name, target, due }: ScheduledCall): DueRow | undefined {
    const query = `SELECT ${dueColumns} FROM schedules WHERE noun = ? AND name = ? AND target = ? AND due = ? AND next IS NOT NULL`
    return this.#options.sql.exec<DueRecord>(query, noun, name, target, due).toArray()[0]
  }

  /** Returns rows that are due, in the order of their times; of equal times, in the order of the schedules of a Noun. */
  due(nowMs: number, limit: number): readonly DueRow[] {
    const query = `SELECT ${dueColumns} FROM schedules WHERE next <= ? ORDER BY next, rank, noun, name, target LIMIT ?`
    return this.#options.sql.exec<DueRecord>(query, nowMs, limit).toArray()
  }

  /** Returns the time of the next call. */
  nextMs(): number | undefined {
    const query = 'SELECT next FROM schedules WHERE next IS NOT NULL ORDER BY next LIMIT 1'
    return this.#options.sql.exec<{ next: number }>(query).toArray()[0]?.next
  }

  /** Notes a failed call; without `nextMs`, the row is parked until its entity, or the definition, changes. */
  failed(
    { noun, name, target, due }: ScheduledCall,
    failure: { readonly error: string; readonly nextMs?: number },
  ): void {
    this.#options.sql.exec(
      `UPDATE schedules SET attempts = attempts + 1, error = ?5, next = ?6, parked = ?7
       WHERE noun = ?1 AND name = ?2 AND target = ?3 AND due = ?4`,
      noun,
      name,
      target,
      due,
      failure.error,
      failure.nextMs ?? null,
      failure.nextMs === undefined ? 1 : 0,
    )
  }

  parkedCount(): number {
    return this.#options.sql
      .exec<{ count: number }>('SELECT count(*) AS count FROM schedules WHERE attempts > 0 AND parked = 1')
      .one().count
  }

  /** Returns the oldest failing call. */
  failure(): { readonly attempts: number; readonly retryAtMs: number; readonly message: string } | undefined {
    const query = `SELECT attempts, next AS "retryAtMs", error AS message FROM schedules
      WHERE attempts > 0 AND next IS NOT NULL ORDER BY due LIMIT 1`
    return this.#options.sql.exec<{ attempts: number; retryAtMs: number; message: string }>(query).toArray()[0]
  }

  /** The Nouns whose rows are not those of the present definitions and settings. */
  outdated(): readonly string[] {
    const { catalog, state, settings } = this.#options
    const marks = this.#readMarks()
    const current = catalog.current.nouns.filter(({ name, schedules }) => schedules.length > 0 && state.hasTable(name))
    const changed = current.filter((schema) => {
      const mark = marks.get(schema.name)
      return mark === undefined || mark.cursor !== null || mark.fingerprint !== fingerprintOf(schema, settings.current)
    })
    const names = new Set(current.map(({ name }) => name))
    return [...changed.map(({ name }) => name), ...[...marks.keys()].filter((name) => !names.has(name))]
  }

  /** Makes rows of the Noun again, a slice of entities at a time. Call it in a transaction, until the Noun is not outdated. */
  recompute(noun: string, nowMs: number): void {
    const { sql, state, catalog, settings } = this.#options
    const schema = catalog.current.lookup(noun)
    if (schema === undefined || schema.schedules.length === 0 || !state.hasTable(noun)) {
      sql.exec('DELETE FROM schedules WHERE noun = ?', noun)
      sql.exec('DELETE FROM schedule_marks WHERE noun = ?', noun)
      this.#marks = undefined
      return
    }
    const fingerprint = fingerprintOf(schema, settings.current)
    const mark = this.#readMarks().get(noun)
    const isBegun = mark?.fingerprint === fingerprint && mark.cursor !== null
    if (!isBegun) this.#deleteOthers(schema)
    const ids = sql
      .exec<{ id: string }>(
        `SELECT "$id" AS id FROM ${state.tableOf(schema).present} WHERE "$id" > ? ORDER BY "$id" LIMIT ?`,
        isBegun ? mark.cursor : '',
        sliceMax,
      )
      .toArray()
    for (const { id } of ids) this.#recomputeOne(schema, id, nowMs)
    this.#setMark(noun, { fingerprint, cursor: ids.length < sliceMax ? null : (ids.at(-1)?.id ?? null) })
    this.#isChanged = true
  }

  /** Lets all rows be made again: the state was replaced. */
  recomputeAll(): void {
    this.#options.sql.exec("UPDATE schedule_marks SET fingerprint = '', cursor = NULL")
    this.#marks = undefined
  }

  #recomputeOne(schema: NounSchema, id: string, nowMs: number): void {
    const { state } = this.#options
    const version = state.get(state.tableOf(schema), id)
    if (version === undefined) return
    const context = this.#context(schema)
    for (const [rank, schedule] of schema.schedules.entries()) {
      const timing = timingOf(schedule, toEntity(version), context)
      const key = { noun: schema.name, name: schedule.name, target: id }
      if (timing === undefined || !this.#keepCall({ ...key, rank }, timing, nowMs))
        this.#put({ ...key, rank, timing, nowMs })
    }
  }

  /**
   * Keeps what is known of a call although its time is another one by the new definition or settings: a call that was made is
   * not made again, and a repetition that is overdue stays due. A time that had passed before there was a schedule is not
   * called: an upgrade must not send the bills of years.
   */
  #keepCall({ noun, name, target, rank }: Key & { readonly rank: number }, timing: Timing, nowMs: number): boolean {
    const { sql } = this.#options
    const query = `SELECT due, next, fired FROM schedules WHERE ${keyIs}`
    const [row] = sql
      .exec<{ due: number | null; next: number | null; fired: number | null }>(query, noun, name, target)
      .toArray()
    if (row === undefined && timing.kind === 'once' && timing.atMs <= nowMs) {
      const insert = 'INSERT INTO schedules (noun, name, target, rank, due, fired) VALUES (?1, ?2, ?3, ?4, ?5, ?5)'
      sql.exec(insert, noun, name, target, rank, timing.atMs)
      return true
    }
    if (row === undefined || row.due === null) return false
    if (timing.kind !== 'once') return row.next !== null && row.next <= nowMs
    if (row.fired === null || row.next !== null || row.due !== row.fired) return false
    sql.exec(`UPDATE schedules SET due = ?4, fired = ?4 WHERE ${keyIs}`, noun, name, target, timing.atMs)
    return true
  }

  #put({ noun, name, target, rank, timing, nowMs }: Key & PutTiming): void {
    const { sql } = this.#options
    this.#isChanged = true
    if (timing === undefined) {
      // The time of the last call is kept: should the entity wait for the same time again, it is not called again.
      sql.exec(
        `UPDATE schedules SET due = NULL, next = NULL, attempts = 0, parked = 0 WHERE ${keyIs}`,
        noun,
        name,
        target,
      )
      sql.exec(`DELETE FROM schedules WHERE ${keyIs} AND fired IS NULL`, noun, name, target)
      return
    }
    // A repetition begins with the first of its times that is not past.
    const due = nextTime(timing, timing.kind === 'once' ? nowMs : nowMs - 1)
    if (due === undefined) return
    sql.exec(
      `INSERT INTO schedules (noun, name, target, rank, due, next) VALUES (?1, ?2, ?3, ?4, ?5, ?5)
       ON CONFLICT DO UPDATE SET rank = ?4, due = ?5, next = CASE WHEN fired = ?5 THEN NULL ELSE ?5 END,
         attempts = 0, parked = 0, error = NULL`,
      noun,
      name,
      target,
      rank,
      due,
    )
  }

  /** A change of the entity may have removed the cause of a failure. */
  #retry({ noun, name, target }: Key): void {
    this.#options.sql.exec(
      `UPDATE schedules SET next = due, attempts = 0, parked = 0, error = NULL WHERE ${keyIs} AND attempts > 0`,
      noun,
      name,
      target,
    )
  }

  #deleteRows(noun: string, target: string): void {
    this.#options.sql.exec('DELETE FROM schedules WHERE noun = ? AND target = ?', noun, target)
  }

  /** Deletes the rows of schedules that the Noun has no more. */
  #deleteOthers({ name, schedules }: NounSchema): void {
    const names = JSON.stringify(schedules.map((schedule) => schedule.name))
    const query = 'DELETE FROM schedules WHERE noun = ? AND name NOT IN (SELECT value FROM json_each(?))'
    this.#options.sql.exec(query, name, names)
  }

  /** Makes the rows of Nouns again whose schedules read the changed field of a related entity. */
  #followReferred(schema: NounSchema, { before, after }: FollowedChange): void {
    if (before === undefined) return
    for (const { noun, field } of readersOf(this.#options.catalog.current.nouns).get(schema.name) ?? []) {
      if (before.fields[field] === after?.fields[field]) continue
      this.#setMark(noun, { fingerprint: '', cursor: null })
      this.#isChanged = true
    }
  }

  /** The first entity of a Noun needs no `recompute`. */
  #markFirst(schema: NounSchema, id: string): void {
    const { sql, state, settings } = this.#options
    if (this.#readMarks().has(schema.name)) return
    const query = `SELECT 1 FROM ${state.tableOf(schema).present} WHERE "$id" <> ? LIMIT 1`
    if (sql.exec(query, id).toArray().length > 0) return
    this.#setMark(schema.name, { fingerprint: fingerprintOf(schema, settings.current), cursor: null })
  }

  #readMarks(): Map<string, Mark> {
    this.#marks ??= new Map(
      this.#options.sql
        .exec<MarkRecord>('SELECT noun, fingerprint, cursor FROM schedule_marks')
        .toArray()
        .map(({ noun, ...mark }) => [noun, mark]),
    )
    return this.#marks
  }

  #setMark(noun: string, { fingerprint, cursor }: Mark): void {
    this.#readMarks().set(noun, { fingerprint, cursor })
    this.#options.sql.exec(
      'INSERT INTO schedule_marks VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET fingerprint = ?2, cursor = ?3',
      noun,
      fingerprint,
      cursor,
    )
  }

  #context(schema: NounSchema): DueContext {
    const { state, catalog, settings } = this.#options
    return {
      settings: settings.current,
      related: (reference, id, field) => {
        const of = schema.fields[reference]
        const names = of?.kind === 'reference' ? of.to : []
        const target = names
          .flatMap((name) => catalog.current.lookup(name) ?? [])
          .find((to) => id.startsWith(`${to.idPrefix}_`))
        if (target === undefined || !state.hasTable(target.name)) return undefined
        return state.get(state.tableOf(target), id)?.fields[field]
      },
    }
  }
}

export interface FollowedChange {
  readonly before: StoredVersion | undefined
  readonly after: StoredVersion | undefined
  readonly nowMs: number
  /** Whether a schedule has made it. */
  readonly isCall: boolean
}

interface Key {
  readonly noun: string
  readonly name: string
  readonly target: string
}

interface PutTiming {
  readonly rank: number
  readonly timing: Timing | undefined
  readonly nowMs: number
}

interface Mark {
  readonly fingerprint: string
  /** The id of the last entity whose rows were made again; null if all were. */
  readonly cursor: string | null
}

interface MarkRecord extends Record<string, SqlStorageValue> {
  readonly noun: string
  readonly fingerprint: string
  readonly cursor: string | null
}

type DueRecord = DueRow & Record<string, SqlStorageValue>

const dueColumns = 'noun, name, target, due, next, attempts'
const keyIs = 'noun = ?1 AND name = ?2 AND target = ?3'

function toEntity({ fields, createdAtMs, updatedAtMs }: StoredVersion): ScheduledEntity {
  return { fields, createdAtMs, updatedAtMs }
}

/** Rows depend on the schedules and, by time zone and business hours, on the settings. */
function fingerprintOf({ schedules }: NounSchema, settings: TenantSettings): string {
  return JSON.stringify([schedules, settings])
}
