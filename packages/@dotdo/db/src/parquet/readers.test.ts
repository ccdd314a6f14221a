// DuckDB and ClickHouse read the written files: types, encodings, statistics, bloom filters and every value.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { elementStorageOf, type JsonValue } from 'digital-objects'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { askClickHouse, clickHousePath } from '../../test/clickhouse.ts'
import { type DuckDBConnection, hasDuckDB, openDuckDB } from '../../test/duckdb.ts'
import { columnsOf, everyType, putEntityFile } from '../../test/entity-files.ts'
import { anyRows, anyValue, edgeTexts, storedFields } from '../../test/generated-entities.ts'
import { MemoryObjectStore } from '../object-store/memory-object-store.ts'
import type { Column } from './columns.ts'
import type { EntityRow } from './entity-row.ts'

const columns = columnsOf(everyType)
const groupRows = 25
const dayMs = 86_400_000

const edges: Readonly<Record<string, readonly JsonValue[]>> = {
  string: edgeTexts,
  number: [0, -0, -1, -1.5, 0.1, 2 ** 53, -(2 ** 53), 2 ** 63, 1e21, Number.MAX_VALUE, -Number.MAX_VALUE, 5e-324],
  boolean: [true, false],
  datetime: [
    '0000-01-01T00:00:00.000Z',
    '1969-12-31T23:59:59.999Z',
    '2026-01-15T10:00:00.001Z',
    '9999-12-31T23:59:59.999Z',
  ],
  date: ['0000-01-01', '1582-10-10', '1969-12-31', '1970-01-01', '2024-02-29', '9999-12-31'],
  json: [{ a: { b: null } }, [], '', 'text', 0, false, 2 ** 60, '\uFEFF', { 'ä"\\\n😀': [1.5] }],
}

/** Three row groups: edge cases first, then generated rows with missing values. */
const rows: readonly EntityRow[] = fc
  .sample(anyRows(everyType, { min: 70, max: 70 }), { numRuns: 1, seed: 20_261_123 })
  .flat()
  .map((row, at) => {
    const fields = { ...row.fields }
    for (const field of storedFields(everyType)) {
      const value = field.kind === 'data' ? edges[field.type]?.[at] : undefined
      if (value !== undefined) fields[field.name] = value
    }
    return { ...row, version: at === 0 ? Number.MAX_SAFE_INTEGER : row.version, fields }
  })

/** A full row group and part of another: dictionaries of every index width, and too many strings for one dictionary. */
const manyRows: readonly EntityRow[] = Array.from({ length: 6_234 }, (_, at) => ({
  ...(rows[at % rows.length] as EntityRow),
  id: `thing_${String(at).padStart(12, '0')}`,
  version: 1 + ((at * 7) % 11),
  seq: 3 * at + ((at * 5) % 3),
  updatedAtMs: at * 86_399_999,
  isDeleted: at > 3_000 && at % 17 === 0,
  fields: {
    ...rows[(at * 31) % rows.length]?.fields,
    string: `text ${(at * 7_919) % 6_000}`,
    stringIndexed: `text ${at % 300}`,
    stringUnique: `unique ${at}`,
    numberUnique: at / 7,
    numberIndexed: at % 1_000,
    datetimeUnique: new Date(at * 86_400_001).toISOString(),
    ...(at < 5_500 ? { boolean: at % 100 < 50 } : {}),
  },
}))

let folder: string
let path: string
let duckdb: DuckDBConnection | undefined

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parquet-'))
  path = join(folder, 'thing.parquet')
  const store = new MemoryObjectStore()
  const { key } = await putEntityFile({ store, columns, rows, groupRows })
  await writeFile(path, (await store.get(key)) ?? new Uint8Array())
  await putEntityFile({ store, columns, rows: manyRows, key })
  await writeFile(join(folder, 'many.parquet'), (await store.get(key)) ?? new Uint8Array())
  if (hasDuckDB) duckdb = await openDuckDB()
})

afterAll(async () => {
  duckdb?.closeSync()
  await rm(folder, { recursive: true, force: true })
})

type Row = Readonly<Record<string, unknown>>

async function ask(sql: string): Promise<readonly Row[]> {
  const answer = await duckdb?.runAndReadAll(sql)
  return answer?.getRowObjectsJson() ?? []
}

