// Lists are Parquet LIST columns: DuckDB reads them as lists, and their values have statistics, bloom filters and a
// field id of their own.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type EntityFields, Noun, parseFilter } from 'digital-objects'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type DuckDBConnection, hasDuckDB, openDuckDB } from '../../test/duckdb.ts'
import { columnMap, columnsOf, putEntityFile, readAllRows } from '../../test/entity-files.ts'
import { MemoryObjectStore } from '../object-store/memory-object-store.ts'
import { nounToColumns, numberFields } from './columns.ts'
import type { EntityRow } from './entity-row.ts'
import { openFile } from './open-file.ts'
import { planScan, pruneByBloomFilters } from './scan-plan.ts'

const Thing = Noun('Thing', {
  name: 'string!',
  tags: 'string[]#',
  sizes: 'number[]',
  colors: '(Red | Blue)[]',
  friends: '-> Thing[]',
  note: 'text',
}).$schema
const columns = columnsOf(Thing)

const fields: readonly EntityFields[] = [
  { name: 'a', tags: ['x', 'y', 'x'], sizes: [1.5, -2, 1e21], colors: ['Blue'] },
  { name: 'b' },
  { name: 'c', tags: ['\u{10FFFF}', ''], friends: ['thing_000000000000', 'thing_000000000001'] },
  { name: 'd', sizes: [0], note: 'long' },
  { name: 'e', tags: ['z'], colors: ['Red', 'Blue', 'Red'] },
]
const rows: readonly EntityRow[] = fields.map((own, at) => ({
  id: `thing_${String(at).padStart(12, '0')}`,
  version: 1,
  createdAtMs: 0,
  createdBy: 'ada',
  updatedAtMs: 0,
  seq: at + 1,
  isDeleted: false,
  fields: own,
}))
const store = new MemoryObjectStore()

let folder: string
let path: string
let duckdb: DuckDBConnection | undefined
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parquet-'))
  path = join(folder, 'thing.parquet')
  const { key } = await putEntityFile({ store, columns, rows, groupRows: 2 })
  await writeFile(path, (await store.get(key)) ?? new Uint8Array())
  if (hasDuckDB) duckdb = await openDuckDB()
})
afterAll(async () => {
  duckdb?.closeSync()
  await rm(folder, { recursive: true, force: true })
})
const ask = async (sql: string): Promise<readonly object[]> =>
  (await duckdb?.runAndReadAll(sql))?.getRowObjectsJson() ?? []

describe.skipIf(!hasDuckDB)('DuckDB', () => {
  test('reads every list, in its order and with its duplicates', async () => {
    const found = await ask(`SELECT name, tags, sizes, colors, friends, note FROM '${path}' ORDER BY "$id"`)
    const empty = { tags: null, sizes: null, colors: null, friends: null, note: null }
    expect(found).toEqual(fields.map((own) => ({ ...empty, ...own })))
    expect(await ask(`DESCRIBE SELECT tags, sizes FROM '${path}'`)).toMatchObject([
      { column_name: 'tags', column_type: 'VARCHAR[]' },
      { column_name: 'sizes', column_type: 'DOUBLE[]' },
    ])
  })

  test('filters by what a list contains', async () => {
    expect(
      await ask(`SELECT name FROM '${path}' WHERE list_contains(tags, 'x') OR list_contains(colors, 'Red')`),
    ).toEqual([{ name: 'a' }, { name: 'e' }])
    expect(
      await ask(
        `SELECT tag, count(*) AS n FROM (SELECT unnest(tags) AS tag FROM '${path}') GROUP BY tag ORDER BY n DESC, tag LIMIT 1`,
      ),
    ).toEqual([{ tag: 'x', n: '2' }])
  })

  test('sees a field id of each list and another of its values', async () => {
    const found = await ask(
      `SELECT name, field_id, repetition_type FROM parquet_schema('${path}') WHERE name IN ('tags', 'list', 'element') LIMIT 3`,
    )
    expect(found).toEqual([
      { name: 'tags', field_id: '102', repetition_type: 'OPTIONAL' },
      { name: 'list', field_id: null, repetition_type: 'REPEATED' },
      { name: 'element', field_id: '103', repetition_type: 'REQUIRED' },
    ])
  })
})

test('lists read back unchanged', async () => {
  const ref = await putEntityFile({ store, columns, rows, groupRows: 2 })
  expect(await readAllRows(store, { ref, columns })).toStrictEqual(rows)
})

test.each([
  [{ tags: 'z' }, [2]],
  [{ tags: 'y' }, [0]],
  [{ tags: 'w' }, []],
  [{ tags: { $in: ['y', 'z'] } }, [0, 2]],
  [{ sizes: { $gt: 1 } }, [0]],
  [{ sizes: { $lte: 0 } }, [0, 1]],
  [{ tags: { $exists: true } }, [0, 1, 2]],
  [{ tags: { $ne: 'z' } }, [0, 1, 2]],
])('%j needs the row groups %j', async (filter, expected) => {
  const ref = await putEntityFile({ store, columns, rows, groupRows: 2 })
  const file = await openFile(store, ref)
  const options = { filter: parseFilter(filter, { schema: Thing, lookup: () => Thing }), columns: columnMap(columns) }
  const groups = await pruneByBloomFilters(planScan(file, options), options)
  expect(groups.map(({ index }) => index)).toEqual(expected)
})

test('a list that becomes another one is another column with other values, and numbers stay', () => {
  const numbers = numberFields(Thing, [])
  const changed = Noun('Thing', { name: 'string!', tags: 'number[]', colors: '(Red | Blue | Green)[]' }).$schema
  const next = numberFields(changed, numbers)
  expect(next.slice(0, numbers.length)).toEqual(numbers)
  expect(next.slice(numbers.length)).toEqual([
    { id: 111, field: 'tags', storage: 'real[]' },
    { id: 112, field: 'tags.element', storage: 'real' },
  ])
  expect(nounToColumns(changed, next).find(({ name }) => name === 'colors')?.id).toBe(
    columns.find(({ name }) => name === 'colors')?.id,
  )
})
