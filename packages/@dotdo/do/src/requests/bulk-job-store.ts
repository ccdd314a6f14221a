// Bulk jobs: writes of many entities that are too large for one commit. A job records its progress in the transaction of each
// of its commits, so that a crash neither repeats nor skips an entity.

import { assert, ObjectError } from 'digital-objects'
import { UndoTargets } from './undo-targets.ts'

export interface BulkJob {
  readonly id: string
  readonly kind: string
  readonly noun: string
  /** The actor who started it. */
  readonly actor: string
  readonly state: 'running' | 'done' | 'failed'
  /** The entities that were processed, and those of them that were refused. */
  readonly done: number
  readonly refused: number
  readonly total: number
  /** The first refusals, as JSON. */
  readonly refusals: string
  /** The reason of the job's failure. */
  readonly error: string | null
  readonly createdMs: number
  readonly finishedMs: number | null
}

/** The state from which the next step of a job starts. */
export interface BulkWork extends BulkJob {
  /** The call and its caller, as JSON. */
  readonly request: string
  /** Its own text about where it continues; empty at its start, unless it was added with one. */
  readonly position: string
}

export interface BulkProgress {
  readonly done: number
  readonly refused: number
  readonly refusals: string
  readonly position: string
  readonly isFinished: boolean
  /** Set by a job that learns it later. */
  readonly total?: number
}

/** The reasons of a failure, as `refusals` has them. */
export interface BulkFailure {
  readonly message: string
  readonly refusals?: string
}

/** Limits the unfinished jobs of a tenant. */
export const openJobsMax = 20
/** Limits all jobs of a tenant. Beyond it, the oldest finished ones are dropped. */
export const bulkJobsMax = 1_000
export const finishedJobMsMax = 7 * 24 * 60 * 60 * 1_000
const errorCharactersMax = 1_000

const jobColumns = `id, kind, noun, actor, done, refused, total, refusals, error, created AS createdMs, finished AS finishedMs,
  CASE WHEN finished IS NULL THEN 'running' WHEN error IS NULL THEN 'done' ELSE 'failed' END AS state`

type JobRow = BulkJob & Record<string, SqlStorageValue>
type WorkRow = BulkWork & Record<string, SqlStorageValue>

export class BulkJobStore {
  readonly targets: UndoTargets
  readonly #sql: SqlStorage
  readonly #makeId: () => string

  constructor(options: { readonly sql: SqlStorage; readonly makeId: () => string }) {
    this.targets = new UndoTargets(options.sql)
    this.#sql = options.sql
    this.#makeId = options.makeId
  }