/** The value that an engine should return: timestamps in microseconds, dates in days. */
function plainValue(row: EntityRow, column: Column): string | number | boolean | null {
  const own: Readonly<Record<string, string | number | boolean>> = {
    $id: row.id,
    $version: String(row.version),
    $createdAt: `${BigInt(row.createdAtMs) * 1000n}`,
    $createdBy: row.createdBy,
    $updatedAt: `${BigInt(row.updatedAtMs) * 1000n}`,
    $seq: String(row.seq),
    $deleted: row.isDeleted,
  }
  const meta = own[column.name]
  if (meta !== undefined) return meta
  const value = row.fields[column.name]
  if (value === undefined) return null
  if (column.storage === 'json') return JSON.stringify(value)
  if (column.storage === 'time') return `${BigInt(Date.parse(String(value))) * 1000n}`
  if (column.storage === 'date') return String(Date.parse(String(value)) / dayMs)
  return typeof value === 'number' && value === 0 ? 0 : (value as string | number | boolean) // as the types say
}

function plainRows(of: readonly EntityRow[]): readonly Row[] {
  return of.map((row) => Object.fromEntries(columns.map((column) => [column.name, plainValue(row, column)])))
}

function isWhole(column: Column): boolean {
  return column.storage === 'time' || column.storage === 'date' || column.isInteger === true
}

describe.skipIf(!hasDuckDB)('DuckDB', () => {
  test('sees each column with its field id, physical type and logical type', async () => {
    const timestamp =
      'TimestampType(isAdjustedToUTC=1, unit=TimeUnit(MILLIS=<null>, MICROS=MicroSeconds(), NANOS=<null>))'
    const text = { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: 'StringType()' }
    const types = {
      text,
      json: text,
      real: { type: 'DOUBLE', converted_type: null, logical_type: null },
      boolean: { type: 'BOOLEAN', converted_type: null, logical_type: null },
      time: { type: 'INT64', converted_type: null, logical_type: timestamp },
      date: { type: 'INT32', converted_type: 'DATE', logical_type: 'DateType()' },
    }
    const [root, ...found] = await ask(
      `SELECT name, type, converted_type, logical_type, repetition_type, field_id FROM parquet_schema('${path}')`,
    )
    expect(root?.['name']).toBe('entity')
    expect(found).toEqual(
      columns.map((column) => ({
        name: column.name,
        ...types[elementStorageOf(column.storage)],
        ...(column.isInteger === true ? { type: 'INT64' } : {}),
        repetition_type: column.name.startsWith('$') ? 'REQUIRED' : 'OPTIONAL',
        field_id: String(column.id),
      })),
    )
    expect(columns.map(({ id }) => id)).toEqual([1, 7, 2, 3, 4, 5, 6, ...columns.slice(7).map((_, at) => 101 + at)])
  })

  test('sees each column in its specified encoding, in every row group', async () => {
    const found = await ask(
      `SELECT row_group_id, path_in_schema, encodings, compression, bloom_filter_offset IS NOT NULL AS bloom
       FROM parquet_metadata('${path}') ORDER BY row_group_id, column_id`,
    )
    const encodings = {
      text: 'PLAIN, RLE_DICTIONARY',
      json: 'PLAIN',
      real: 'PLAIN',
      boolean: 'RLE',
      time: 'PLAIN',
      date: 'PLAIN',
    }
    const isIndexed = (name: string): boolean => /Indexed$|Unique$|^reference$|^\$id$/.test(name)
    const expected = (group: number): readonly Row[] =>
      columns.map(({ name, storage, isInteger }) => ({
        row_group_id: String(group),
        path_in_schema: name,
        encodings:
          isIndexed(name) && storage !== 'boolean'
            ? 'PLAIN, RLE_DICTIONARY'
            : isInteger === true
              ? 'DELTA_BINARY_PACKED'
              : encodings[elementStorageOf(storage)],
        compression: 'GZIP',
        bloom: isIndexed(name) && storage !== 'boolean',
      }))
    expect(found).toEqual([0, 1, 2].flatMap(expected))
  })

  test('sees statistics that bound every value and count missing values', async () => {
    for (const column of columns.filter(({ storage }) => storage !== 'json')) {
      const found = await ask(
        `SELECT ${bound(column, 'stats_min_value')} AS least, ${bound(column, 'stats_max_value')} AS most,
                stats_null_count AS nulls, coalesce(min_is_exact, true) AS exact_min, coalesce(max_is_exact, true) AS exact_max
         FROM parquet_metadata('${path}') WHERE path_in_schema = '${column.name}' ORDER BY row_group_id`,
      )
      expect(found).toHaveLength(3)
      for (const [group, { least, most, nulls, exact_min: exactMin, exact_max: exactMax }] of found.entries()) {
        const all = rows.slice(group * groupRows, (group + 1) * groupRows).map((row) => plainValue(row, column))
        const values = all.filter((value) => value !== null).toSorted(comparePlain)
        const [first, last] = [values[0] ?? null, values.at(-1) ?? null]
        expect(nulls, column.name).toBe(String(all.length - values.length))
        if (exactMin === true) expect(least, column.name).toEqual(first)
        else expect(comparePlain(least, first), column.name).toBeLessThan(0)
        if (exactMax === true) expect(most, column.name).toEqual(last)
        else expect(comparePlain(most, last), column.name).toBeGreaterThan(0)
        // Strings longer than 64 bytes are truncated in statistics.
        if (exactMin !== true) expect(Buffer.byteLength(String(first))).toBeGreaterThan(64)
        expect(Buffer.byteLength(String(least))).toBeLessThanOrEqual(64)
      }
    }
  })

  test('reads every value of every row', async () => {
    expect(await readWithDuckDB(path)).toEqual(plainRows(rows))
    expect(await readWithDuckDB(join(folder, 'many.parquet'))).toEqual(plainRows(manyRows))
    expect(await ask(`SELECT count(*)::INT AS negative FROM '${path}' WHERE number = 0 AND signbit(number)`)).toEqual([
      { negative: 0 },
    ])
  })

  test('counts the rows that match a condition, skipping row groups by statistics', async () => {
    for (const [condition, isTrue] of conditions) {
      const [found] = await ask(
        `SELECT count(*)::INT AS rows FROM '${join(folder, 'many.parquet')}' WHERE ${condition}`,
      )
      expect(found, condition).toEqual({ rows: manyRows.filter(isTrue).length })
    }
  })

  test('never misses a present value through a bloom filter, and rules out most absent ones', async () => {
    for (const field of storedFields(everyType).filter(({ indexed }) => indexed)) {
      const column = columns.find(({ name }) => name === field.name)
      if (column === undefined || column.storage === 'boolean') continue
      const groups = [0, 1, 2].map(
        (group) =>
          new Set(rows.slice(group * groupRows, (group + 1) * groupRows).map((row) => plainValue(row, column))),
      )
      const present = [...new Set(rows.map((row) => plainValue(row, column)))].filter((value) => value !== null)
      const others = fc
        .sample(anyValue(field), { numRuns: 40, seed: 4 })
        .map((value) => plainValue({ ...(rows[0] as EntityRow), fields: { [field.name]: value } }, column))
      let [absent, excluded] = [0, 0]
      for (const value of new Set([...present, ...others])) {
        const found = await ask(
          `SELECT row_group_id, bloom_filter_excludes AS excludes
           FROM parquet_bloom_probe('${path}', '${field.name}', ${literal(column, value)})`,
        )
        expect(found).toHaveLength(3)
        for (const { row_group_id: group, excludes } of found) {
          if (groups[Number(group)]?.has(value) === true) expect(excludes, `${field.name} ${value}`).toBe(false)
          else [absent, excluded] = [absent + 1, excluded + (excludes === true ? 1 : 0)]
        }
      }
      if (field.kind === 'enum') continue // its two values occur in every row group
      expect(absent).toBeGreaterThan(50)
      expect(excluded / absent, field.name).toBeGreaterThan(0.95)
    }
  })
})

