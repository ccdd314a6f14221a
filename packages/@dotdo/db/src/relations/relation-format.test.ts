// The stored format of an index does not move unannounced, and what was written in it stays readable. How its bytes lie
// is that of every file, which `parquet/file-format.test.ts` holds.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { schemas } from '../../test/tenant-nouns.ts'
import { MemoryObjectStore } from '../object-store/memory-object-store.ts'
import type { FileLayout, WrittenFile } from '../parquet/file-writer.ts'
import { type OpenFile, openFile } from '../parquet/open-file.ts'
import { readColumns } from '../scan/read-columns.ts'
import { findRelated } from './find-related.ts'
import { RelationCollector, relationColumns, relationFormat } from './relation-index.ts'

const [ada, bob, acme] = ['contact_1VbZ0k000001', 'contact_1VbZ0k000002', 'organization_1VbZ0k000001']

function writeToday(): WrittenFile {
  const collector = new RelationCollector({ ...schemas.Contact, version: '0123456789abcdef' })
  collector.add({ id: ada, fields: { name: 'Ada', organization: acme } })
  collector.add({ id: bob, fields: { name: 'Bob', organization: acme, manager: ada } })
  const written = collector.finish(4)
  if (written === undefined) throw new Error('nothing was collected')
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

/** All that readers rely on, but for where the bytes lie. */
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
  'an index that was written in format %i answers from both ends',
  async (format) => {
    const index = await open(readFixture(format))
    const ask = (field: string, ends: readonly string[], wanted: 'references' | 'referrers') =>
      findRelated(index, { noun: 'Contact', field, ends, wanted })
    expect(await ask('organization', [acme], 'referrers')).toEqual(new Set([ada, bob]))
    expect(await ask('organization', [bob], 'references')).toEqual(new Set([acme]))
    expect(await ask('manager', [ada], 'referrers')).toEqual(new Set([bob]))
    expect(await ask('manager', [ada], 'references')).toEqual(new Set())
  },
)

test('the same references are written as the same rows, with the same columns and facts', async () => {
  expect(await contentOf(await open(writeToday()))).toEqual(await contentOf(await open(readFixture(relationFormat))))
})
