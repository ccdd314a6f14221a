// The page of stored formats says for every place of a tenant what becomes of it, and the code does so.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { keptTables } from '../flush/kept-tables.ts'
import { archivedTables } from './archive-members.ts'

const page = readFileSync(join(import.meta.dirname, '../../../../../docs/storage-schema.md'), 'utf8')
const [, section = ''] = page.split('## One tenant, one SQLite database\n')
const [tables = '', holders = ''] = section.split('### What holds a tenant\n')

const rows = holders
  .split('\n### ')[0]
  ?.split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, places = '', ...cells]) => ({
    places: [...places.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
    cells: cells.slice(0, 5),
  }))

const placesWhere = (column: number, pattern: RegExp): readonly string[] =>
  (rows ?? []).filter(({ cells }) => pattern.test(cells[column] ?? '')).flatMap(({ places }) => places)

test('every table of a tenant, and each of its folders, is one place, with what becomes of it', () => {
  const documented = [...tables.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name = '']) => name)
  const places = (rows ?? []).flatMap((row) => row.places)
  expect(documented.length).toBeGreaterThan(30)
  const folders = ['<tenant>/', '_private/<tenant>/tables/', '_private/<tenant>/files/']
  expect(places.toSorted()).toEqual([...documented, ...folders].toSorted())
  for (const { places: of, cells } of rows ?? [])
    expect(
      cells.filter((cell) => cell !== ''),
      String(of),
    ).toHaveLength(5)
})

test('the tables that the page calls copied are those of which the lake has copies', () => {
  expect(placesWhere(0, /^copied/).toSorted()).toEqual(keptTables.map(({ name }) => name).toSorted())
})

test('the tables that the page calls whole in an archive are those that it has', () => {
  const archived = ['log', 'log_words', 'nouns', ...Object.keys(archivedTables)]
  expect(placesWhere(1, /^whole/).toSorted()).toEqual(archived.toSorted())
})
