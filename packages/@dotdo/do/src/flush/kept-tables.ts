// Copies of tables that events do not have, in the lake: with them and the log there, a lost database is restored. The copies
// are JSON files, put again when their tables have changed. They are as sensitive as the database: they have hashes of keys, and
// secrets as they are sealed.

import { hash } from 'node:crypto'
import { DamagedFile, type ObjectStore } from '@dotdo/db'
import { isObject, parseJson } from 'digital-objects'
import type { LakeState } from './lake-state.ts'
import { privatePrefix } from './private-files.ts'

interface KeptTable {
  readonly name: string
  /** The file of its copy. Tables that change with most writes are apart from the others. */
  readonly file: 'kept' | 'recent'
  /** Chooses the rows to keep, the most important first. `?1` is the server's time in ms. */
  readonly rows: string
  /** Whether a row fits a log that ends at `head`. Rows of later events are of no use. */
  readonly fits?: (row: Row, head: number) => boolean
}

export type Row = Readonly<Record<string, SqlStorageValue>>

export const keptFormat = 1
/** Limits a copy, and the time to make it. */
const keptRowsMax = 5_000
const keptCharactersMax = 8_000_000

const seqFits = (row: Row, head: number): boolean => Math.abs(Number(row['seq'])) <= head
const commitFits = (row: Row, head: number): boolean => Number(row['commit'] ?? 0) <= head

export const keptTables: readonly KeptTable[] = [
  { name: 'nouns', file: 'kept', rows: 'ORDER BY name, since', fits: (row, head) => Number(row['since']) <= head },
  { name: 'credentials', file: 'kept', rows: 'WHERE ends IS NULL OR ends > ?1 ORDER BY ends IS NOT NULL, ends DESC' },
  { name: 'secrets', file: 'kept', rows: 'ORDER BY name' },
  {
    name: 'expiring_values',
    file: 'kept',
    rows: 'WHERE ends IS NULL OR ends > ?1 ORDER BY ends IS NOT NULL, ends DESC',
  },
  { name: 'schedules', file: 'kept', rows: 'WHERE fired IS NOT NULL ORDER BY fired DESC' },
  { name: 'outbox', file: 'recent', rows: 'ORDER BY id', fits: seqFits },
  { name: 'deliveries', file: 'kept', rows: 'ORDER BY seq DESC', fits: seqFits },
  { name: 'text_origins', file: 'kept', rows: 'ORDER BY seq DESC', fits: seqFits },
  { name: 'idempotency_keys', file: 'recent', rows: 'ORDER BY at DESC', fits: seqFits },
  { name: 'approval_requests', file: 'kept', rows: 'ORDER BY created DESC', fits: commitFits },
  { name: 'audit_entries', file: 'recent', rows: 'ORDER BY id DESC' },
]

export interface KeptTablesOptions {
  readonly sql: SqlStorage
  readonly store: ObjectStore
  readonly lake: LakeState
  readonly tenant: () => string
  readonly now: () => number
}

/** Puts the copies that have changed since they were put last; `isAll` puts all. */
export async function keepTables({ sql, store, lake, tenant, now }: KeptTablesOptions, isAll = false): Promise<void> {
  const known = isAll ? {} : (lake.read('kept') ?? {})
  // All are read at one time, so that they fit together.
  const texts = (['kept', 'recent'] as const).map((file) => {
    const tables = keptTables.filter((table) => table.file === file)
    return {
      file,
      text: `{"format":${keptFormat},"tables":{${tables.map((table) => copyOf(sql, table, now())).join()}}}`,
    }
  })
  const kept = Object.fromEntries(texts.map(({ file, text }) => [file, hash('sha256', text)]))
  const changed = texts.filter(({ file }) => kept[file] !== known[file])
  for (const { file, text } of changed)
    await store.put(keyOf(tenant(), file), new TextEncoder().encode(text), { ifAbsent: false })
  if (changed.length === 0) return
  await store.sync(changed.map(({ file }) => keyOf(tenant(), file)))
  lake.write('kept', kept)
}

