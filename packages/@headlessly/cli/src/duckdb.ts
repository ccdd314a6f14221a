// DuckDB as it is installed on this machine: the program `duckdb`, or the npm package `@duckdb/node-api` of the current folder.

import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { delimiter, join } from 'node:path'
import { accessSync, constants } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { isPlainObject, type JsonValue, tryParseJson } from 'digital-objects'

export type SqlRow = Readonly<Record<string, JsonValue>>

/** Runs statements after others that prepare them. Returns the rows of the last one; throws an Error with DuckDB's message. */
export type RunSql = (prepare: string, sql: string, signal: AbortSignal) => Promise<readonly SqlRow[]>

/** Is undefined if DuckDB is not installed. */
export function findDuckDb({ path, folder }: { readonly path: string; readonly folder: string }): RunSql | undefined {
  const program = path
    .split(delimiter)
    .flatMap((part) => (part === '' ? [] : [join(part, 'duckdb'), join(part, 'duckdb.exe')]))
    .find(isExecutable)
  if (program !== undefined) return (prepare, sql, signal) => runProgram(program, `${prepare}\n${sql}`, signal)
  const found = resolvePackage(folder)
  return found === undefined ? undefined : (prepare, sql) => runPackage(found, { prepare, sql })
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function runProgram(program: string, script: string, signal: AbortSignal): Promise<readonly SqlRow[]> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, ['-json', '-bail'], { signal, stdio: ['pipe', 'pipe', 'pipe'] })
    let [out, faults] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (part: string) => (out += part))
    child.stderr.setEncoding('utf8').on('data', (part: string) => (faults += part))
    // A program that ends early does not read its input.
    child.stdin.on('error', () => {})
    child.stdin.end(script)
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0) resolve(lastRows(out))
      else reject(new Error(faults.trim() === '' ? `duckdb ended with code ${code}` : faults.trim()))
    })
  })
}

/** The program prints a list for each statement with rows. A line break inside of a string is escaped. */
function lastRows(text: string): readonly SqlRow[] {
  const last =
    text
      .trim()
      .split(/(?<=\])\s*\n(?=\[)/)
      .at(-1) ?? ''
  const rows = tryParseJson(last === '' ? '[]' : last)
  return Array.isArray(rows) ? rows.filter((row) => isPlainObject(row)).map(rowToJson) : []
}

function resolvePackage(folder: string): string | undefined {
  try {
    return createRequire(join(folder, 'package.json')).resolve('@duckdb/node-api')
  } catch {
    return undefined
  }
}

/** The part of the package that is used here. */
interface DuckDbPackage {
  readonly DuckDBInstance: {
    create(path: string): Promise<{
      connect(): Promise<{
        run(sql: string): Promise<unknown>
        runAndReadAll(sql: string): Promise<{ getRowObjectsJS(): readonly Readonly<Record<string, unknown>>[] }>
      }>
    }>
  }
}

async function runPackage(
  file: string,
  { prepare, sql }: { readonly prepare: string; readonly sql: string },
): Promise<readonly SqlRow[]> {
  const loaded: unknown = await import(pathToFileURL(file).href)
  if (typeof loaded !== 'object' || loaded === null || !('DuckDBInstance' in loaded))
    throw new Error(`'${file}' is another version of @duckdb/node-api: install 1.3 or later`)
  const { DuckDBInstance } = loaded as DuckDbPackage // checked above
  const connection = await (await DuckDBInstance.create(':memory:')).connect()
  if (prepare !== '') await connection.run(prepare)
  const rows = (await connection.runAndReadAll(sql)).getRowObjectsJS()
  return rows.map(rowToJson)
}

function rowToJson(row: Readonly<Record<string, unknown>>): SqlRow {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, toJson(value)]))
}

/** The rows in the form in which the program prints them. */
function toJson(value: unknown): JsonValue {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
  if (value instanceof Date) return value.toISOString()
  if (Array.isArray(value)) return value.map(toJson)
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value
  if (value === null || value === undefined) return null
  return typeof value === 'object' ? rowToJson({ ...value }) : null
}
