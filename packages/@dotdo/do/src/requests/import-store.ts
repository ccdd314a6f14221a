// Imports: the rows of files that wait for their job, the rows that were refused, references that a later row may explain, and
// the names that entities have in the program they come from.

import { ObjectError } from 'digital-objects'
import type { Sweepable } from './request-sweep-job.ts'

/** A file whose rows are here. */
export interface ImportSource {
  readonly id: string
  readonly actor: string
  /** The job that imports it; null before it was started. */
  readonly job: string | null
  readonly pieces: number
  readonly rows: number
  /** The names of its columns, as JSON; empty before the start. */
  readonly header: string
}

/** A reference whose text named nothing when its row was imported. */
export interface ImportLink {
  readonly n: number
  readonly line: number
  readonly entity: string
  readonly field: string
  readonly text: string
}

export interface RefusedImportRow {
  readonly n: number
  readonly line: number
  readonly reason: string
  /** The row as it was staged, as JSON. */
  readonly row: string
}

type Row<Of> = Of & Record<string, SqlStorageValue>

/** A file that nobody imports is forgotten after a day. */
export const unusedSourceMsMax = 24 * 60 * 60 * 1_000
/** Refused rows can be fetched as long as the job is shown. */
export const endedSourceMsMax = 7 * 24 * 60 * 60 * 1_000
/** Limit what a tenant holds: the files that wait, and the bytes of their rows, which are compressed. */
const sourcesMax = 100
const stagedBytesMax = 2 * 2 ** 30
/** Limits the refused rows that are kept. The others are counted. */
export const refusedRowsMax = 100_000
/** The first refused rows are kept if they are large, too. So an import keeps at most some 300 MB of them. */
const largeRowsMax = 1_000
const largeRowCharactersMax = 100_000
const rowCharactersMax = 2_000
const reasonCharactersMax = 1_000

const sourceColumns = 'id, actor, job, pieces, rows, header'

export class ImportStore implements Sweepable {
  readonly #sql: SqlStorage
  readonly #makeId: () => string

  constructor(options: { readonly sql: SqlStorage; readonly makeId: () => string }) {
    this.#sql = options.sql
    this.#makeId = options.makeId
  }

