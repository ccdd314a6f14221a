// Bulk jobs: writes of many entities that are too large for one commit. A job records its progress in the transaction of each
// of its commits, so that a crash neither repeats nor skips an entity.

import { assert, ObjectError } from 'digital-objects'

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
  /** The entity after which it continues; empty at its start. */
  readonly position: string
}

export interface BulkProgress {
  readonly done: number
  readonly refused: number
  readonly refusals: string
  readonly position: string
  readonly isFinished: boolean
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
  readonly #sql: SqlStorage
  readonly #makeId: () => string

  constructor(options: { readonly sql: SqlStorage; readonly makeId: () => string }) {
    this.#sql = options.sql
    this.#makeId = options.makeId
  }

  /** Adds a job and returns its id. Throws an ObjectError `overloaded` if too many are unfinished. */
  add(job: Pick<BulkWork, 'kind' | 'noun' | 'actor' | 'request' | 'total'> & { readonly realMs: number }): string {
    const { open } = this.#sql
      .exec<{ open: number }>('SELECT count(*) AS open FROM bulk_jobs WHERE finished IS NULL')
      .one()
    if (open >= openJobsMax)
      throw new ObjectError({
        code: 'overloaded',
        message: `${openJobsMax} jobs are running; try again when one has ended`,
      })
    this.#sql.exec(
      'DELETE FROM bulk_jobs WHERE id IN (SELECT id FROM bulk_jobs WHERE finished IS NOT NULL ORDER BY created DESC LIMIT -1 OFFSET ?)',
      bulkJobsMax - openJobsMax,
    )
    const id = this.#makeId()
    const { kind, noun, actor, request, total, realMs } = job
    this.#sql.exec(
      `INSERT INTO bulk_jobs (id, kind, noun, actor, request, total, created) VALUES (?, ?, ?, ?, ?, ?, ?)`,
      id,
      kind,
      noun,
      actor,
      request,
      total,
      realMs,
    )
    return id
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
  advance(id: string, { done, refused, refusals, position, isFinished }: BulkProgress, realMs: number): void {
    const { rowsWritten } = this.#sql.exec(
      `UPDATE bulk_jobs SET done = ?2, refused = ?3, refusals = ?4, position = ?5, finished = ?6,
        total = CASE WHEN ?6 IS NULL THEN max(total, ?2) ELSE ?2 END,
        request = CASE WHEN ?6 IS NULL THEN request ELSE '' END WHERE id = ?1 AND finished IS NULL`,
      id,
      done,
      refused,
      refusals,
      position,
      isFinished ? realMs : null,
    )
    assert(rowsWritten > 0, 'only an unfinished job advances')
  }

  /** Ends a job that cannot continue. */
  fail(id: string, message: string, realMs: number): void {
    this.#sql.exec(
      "UPDATE bulk_jobs SET finished = ?2, error = ?3, request = '' WHERE id = ?1 AND finished IS NULL",
      id,
      realMs,
      message.slice(0, errorCharactersMax),
    )
  }

  /** The time at which the oldest finished job expires; undefined without any. */
  get sweepDueMs(): number | undefined {
    const query = 'SELECT min(finished) AS first FROM bulk_jobs WHERE finished IS NOT NULL'
    const { first } = this.#sql.exec<{ first: number | null }>(query).one()
    return first === null ? undefined : first + finishedJobMsMax
  }

  sweep(realMs: number): void {
    this.#sql.exec('DELETE FROM bulk_jobs WHERE finished <= ?', realMs - finishedJobMsMax)
  }
}