async function readWithDuckDB(file: string): Promise<readonly Row[]> {
  const select = columns.map((column) => {
    const name = `"${column.name}"`
    if (column.storage === 'time') return `epoch_us(${name})::VARCHAR AS ${name}`
    if (column.storage === 'date') return `(${name} - DATE '1970-01-01')::VARCHAR AS ${name}`
    if (column.storage === 'text' || column.storage === 'json') return `'=' || ${name} AS ${name}`
    return column.isInteger === true ? `${name}::VARCHAR AS ${name}` : name
  })
  // DuckDB's client drops a leading byte order mark; DuckDB itself does not.
  const isText = new Set(columns.filter(({ storage }) => ['text', 'json'].includes(storage)).map(({ name }) => name))
  const withoutMark = ([name, value]: readonly [string, unknown]): readonly [string, unknown] => [
    name,
    isText.has(name) && value !== null ? String(value).slice(1) : value,
  ]
  const found = await ask(`SELECT ${select.join(', ')} FROM '${file}' ORDER BY file_row_number`)
  return found.map((row) => Object.fromEntries(Object.entries(row).map(withoutMark)))
}

/** Conditions that rule out row groups, and the rows of `manyRows` that match them. */
const conditions: readonly (readonly [string, (row: EntityRow) => boolean])[] = [
  [`"$id" = 'thing_000000005999'`, ({ id }) => id === 'thing_000000005999'],
  [`"$id" = 'thing_00000000599x'`, () => false],
  [`"stringUnique" = 'unique 777'`, ({ fields }) => fields['stringUnique'] === 'unique 777'],
  [`"stringUnique" = 'unique 777x'`, () => false],
  [`"stringIndexed" = 'text 299'`, ({ fields }) => fields['stringIndexed'] === 'text 299'],
  [`"numberIndexed" = 500`, ({ fields }) => fields['numberIndexed'] === 500],
  [`"numberUnique" > 800`, ({ fields }) => Number(fields['numberUnique']) > 800],
  [`"numberUnique" < -1`, () => false],
  [`"string" >= 'text 5'`, ({ fields }) => String(fields['string']) >= 'text 5'],
  [`"$seq" <= 10`, ({ seq }) => seq <= 10],
  [`"boolean" IS NULL`, ({ fields }) => fields['boolean'] === undefined],
  [`"$deleted"`, ({ isDeleted }) => isDeleted],
]

