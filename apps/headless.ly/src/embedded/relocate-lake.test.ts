// A folder that is no copy of a lake is refused. packages/@dotdo/db/src/iceberg/relocate-table.test.ts shows that a copy has its rows.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { FolderStore } from './folder-store.ts'
import { relocateLake } from './relocate-lake.ts'

const folder = mkdtempSync(join(tmpdir(), 'headlessly-relocate-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('a missing folder, one without tables, and the lake of a server are refused', async () => {
  await expect(relocateLake(join(folder, 'none'))).rejects.toThrow('there is no folder')
  mkdirSync(join(folder, 'empty/acme'), { recursive: true })
  await expect(relocateLake(join(folder, 'empty'))).rejects.toThrow('has no tables')
  for (const name of ['objects', 'lake']) mkdirSync(join(folder, 'data', name), { recursive: true })
  await expect(relocateLake(join(folder, 'data/lake'))).rejects.toThrow('copy it first')
})

test('a folder is a store: what is there stays with `ifAbsent`, and ranges, lists and deletions work', async () => {
  const store = new FolderStore(join(folder, 'store'))
  const [one, two] = [new Uint8Array([1, 2, 3]), new Uint8Array([4])]
  expect(await store.put('a/b', one, { ifAbsent: true })).toBe(true)
  expect(await store.put('a/b', two, { ifAbsent: true })).toBe(false)
  expect(await store.get('a/b', { start: 1, end: 9 })).toEqual(new Uint8Array([2, 3]))
  expect(await store.put('a/b', two, { ifAbsent: false })).toBe(true)
  expect([await store.head('a/b'), await store.head('a'), await store.get('c')]).toEqual([1, undefined, undefined])
  await store.put('a/c', one, { ifAbsent: false })
  expect((await store.list({ prefix: 'a/', limit: 1 })).objects.map(({ key }) => key)).toEqual(['a/b'])
  await store.delete(['a/b', 'a/none'])
  expect((await store.list({ prefix: '', limit: 9 })).objects.map(({ key, bytes }) => [key, bytes])).toEqual([
    ['a/c', 3],
  ])
})
