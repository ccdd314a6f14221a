// Writes the fixture of the present format, once per format: an existing fixture is never overwritten. Run it with
// `node --conditions=source packages/@dotdo/db/test/write-format-fixture.ts`.

import { writeFileSync } from 'node:fs'
import { MemoryObjectStore } from '../src/object-store/memory-object-store.ts'
import { fileFormat } from '../src/parquet/file-writer.ts'
import { putEntityFile } from './entity-files.ts'
import { fixtureColumns, fixtureGroupRows, fixtureKey, fixtureRows } from './format-fixture.ts'
import { fixturePath } from './read-format-fixture.ts'

const store = new MemoryObjectStore()
const { key, ...layout } = await putEntityFile({
  store,
  columns: fixtureColumns,
  rows: fixtureRows,
  key: fixtureKey,
  groupRows: fixtureGroupRows,
})
writeFileSync(fixturePath(fileFormat, 'parquet'), (await store.get(key)) ?? new Uint8Array(), { flag: 'wx' })
writeFileSync(fixturePath(fileFormat, 'json'), `${JSON.stringify(layout, null, 2)}\n`, { flag: 'wx' })