/** DuckDB reports bounds as strings. */
function bound(column: Column, name: string): string {
  if (column.storage === 'time') return `epoch_us(${name}::TIMESTAMPTZ)::VARCHAR`
  if (column.storage === 'date') return `(${name}::DATE - DATE '1970-01-01')::VARCHAR`
  if (column.storage === 'boolean') return `${name}::BOOLEAN`
  return column.storage === 'real' && column.isInteger !== true ? `${name}::DOUBLE` : name
}

function literal(column: Column, value: string | number | boolean | null): string {
  if (column.storage === 'time') return `make_timestamptz(${value})`
  if (column.storage === 'date') return `DATE '1970-01-01' + (${value})`
  if (column.storage === 'real') return `'${value}'::DOUBLE`
  return `'${String(value).replaceAll("'", "''")}'`
}

/** Integers arrive as strings of digits. Strings are compared by their UTF-8 bytes. */
function comparePlain(a: unknown, b: unknown): number {
  if (typeof a !== 'string' || typeof b !== 'string') return Number(a) - Number(b)
  if (/^-?\d+$/.test(a) && /^-?\d+$/.test(b)) return BigInt(a) < BigInt(b) ? -1 : BigInt(a) > BigInt(b) ? 1 : 0
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

describe.skipIf(clickHousePath === undefined)('ClickHouse', () => {
  test('reads the same count and every value of every row', () => {
    const [count, found, many] = askClickHouse(folder, [
      `SELECT count()::UInt32 AS rows FROM file('thing.parquet', 'Parquet')`,
      clickHouseQuery('thing.parquet'),
      clickHouseQuery('many.parquet'),
    ])
    expect(count).toEqual([{ rows: rows.length }])
    expect(found).toEqual(plainRows(rows))
    expect(many).toEqual(plainRows(manyRows))
  })

  test('counts the rows that match a condition, skipping row groups by statistics', () => {
    // No condition on dates, since ClickHouse's Date32 cannot hold all of them.
    const count = (condition: string): string =>
      `SELECT count()::UInt32 AS rows FROM file('many.parquet', 'Parquet') WHERE ${condition}`
    const found = askClickHouse(
      folder,
      conditions.map(([condition]) => count(condition)),
    )
    expect(found).toEqual(conditions.map(([, isTrue]) => [{ rows: manyRows.filter(isTrue).length }]))
  })

  test('infers the types of columns', () => {
    const [found] = askClickHouse(folder, [`DESCRIBE file('thing.parquet', 'Parquet')`])
    const types = {
      text: 'String',
      json: 'String',
      real: 'Float64',
      boolean: 'Bool',
      time: "DateTime64(6, 'UTC')",
      date: 'Date32',
    }
    expect(found).toMatchObject(
      columns.map((column) => {
        const type = column.isInteger === true ? 'Int64' : types[elementStorageOf(column.storage)]
        return { name: column.name, type: column.isRequired ? type : `Nullable(${type})` }
      }),
    )
  })
})

function clickHouseQuery(file: string): string {
  const select = columns.map((column) => {
    const name = `"${column.name}"`
    return isWhole(column)
      ? `toString(${column.storage === 'time' ? `toUnixTimestamp64Micro(${name})` : name}) AS ${name}`
      : name
  })
  // ClickHouse's own Date32 ends in 2299, so dates are read as numbers of days.
  const structure = columns.map((column) => `"${column.name}" ${clickHouseType(column)}`)
  return `SELECT ${select.join(', ')} FROM file('${file}', 'Parquet', '${structure.join(', ')}') ORDER BY _row_number`
}

function clickHouseType(column: Column): string {
  const types = {
    text: 'String',
    json: 'String',
    real: 'Float64',
    boolean: 'Bool',
    time: "DateTime64(6, \\'UTC\\')",
    date: 'Int32',
  }
  const type = column.isInteger === true ? 'Int64' : types[elementStorageOf(column.storage)]
  return column.isRequired ? type : `Nullable(${type})`
}