  /** Adds a job and returns its id. Throws an ObjectError `overloaded` if too many are unfinished. */
  add(
    job: Pick<BulkWork, 'kind' | 'noun' | 'actor' | 'request' | 'total'> & {
      readonly position?: string
      readonly realMs: number
    },
  ): string {
    const { open } = this.#sql
      .exec<{ open: number }>('SELECT count(*) AS open FROM bulk_jobs WHERE finished IS NULL')
      .one()
    if (open >= openJobsMax)
      throw new ObjectError({
        code: 'overloaded',
        message: `${openJobsMax} jobs are running; try again when one has ended`,
      })
    this.#drop(
      'id IN (SELECT id FROM bulk_jobs WHERE finished IS NOT NULL ORDER BY created DESC LIMIT -1 OFFSET ?)',
      bulkJobsMax - openJobsMax,
    )
    const id = this.#makeId()
    const { kind, noun, actor, request, position = '', total, realMs } = job
    this.#sql.exec(
      `INSERT INTO bulk_jobs (id, kind, noun, actor, request, position, total, created, has_commits) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1)`,
      id,
      kind,
      noun,
      actor,
      request,
      position,
      total,
      realMs,
    )
    return id
  }

  /** Records a commit of the job. Call it in its transaction. */
  made(id: string, commit: number): void {
    this.#sql.exec('INSERT INTO bulk_commits VALUES (?, ?)', id, commit)
  }

  /** Whether an undo has taken back the commit, which are those of its list from `before` on, or has made it. */
  hasTakenBack(id: string, commit: number, before: number): boolean {
    if (commit >= before && this.targets.among(id, [commit]).size > 0) return true
    return this.#sql.exec('SELECT 1 FROM bulk_commits WHERE job = ? AND "commit" = ?', id, commit).toArray().length > 0
  }

  /** Returns the commits that the job has made, oldest first; undefined if it was started before they were recorded. */
  commitsOf(
    id: string,
    { after, limit }: { readonly after: number; readonly limit: number },
  ): readonly number[] | undefined {
    const isRecorded = this.#sql.exec('SELECT 1 FROM bulk_jobs WHERE id = ? AND has_commits = 1', id).toArray()
    if (isRecorded.length === 0) return undefined
    const query = 'SELECT "commit" FROM bulk_commits WHERE job = ? AND "commit" > ? ORDER BY "commit" LIMIT ?'
    return this.#sql
      .exec<{ commit: number }>(query, id, after, limit)
      .toArray()
      .map(({ commit }) => commit)
  }

  /** Returns the unfinished job that was added first. */
  next(): BulkWork | undefined {
    const query = `SELECT ${jobColumns}, request, position FROM bulk_jobs WHERE finished IS NULL ORDER BY created, id LIMIT 1`
    return this.#sql.exec<WorkRow>(query).toArray()[0]
  }

  get hasOpen(): boolean {
    return this.#sql.exec('SELECT 1 FROM bulk_jobs WHERE finished IS NULL LIMIT 1').toArray().length > 0
  }

  find(id: string): BulkJob | undefined {
    return this.#sql.exec<JobRow>(`SELECT ${jobColumns} FROM bulk_jobs WHERE id = ?`, id).toArray()[0]
  }

  /** Returns the newest jobs, of one actor or of all. */
  list({ actor, limit }: { readonly actor?: string; readonly limit: number }): readonly BulkJob[] {
    const query = `SELECT ${jobColumns} FROM bulk_jobs WHERE ?1 IS NULL OR actor = ?1 ORDER BY created DESC, id DESC LIMIT ?2`
    return this.#sql.exec<JobRow>(query, actor ?? null, limit).toArray()
  }

  /** Records a step. Call it in the transaction of the step's commit. A finished job no longer has its request. */
  advance(id: string, { done, refused, refusals, position, isFinished, total }: BulkProgress, realMs: number): void {
    const { rowsWritten } = this.#sql.exec(
      `UPDATE bulk_jobs SET done = ?2, refused = ?3, refusals = ?4, position = ?5, finished = ?6,
        total = CASE WHEN ?6 IS NULL THEN max(coalesce(?7, total), ?2) ELSE ?2 END,
        request = CASE WHEN ?6 IS NULL THEN request ELSE '' END WHERE id = ?1 AND finished IS NULL`,
      id,
      done,
      refused,
      refusals,
      position,
      isFinished ? realMs : null,
      total ?? null,
    )
    if (isFinished) this.targets.clear(id)
    assert(rowsWritten > 0, 'only an unfinished job advances')
  }

  /** Ends a job that cannot continue. */
  fail(id: string, { message, refusals }: BulkFailure, realMs: number): void {
    this.#sql.exec(
      `UPDATE bulk_jobs SET finished = ?2, error = ?3, refusals = coalesce(?4, refusals), request = ''
        WHERE id = ?1 AND finished IS NULL`,
      id,
      realMs,
      message.slice(0, errorCharactersMax),
      refusals ?? null,
    )
    this.targets.clear(id)
  }

  /** The time at which the oldest finished job expires; undefined without any. */
  get sweepDueMs(): number | undefined {
    const query = 'SELECT min(finished) AS first FROM bulk_jobs WHERE finished IS NOT NULL'
    const { first } = this.#sql.exec<{ first: number | null }>(query).one()
    return first === null ? undefined : first + finishedJobMsMax
  }

  sweep(realMs: number): void {
    this.#drop('finished <= ?', realMs - finishedJobMsMax)
  }

  #drop(condition: string, value: number): void {
    const { rowsWritten } = this.#sql.exec(`DELETE FROM bulk_jobs WHERE ${condition}`, value)
    if (rowsWritten > 0) this.#sql.exec('DELETE FROM bulk_commits WHERE job NOT IN (SELECT id FROM bulk_jobs)')
  }
}
