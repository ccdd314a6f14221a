import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { afterAll, expect, test } from 'vitest'
import { hasDuckDB, openDuckDB } from '../../test/duckdb.ts'
import { duckdbView } from './duckdb-view.ts'

const folder = mkdtempSync(join(tmpdir(), "headlessly-duckdb's-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test.skipIf(!hasDuckDB)(
  'DuckDB reads all rows of the named files and no others, also after a column was added',
  async () => {
    const write = (name: string, columns: Readonly<Record<string, readonly string[]>>): string => {
      const columnData = Object.entries(columns).map(([column, data]) => ({ name: column, data: [...data] }))
      writeFileSync(join(folder, name), new Uint8Array(parquetWriteBuffer({ columnData })))
      return join(folder, name)
    }
    const paths = [write('a.parquet', { id: ['1', '2'] }), write('b.parquet', { id: ['3'], tag: ['x'] })]
    write('replaced.parquet', { id: ['1'] })
    const connection = await openDuckDB()
    await connection.run(duckdbView({ name: 'events', paths }))
    const rows = await connection.runAndReadAll('SELECT id, tag FROM events ORDER BY id')
    expect(rows.getRows()).toEqual([
      ['1', null],
      ['2', null],
      ['3', 'x'],
    ])
    connection.closeSync()
  },
)

test.each([
  { count: 0, says: /^-- events has no files yet/ },
  { count: 301, says: /^-- events has 301 files, too many/ },
])('a table of $count files gets a comment instead of a statement', ({ count, says }) => {
  const paths = Array.from({ length: count }, (_, at) => `s3://lake/acme/events/data/${at}`)
  expect(duckdbView({ name: 'events', paths })).toMatch(says)
})
