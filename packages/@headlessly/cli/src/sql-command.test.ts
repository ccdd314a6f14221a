// The views of a lake's folder, and what the command says without DuckDB. That the views are right is shown by checks/engines.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { findDuckDb } from './duckdb.ts'
import { lakeViews } from './lake-views.ts'

const folder = mkdtempSync(join(tmpdir(), 'headlessly-lake-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function lakeWith(manifest: string): void {
  mkdirSync(join(folder, 'acme/events'), { recursive: true })
  writeFileSync(join(folder, 'acme/manifest.json'), manifest)
}

test('there is a view for each type with files, named as its table, and one of the events', () => {
  const file = (key: string): object => ({ key })
  lakeWith(
    JSON.stringify({
      format: 2,
      manifest: {
        nouns: {
          LineItem: { base: [file('acme/entities/LineItem/b.parquet')], deltas: [] },
          Contact: { base: [file('acme/contact_2/data/b.parquet')], deltas: [file('acme/contact_2/data/d.parquet')] },
          Deal: { base: [], deltas: [] },
        },
      },
    }),
  )
  expect(lakeViews(folder, 'acme').match(/CREATE VIEW "?\w+"?/g)).toEqual([
    'CREATE VIEW "line_item"',
    'CREATE VIEW "contact_2"',
  ])
  writeFileSync(join(folder, 'acme/events/files.json'), JSON.stringify({ files: ["acme/events/data/o'e.parquet"] }))
  expect(lakeViews(folder, 'acme')).toContain(
    `CREATE VIEW events AS FROM read_parquet(['${folder}/acme/events/data/o''e.parquet'], union_by_name = true);`,
  )
})

test.each([
  ['{"format":3,"manifest":{}}', 'has format 3, and this program knows 1 to 2: update it'],
  ['nonsense', 'is no manifest'],
])('the manifest %s is refused', (text, message) => {
  lakeWith(text)
  expect(() => lakeViews(folder, 'acme')).toThrow(message)
})

test('a folder without the tenant, and a machine without DuckDB, are told apart', () => {
  expect(() => lakeViews(folder, 'other')).toThrow(`no lake of 'other' in '${folder}'`)
  expect(findDuckDb({ path: folder, folder })).toBeUndefined()
})
