import { compareText } from 'digital-objects'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MemoryObjectStore } from '../object-store/memory-object-store.ts'
import { FileWriter } from '../parquet/file-writer.ts'
import { type OpenFile, openFile } from '../parquet/open-file.ts'
import { readColumns } from '../scan/read-columns.ts'
import { anyHistory } from '../../test/tenant-history.ts'
import { nthId, schemas } from '../../test/tenant-nouns.ts'
import { endsMax, findRelated, indexGroupsMax } from './find-related.ts'
import { RelationCollector, relationColumns, relationFacts, type RelationRow, relationsKey } from './relation-index.ts'

type Entities = readonly { readonly id: string; readonly fields: Readonly<Record<string, string>> }[]

async function indexOf(entities: Entities, groupRows = 3): Promise<OpenFile | undefined> {
  const collector = new RelationCollector(schemas.Contact)
  for (const entity of entities) collector.add(entity)
  const written = collector.finish(groupRows)
  expect(collector.references, 'what was written is forgotten').toBe(0)
  if (written === undefined) return undefined
  const { content, ...layout } = written
  const store = new MemoryObjectStore()
  await store.put('a.relations.parquet', content, { ifAbsent: false })
  return openFile(store, { key: 'a.relations.parquet', ...layout })
}

async function rowsOf(index: OpenFile): Promise<readonly RelationRow[]> {
  const groups = await Promise.all(index.groups.map((group) => readColumns(index, group, relationColumns)))
  return groups.flatMap((read) =>
    Array.from({ length: read.get('end')?.length ?? 0 }, (_, row) => ({
      end: String(read.get('end')?.[row]),
      field: String(read.get('field')?.[row]),
      other: String(read.get('other')?.[row]),
    })),
  )
}

const byAll = (a: RelationRow, b: RelationRow) =>
  compareText(a.end, b.end) || compareText(a.field, b.field) || compareText(a.other, b.other)

const anyEntities: fc.Arbitrary<Entities> = anyHistory({ min: 20, max: 120 }).map((changes) => {
  const last = new Map(changes.filter(({ kind }) => kind === 'Contact').map(({ row }) => [row.id, row]))
  return [...last.values()]
    .toSorted((a, b) => compareText(a.id, b.id))
    .map(({ id, fields }) => ({
      id,
      fields: Object.fromEntries(
        Object.entries(fields).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
      ),
    }))
})

test('holds each reference from both of its ends, sorted by end', async () => {
  const property = fc.asyncProperty(anyEntities, async (entities) => {
    const wanted = entities.flatMap(({ id, fields }) =>
      ['organization', 'manager'].flatMap((field) => {
        const other = fields[field]
        if (other === undefined) return []
        return [
          { end: id, field, other },
          { end: other, field: `Contact.${field}`, other: id },
        ]
      }),
    )
    const index = await indexOf(entities)
    const rows = index === undefined ? [] : await rowsOf(index)
    expect(rows.map(({ end }) => end)).toEqual(rows.map(({ end }) => end).toSorted(compareText))
    expect(rows.toSorted(byAll)).toEqual(wanted.toSorted(byAll))
  })
  await fc.assert(property, { numRuns: 40 })
})

test('finds what any few ids refer to, and who refers to them', async () => {
  const id = fc.oneof(
    fc.nat(25).map((n) => nthId('Contact', n)),
    fc.nat(25).map((n) => nthId('Organization', n)),
  )
  const request = fc.record(
    {
      field: fc.constantFrom('organization', 'manager'),
      ends: fc.array(id, { maxLength: 4 }),
      wanted: fc.constantFrom('references', 'referrers'),
    },
    { noNullPrototype: true },
  )
  const property = fc.asyncProperty(anyEntities, fc.array(request, { minLength: 5 }), async (entities, requests) => {
    const index = await indexOf(entities, 12)
    if (index === undefined) return
    for (const { field, ends, wanted } of requests) {
      const others = entities.flatMap(({ id, fields }) => {
        const other = fields[field]
        const [near, far] = wanted === 'references' ? [id, other] : [other, id]
        return near !== undefined && far !== undefined && ends.includes(near) ? [far] : []
      })
      expect(await findRelated(index, { noun: 'Contact', field, ends, wanted })).toEqual(new Set(others))
    }
  })
  await fc.assert(property, { numRuns: 40 })
})

describe('leaves the answer to a scan', () => {
  const referrers = { noun: 'Contact', field: 'organization', wanted: 'referrers' } as const
  const hub = Array.from({ length: 3 * indexGroupsMax }, (_, n) => ({
    id: `contact_${String(n).padStart(12, '0')}`,
    fields: { organization: 'organization_000000000001' },
  }))

  test('when more ids are asked for than are looked up one by one', async () => {
    const index = await indexOf(hub)
    const ends = Array.from({ length: endsMax + 1 }, (_, n) => nthId('Contact', n))
    expect(index === undefined ? index : await findRelated(index, { ...referrers, ends })).toBe(undefined)
    expect(await findRelated(index as OpenFile, { ...referrers, ends: ends.slice(1) })).toEqual(new Set())
  })

  test('when one id has so many that much of the index would be read', async () => {
    const ends = ['organization_000000000001']
    expect(await findRelated((await indexOf(hub, 2)) as OpenFile, { ...referrers, ends })).toBe(undefined)
    expect((await findRelated((await indexOf(hub, 3)) as OpenFile, { ...referrers, ends }))?.size).toBe(hub.length)
  })

  test('when the file was written before the field was a reference', async () => {
    const index = (await indexOf(hub)) as OpenFile
    expect(await findRelated(index, { ...referrers, field: 'title', ends: ['Boss'] })).toBe(undefined)
  })

  test('when the index is of another format', async () => {
    const writer = new FileWriter<RelationRow>({
      columns: relationColumns,
      toValue: (row, { name }) => (name === 'end' ? row.end : name === 'field' ? row.field : row.other),
      facts: { [relationFacts.format]: '2', [relationFacts.references]: 'organization,manager' },
    })
    writer.addGroup([{ end: 'organization_1', field: 'Contact.organization', other: 'contact_1' }])
    const { content, ...layout } = writer.finish()
    const store = new MemoryObjectStore()
    await store.put('a.relations.parquet', content, { ifAbsent: false })
    const index = await openFile(store, { key: 'a.relations.parquet', ...layout })
    expect(await findRelated(index, { ...referrers, ends: ['organization_1'] })).toBe(undefined)
  })
})

test('lies beside its entity file', () => {
  expect(relationsKey('acme/entities/Contact/base-e1-7-1-0.parquet')).toBe(
    'acme/entities/Contact/base-e1-7-1-0.relations.parquet',
  )
  expect(() => relationsKey('acme/manifest.json')).toThrow("'acme/manifest.json' is no key of an entity file")
})