  /** Throws an ObjectError if too many files wait. */
  addSource({ actor, realMs }: { readonly actor: string; readonly realMs: number }): string {
    this.sweep(realMs)
    const held = this.#sql
      .exec<{ count: number }>('SELECT count(*) AS count FROM import_sources WHERE job IS NULL')
      .one()
    if (held.count >= sourcesMax) throw overloaded(`${sourcesMax} files of this tenant wait to be imported`)
    const id = this.#makeId()
    this.#sql.exec(
      "INSERT INTO import_sources (id, actor, expires, header) VALUES (?, ?, ?, '')",
      id,
      actor,
      realMs + unusedSourceMsMax,
    )
    return id
  }

  find(id: string): ImportSource | undefined {
    return this.#sql
      .exec<Row<ImportSource>>(`SELECT ${sourceColumns} FROM import_sources WHERE id = ?`, id)
      .toArray()[0]
  }

  ofJob(job: string): ImportSource | undefined {
    return this.#sql
      .exec<Row<ImportSource>>(`SELECT ${sourceColumns} FROM import_sources WHERE job = ?`, job)
      .toArray()[0]
  }

  /** Adds the next rows of a file. A piece that is there already is kept, since its message was sent twice. */
  addPiece(id: string, piece: { readonly n: number; readonly rows: number; readonly data: ArrayBuffer }): void {
    const { bytes } = this.#sql.exec<{ bytes: number }>('SELECT total(bytes) AS bytes FROM import_sources').one()
    if (bytes + piece.data.byteLength > stagedBytesMax)
      throw overloaded(
        `the files of this tenant that wait to be imported have at most ${stagedBytesMax} bytes of compressed rows`,
      )
    const { rowsWritten } = this.#sql.exec(
      'INSERT OR IGNORE INTO import_pieces VALUES (?, ?, ?)',
      id,
      piece.n,
      piece.data,
    )
    if (rowsWritten === 0) return
    this.#sql.exec(
      'UPDATE import_sources SET pieces = pieces + 1, rows = rows + ?2, bytes = bytes + ?3 WHERE id = ?1',
      id,
      piece.rows,
      piece.data.byteLength,
    )
  }

  piece(id: string, n: number): ArrayBuffer | undefined {
    const query = 'SELECT data FROM import_pieces WHERE source = ? AND n = ?'
    return this.#sql.exec<{ data: ArrayBuffer }>(query, id, n).toArray()[0]?.data
  }

  /** Forgets a file that no job imports. */
  discard(id: string): void {
    this.#sql.exec('DELETE FROM import_pieces WHERE source = ?', id)
    this.#sql.exec('DELETE FROM import_sources WHERE id = ?', id)
  }

  /** A file is imported once. Call it in the transaction that adds the job. */
  start(id: string, { job, header }: { readonly job: string; readonly header: string }): void {
    this.#sql.exec('UPDATE import_sources SET job = ?2, header = ?3, expires = NULL WHERE id = ?1', id, job, header)
  }

  /** Call it in the transaction of the last step. Refused rows stay. */
  finish(id: string, realMs: number): void {
    this.#sql.exec('DELETE FROM import_pieces WHERE source = ?', id)
    this.#sql.exec('DELETE FROM import_links WHERE source = ?', id)
    this.#sql.exec('UPDATE import_sources SET bytes = 0, expires = ?2 WHERE id = ?1', id, realMs + endedSourceMsMax)
  }

  /** Call it in the transaction of the row's commit, as the others below. */
  refuse(id: string, { line, reason, row }: Omit<RefusedImportRow, 'n'>): void {
    const n = this.#nextOf('import_refused', id)
    if (n > refusedRowsMax) return
    const isKept = row.length <= (n <= largeRowsMax ? largeRowCharactersMax : rowCharactersMax)
    const why = reason.length <= reasonCharactersMax ? reason : reason.slice(0, reasonCharactersMax).toWellFormed()
    // A row without cells: its line says where it is.
    const kept = isKept ? row : JSON.stringify([line])
    this.#sql.exec('INSERT INTO import_refused VALUES (?, ?, ?, ?, ?)', id, n, line, why, kept)
  }

  #nextOf(table: 'import_refused' | 'import_links', id: string): number {
    const query = `SELECT max(n) AS last FROM ${table} WHERE source = ?`
    return (this.#sql.exec<{ last: number | null }>(query, id).one().last ?? 0) + 1
  }

  refused(
    id: string,
    { after, limit }: { readonly after: number; readonly limit: number },
  ): readonly RefusedImportRow[] {
    const query = 'SELECT n, line, reason, "row" FROM import_refused WHERE source = ? AND n > ? ORDER BY n LIMIT ?'
    return this.#sql.exec<Row<RefusedImportRow>>(query, id, after, limit).toArray()
  }

  addLink(id: string, { line, entity, field, text }: Omit<ImportLink, 'n'>): void {
    const n = this.#nextOf('import_links', id)
    this.#sql.exec('INSERT INTO import_links VALUES (?, ?, ?, ?, ?, ?)', id, n, line, entity, field, text)
  }

  links(id: string, { after, limit }: { readonly after: number; readonly limit: number }): readonly ImportLink[] {
    const query = 'SELECT n, line, entity, field, text FROM import_links WHERE source = ? AND n > ? ORDER BY n LIMIT ?'
    return this.#sql.exec<Row<ImportLink>>(query, id, after, limit).toArray()
  }

  /** Returns the entity that had this name in another program. It may have been deleted since. */
  idOf(noun: string, name: string): string | undefined {
    const query = 'SELECT id FROM import_names WHERE noun = ? AND name = ?'
    return this.#sql.exec<{ id: string }>(query, noun, name).toArray()[0]?.id
  }

  /** A later entity takes the name of a deleted one. */
  setName(noun: string, name: string, id: string): void {
    this.#sql.exec(
      'INSERT INTO import_names VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET id = excluded.id WHERE id <> excluded.id',
      noun,
      name,
      id,
    )
  }

  get sweepDueMs(): number | undefined {
    const query = `SELECT min(expires) AS due FROM import_sources`
    const { due } = this.#sql.exec<{ due: number | null }>(query).one()
    return due ?? undefined
  }

  sweep(realMs: number): void {
    // A job that failed has not finished its file.
    this.#sql.exec(
      `UPDATE import_sources SET expires = ?1 WHERE expires IS NULL AND job IN (SELECT id FROM bulk_jobs WHERE finished IS NOT NULL)`,
      realMs + endedSourceMsMax,
    )
    const { rowsWritten } = this.#sql.exec('DELETE FROM import_sources WHERE expires <= ?', realMs)
    if (rowsWritten === 0) return
    for (const table of ['import_pieces', 'import_links', 'import_refused'])
      this.#sql.exec(`DELETE FROM ${table} WHERE source NOT IN (SELECT id FROM import_sources)`)
  }
}

function overloaded(message: string): ObjectError {
  return new ObjectError({
    code: 'overloaded',
    field: 'file',
    message: `${message}: try again when some have been imported`,
  })
}
