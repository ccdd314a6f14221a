// The commits that a bulk job takes back, newest first, while it is running.

export class UndoTargets {
  readonly #sql: SqlStorage

  constructor(sql: SqlStorage) {
    this.#sql = sql
  }

  add(job: string, commits: readonly number[]): void {
    const query = 'INSERT OR IGNORE INTO undo_targets SELECT ?1, value FROM json_each(?2)'
    this.#sql.exec(query, job, JSON.stringify(commits))
  }

  remove(job: string, commits: readonly number[]): void {
    const query = 'DELETE FROM undo_targets WHERE job = ?1 AND "commit" IN (SELECT value FROM json_each(?2))'
    this.#sql.exec(query, job, JSON.stringify(commits))
  }

  /** Returns the newest ones before a commit, newest first. */
  newest(job: string, { before, limit }: { readonly before: number; readonly limit: number }): readonly number[] {
    const query = 'SELECT "commit" FROM undo_targets WHERE job = ? AND "commit" < ? ORDER BY "commit" DESC LIMIT ?'
    return this.#sql
      .exec<{ commit: number }>(query, job, before, limit)
      .toArray()
      .map(({ commit }) => commit)
  }

  count(job: string): number {
    return this.#sql.exec<{ count: number }>('SELECT count(*) AS count FROM undo_targets WHERE job = ?', job).one()
      .count
  }

  hasBefore(job: string, before: number): boolean {
    const query = 'SELECT 1 FROM undo_targets WHERE job = ? AND "commit" < ? LIMIT 1'
    return this.#sql.exec(query, job, before).toArray().length > 0
  }

  /** Returns undefined if there are none. */
  oldest(job: string): number | undefined {
    const query = 'SELECT min("commit") AS "commit" FROM undo_targets WHERE job = ?'
    return this.#sql.exec<{ commit: number | null }>(query, job).one().commit ?? undefined
  }

  /** Returns those of the commits that the job takes back. */
  among(job: string, commits: readonly number[]): ReadonlySet<number> {
    const query = 'SELECT "commit" FROM undo_targets WHERE job = ?1 AND "commit" IN (SELECT value FROM json_each(?2))'
    const found = this.#sql.exec<{ commit: number }>(query, job, JSON.stringify(commits)).toArray()
    return new Set(found.map(({ commit }) => commit))
  }

  /** Forgets the commits of a job that has ended. */
  clear(job: string): void {
    this.#sql.exec('DELETE FROM undo_targets WHERE job = ?', job)
  }
}
