// The rows of a table of a SQLite file, as CSV. The server has no reader of such files, since a foreign database may be large and
// is read by pages from all over it.

import { closeSync, openSync, readSync, writeSync } from 'node:fs'
import { formatCsvRecord } from 'digital-objects'

export class SqliteProblem extends Error {}

/** The first bytes of every SQLite file. */
const magic = 'SQLite format 3\0'
const charactersPerWrite = 1_000_000

export function isSqliteFile(file: string): boolean {
  const found = openSync(file, 'r')
  try {
    const bytes = Buffer.alloc(magic.length)
    readSync(found, bytes, 0, magic.length, 0)
    return bytes.toString('latin1') === magic
  } finally {
    closeSync(found)
  }
}

/** Writes a table to a CSV file. Without a name it is the only one. Throws a SqliteProblem. */
export async function writeTable(
  file: string,
  { table, into }: { readonly table?: string | undefined; readonly into: string },
): Promise<void> {
  const { DatabaseSync } = await loadSqlite()
  const database = understood(() => new DatabaseSync(file, { readOnly: true }))
  try {
    const name = understood(() => tableOf(database, table))
    const query = database.prepare(`SELECT * FROM "${name.replaceAll('"', '""')}"`)
    query.setReadBigInts(true)
    const columns = query.columns().map((column) => column.name)
    const out = openSync(into, 'w', 0o600)
    try {
      let text = `${formatCsvRecord(columns)}\r\n`
      for (const row of query.iterate()) {
        text += `${formatCsvRecord(columns.map((column) => toCell(row[column], column)))}\r\n`
        if (text.length < charactersPerWrite) continue
        writeSync(out, text)
        text = ''
      }
      writeSync(out, text)
    } finally {
      closeSync(out)
    }
  } finally {
    database.close()
  }
}

/** Node has it since version 22.13. */
async function loadSqlite(): Promise<typeof import('node:sqlite')> {
  try {
    return await import('node:sqlite')
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_UNKNOWN_BUILTIN_MODULE')) throw error
    throw new SqliteProblem(
      `SQLite files are read by Node 22.13 or later, and this is ${process.version}: update Node, or export the table as CSV (sqlite3 -csv -header)`,
    )
  }
}

type Database = InstanceType<(typeof import('node:sqlite'))['DatabaseSync']>

function tableOf(database: Database, named: string | undefined): string {
  const rows = database
    .prepare(
      "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
    )
    .all()
  const names = rows.map(({ name }) => String(name))
  const listed = names.slice(0, 20).join(', ')
  if (named !== undefined) {
    if (names.includes(named)) return named
    throw new SqliteProblem(`the file has no table '${named}'; it has ${listed}`)
  }
  const [only] = names
  if (only === undefined) throw new SqliteProblem('the file has no tables')
  if (names.length > 1) throw new SqliteProblem(`the file has the tables ${listed}: name one with --table`)
  return only
}

function toCell(value: unknown, column: string): string | null {
  if (value === null || value === undefined) return null
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'bigint') return String(value)
  throw new SqliteProblem(`column '${column}' has binary values, which no field can hold: import a view without it`)
}

function understood<Result>(read: () => Result): Result {
  try {
    return read()
  } catch (error) {
    if (error instanceof SqliteProblem || !(error instanceof Error)) throw error
    throw new SqliteProblem(`the SQLite file cannot be read: ${error.message}`)
  }
}