function copyOf(sql: SqlStorage, { name, rows }: KeptTable, nowMs: number): string {
  const query = `SELECT * FROM "${name}" ${rows} LIMIT ${keptRowsMax + 1}`
  const lines: string[] = []
  let characters = 0
  let isWhole = true
  for (const row of query.includes('?1') ? sql.exec(query, nowMs) : sql.exec(query)) {
    // The cursor is read to its end, since an open one keeps its table.
    if (lines.length >= keptRowsMax || characters > keptCharactersMax) {
      isWhole = false
      continue
    }
    const text = rowToText(row)
    characters += text.length
    lines.push(text)
  }
  return `"${name}":{"isWhole":${isWhole},"rows":[${lines.join(',\n')}]}`
}

export function rowToText(row: Row): string {
  return JSON.stringify(Object.fromEntries(Object.entries(row).map(([column, value]) => [column, encode(value)])))
}

/** `key` names the file in an error. */
export function textToRow(parsed: Readonly<Record<string, unknown>>, key: string): Row {
  return Object.fromEntries(Object.entries(parsed).map(([column, value]) => [column, decode(value, key)] as const))
}

export interface KeptRows {
  readonly rows: readonly Row[]
  /** False if the copy had not all rows, or there was none. */
  readonly isWhole: boolean
}

/** Reads the copies of a tenant, by table, without rows of events after `head`. Throws a DamagedFile for one that cannot be read. */
export async function readKept(
  store: ObjectStore,
  { tenant, head }: { readonly tenant: string; readonly head: number },
): Promise<ReadonlyMap<string, KeptRows>> {
  const found = new Map<string, KeptRows>()
  for (const file of ['kept', 'recent'] as const) {
    const key = keyOf(tenant, file)
    const bytes = await store.get(key)
    const tables = bytes === undefined ? {} : parseCopy(new TextDecoder().decode(bytes), key)
    for (const { name, fits = () => true } of keptTables.filter((table) => table.file === file)) {
      const table = tables[name]
      const copied = isObject(table) && Array.isArray(table['rows']) ? table['rows'].filter(isObject) : []
      const rows = copied.map((row) => textToRow(row, key))
      const isWhole = isObject(table) && table['isWhole'] === true
      found.set(name, { rows: rows.filter((row) => fits(row, head)), isWhole })
    }
  }
  return found
}

function parseCopy(text: string, key: string): Readonly<Record<string, unknown>> {
  const parsed = parseJson(text, () => new DamagedFile(key, 'it is not JSON'))
  const tables = isObject(parsed) && parsed['format'] === keptFormat ? parsed['tables'] : undefined
  if (!isObject(tables)) throw new DamagedFile(key, `it has another format than ${keptFormat}`)
  return tables
}

/** Inserts rows of a copy. Columns that the table does not have any more are left out. */
export function insertKept(sql: SqlStorage, name: string, rows: readonly Row[]): void {
  const columns = [...sql.exec<{ name: string }>('SELECT name FROM pragma_table_info(?)', name)].map(
    (each) => each.name,
  )
  for (const row of rows) {
    const known = columns.filter((column) => Object.hasOwn(row, column))
    const names = known.map((column) => `"${column}"`).join(', ')
    const marks = known.map(() => '?').join(', ')
    sql.exec(
      `INSERT OR REPLACE INTO "${name}" (${names}) VALUES (${marks})`,
      ...known.map((column) => row[column] ?? null),
    )
  }
}

function keyOf(tenant: string, file: KeptTable['file']): string {
  return `${privatePrefix(tenant)}tables/${file}.json`
}

function encode(value: SqlStorageValue): string | number | null | { readonly base64: string } {
  if (!(value instanceof ArrayBuffer)) return value
  return { base64: btoa(String.fromCharCode(...new Uint8Array(value))) }
}

function decode(value: unknown, key: string): SqlStorageValue {
  if (value === null || typeof value === 'string' || typeof value === 'number') return value
  const base64 = isObject(value) ? value['base64'] : undefined
  if (typeof base64 !== 'string') throw new DamagedFile(key, 'a value is neither text, number nor bytes')
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)).buffer
}
