// File writing and reading inside workerd, whose zlib is a different one: files written there read back, and files
// written elsewhere read the same.

import { env } from 'cloudflare:test'
import { Noun } from 'digital-objects'
import { expect, test } from 'vitest'
import { columnsOf, everyType, putEntityFile, readAllRows } from '../../test/entity-files.ts'
import fixtureUrl from '../../test/fixtures/entity-file-1.parquet?url&inline'
import fixtureLayout from '../../test/fixtures/entity-file-1.json' with { type: 'json' }
import { fixtureColumns, fixtureGroupRows, fixtureKey, fixtureRows } from '../../test/format-fixture.ts'
import { unpackFile } from '../../test/unpack-file.ts'
import { R2ObjectStore } from '../object-store/r2-object-store.ts'
import type { EntityRow } from './entity-row.ts'
import { openFile } from './open-file.ts'

const store = new R2ObjectStore(env.LAKE)
const fixture = Uint8Array.from(atob(fixtureUrl.slice(fixtureUrl.indexOf(',') + 1)), (byte) => byte.charCodeAt(0))

test('a file written elsewhere reads as the rows it was written from', async () => {
  await store.put(fixtureKey, fixture, { ifAbsent: false })
  const file = { ref: { key: fixtureKey, ...fixtureLayout }, columns: fixtureColumns }
  expect(await readAllRows(store, file)).toStrictEqual(fixtureRows)
})

test('the same rows produce the same file, page by page', async () => {
  const key = 'acme/again.parquet'
  await putEntityFile({ store, columns: fixtureColumns, rows: fixtureRows, key, groupRows: fixtureGroupRows })
  expect(unpackFile((await store.get(key)) ?? new Uint8Array())).toEqual(unpackFile(fixture))
})

/** Incompressible strings. */
function noise(length: number, seed: number): string {
  let [text, state] = ['', seed]
  while (text.length < length) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    text += String.fromCharCode(0x21 + ((state >>> 16) % 0x5e))
  }
  return text
}

const Noise = Noun('Thing', { plain: 'json', dictionary: 'string#', number: 'number', at: 'datetime#' }).$schema
const noiseColumns = columnsOf(Noise)

/** Row groups from one row to a full one, with pages of 40 KB and more that are hard to compress. */
test.each([
  [1, 40_000],
  [1, 50_000],
  [1, 1_000_000],
  [40, 1_000],
  [41, 1_200],
  [400, 2_000],
  [5_000, 60],
])('%i rows of %i characters of noise read back unchanged', async (count, characters) => {
  const rows = Array.from({ length: count }, (_, at): EntityRow => ({
    id: `thing_${noise(12, at).replaceAll(/[^A-Za-z0-9]/g, 'x')}${String(at).padStart(6, '0')}`,
    version: at,
    createdAtMs: at * 7_919_317,
    createdBy: noise(20, at),
    updatedAtMs: at,
    seq: at,
    isDeleted: false,
    fields: {
      plain: noise(characters, at),
      dictionary: noise(characters, at + 1_000_003),
      number: Math.sin(at) * 1e9,
      at: new Date(Math.abs(Math.imul(at, 0x9e3779b1)) * 1_000 + at).toISOString(),
    },
  }))
  const key = 'acme/noise.parquet'
  const ref = await putEntityFile({ store, columns: noiseColumns, rows, key })
  expect(ref.bytes).toBeGreaterThan(count * characters)
  expect(await readAllRows(store, { ref, columns: noiseColumns })).toStrictEqual(rows)
  const content = (await store.get(key)) ?? new Uint8Array()
  await putEntityFile({ store, columns: noiseColumns, rows, key })
  expect((await store.get(key))?.every((byte, at) => byte === content[at])).toBe(true)
})

test('a damaged file is refused', async () => {
  const columns = columnsOf(everyType)
  const rows = fixtureRows.slice(0, 10)
  const key = 'acme/damaged.parquet'
  const ref = await putEntityFile({ store, columns, rows, key })
  const content = (await store.get(key)) ?? new Uint8Array()
  for (const at of [0, 1_000, ref.tailStart, ref.footerStart + 10, ref.bytes - 1]) {
    const changed = content.map((byte, index) => (index === at ? byte ^ 4 : byte))
    await store.put(key, changed, { ifAbsent: false })
    await expect(readAllRows(store, { ref, columns })).rejects.toThrow(`file '${key}' is damaged`)
  }
  await store.put(key, content.subarray(0, -1), { ifAbsent: false })
  await expect(openFile(store, ref)).rejects.toThrow(`file '${key}' is damaged`)
  await store.delete([key])
  await expect(openFile(store, ref)).rejects.toThrow(`file '${key}' is damaged`)
})
