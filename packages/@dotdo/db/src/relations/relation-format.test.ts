// The stored format of an index does not change unannounced, and old formats stay readable.
// `parquet/file-format.test.ts` covers the byte layout that all files share.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Noun } from 'digital-objects'
import { MemoryObjectStore } from '../object-store/memory-object-store.ts'
import type { FileLayout, WrittenFile } from '../parquet/file-writer.ts'
import { type OpenFile, openFile } from '../parquet/open-file.ts'
import { readColumns } from '../parquet/read-columns.ts'
import { findReferrers } from './find-related.ts'
import { RelationCollector, relationColumns, relationFormat } from './relation-index.ts'

/** The Noun that the fixtures were written by. */
const Contact = Noun('Contact', {
  name: 'string!',
  organization: '-> Organization.contacts',
  manager: '-> Contact.reports',
}).$schema
const [ada, acme] = ['contact_1VbZ0k000001', 'organization_1VbZ0k000001']

async function writeToday(): Promise<WrittenFile> {
  const collector = new RelationCollector({ ...Contact, version: '0123456789abcdef' })
  collector.add(0, { name: 'Ada', organization: acme })
  collector.add(1, { name: 'Bob', organization: acme, manager: ada })
  collector.add(123_456, { name: 'Cyd', organization: acme })
  const written = await collector.finish({ groupRows: 3 })
  if (written === undefined) throw new Error('no reference was collected')
  return written
}

async function open({ content, ...layout }: WrittenFile): Promise<OpenFile> {
  const store = new MemoryObjectStore()
  await store.put('a.relations.parquet', content, { ifAbsent: false })
  return openFile(store, { key: 'a.relations.parquet', ...layout })
}

function readFixture(format: number): WrittenFile {
  const path = join(import.meta.dirname, `../../test/fixtures/relations-${format}`)
  const layout = JSON.parse(readFileSync(`${path}.json`, 'utf8')) as FileLayout
  return { content: new Uint8Array(readFileSync(`${path}.parquet`)), ...layout }
}

/** Everything that readers rely on, except the positions of the bytes. */
async function contentOf(index: OpenFile): Promise<object> {
  const facts = index.metadata.key_value_metadata?.filter(({ key }) => key !== 'headlessly.blocks')
  const groups = await Promise.all(index.groups.map((group) => readColumns(index, group, relationColumns)))
  return {
    schema: index.metadata.schema,
    facts,
    groups: groups.map((columns) => [...columns].map(([name, values]) => [name, [...values]])),
  }
}

test.each(Array.from({ length: relationFormat }, (_, at) => at + 1))(
  'an index in format %i still returns the rows that refer to an end',
  async (format) => {
    const index = await open(readFixture(format))
    const ask = (field: string, end: string) => findReferrers(index, { field, ends: [end] })
    expect(await ask('organization', acme)).toEqual(new Set([0, 1, 123_456]))
    expect(await ask('manager', ada)).toEqual(new Set([1]))
    expect(await ask('manager', acme)).toEqual(new Set())
  },
)

test('the same references produce the same rows, columns and facts', async () => {
  expect(await contentOf(await open(await writeToday()))).toEqual(
    await contentOf(await open(readFixture(relationFormat))),
  )
})
