import { compareText } from 'digital-objects'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { columnsOf, columnMap, putEntityFile } from '../../test/entity-files.ts'
import { MemoryObjectStore } from '../object-store/memory-object-store.ts'
import { FileWriter } from '../parquet/file-writer.ts'
import { type OpenFile, openFile } from '../parquet/open-file.ts'
import { readColumns } from '../parquet/read-columns.ts'
import { anyHistory } from '../../test/tenant-history.ts'
import { nthId, schemas } from '../../test/tenant-nouns.ts'
import { endsMax, findReferrers, findRelated, lookupGroupsMax } from './find-related.ts'
import {
  RelationCollector,
  relationColumns,
  relationFacts,
  type RelationRow,
  relationsKey,
  relationToValue,
} from './relation-index.ts'

interface Listed {
  readonly id: string
  readonly isDeleted: boolean
  readonly fields: Readonly<Record<string, string>>
}
type Entities = readonly Listed[]

const columns = columnsOf(schemas.Contact)

async function indexOf(entities: Entities, groupRows = 3): Promise<OpenFile | undefined> {
  const collector = new RelationCollector(schemas.Contact)
  for (const [row, { isDeleted, fields }] of entities.entries()) if (!isDeleted) collector.add(row, fields)
  const references = collector.references
  let pauses = 0
  const pause = async (): Promise<void> => void pauses++
  const written = await collector.finish({ groupRows, pause })
  expect(pauses).toBe(Math.ceil(references / groupRows))
  expect(collector.references, 'finish() clears the collection').toBe(0)
  if (written === undefined) return undefined
  const { content, ...layout } = written
  const store = new MemoryObjectStore()
  await store.put('a.relations.parquet', content, { ifAbsent: false })
  return openFile(store, { key: 'a.relations.parquet', ...layout })
}

async function entityFileOf(entities: Entities, groupRows: number): Promise<OpenFile> {
  const store = new MemoryObjectStore()
  const meta = { version: 1, createdAtMs: 0, createdBy: 'anonymous', updatedAtMs: 0, seq: 1 }
  const rows = entities.map((entity) => ({ ...entity, ...meta }))
  return openFile(store, await putEntityFile({ store, columns, rows, groupRows }))
}

async function rowsOf(index: OpenFile): Promise<readonly RelationRow[]> {
  const groups = await Promise.all(index.groups.map((group) => readColumns(index, group, relationColumns)))
  return groups.flatMap((read) =>
    Array.from({ length: read.get('end')?.length ?? 0 }, (_, at) => ({
      end: String(read.get('end')?.[at]),
      field: String(read.get('field')?.[at]),
      row: Number(read.get('row')?.[at]),
    })),
  )
}

const fields = Object.keys(schemas.Contact.fields)
const inOrder = (a: RelationRow, b: RelationRow) =>
  compareText(a.end, b.end) || fields.indexOf(a.field) - fields.indexOf(b.field) || a.row - b.row

const anyEntities: fc.Arbitrary<Entities> = anyHistory({ min: 20, max: 120 }).map((changes) => {
  const last = new Map(changes.filter(({ kind }) => kind === 'Contact').map(({ row }) => [row.id, row]))
  return [...last.values()]
    .toSorted((a, b) => compareText(a.id, b.id))
    .map(({ id, isDeleted, fields }) => ({
      id,
      isDeleted,
      fields: Object.fromEntries(
        Object.entries(fields).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
      ),
    }))
})

test('holds each reference of a live entity once, sorted by end, field and row', async () => {
  const property = fc.asyncProperty(anyEntities, async (entities) => {
    const wanted = entities.flatMap(({ isDeleted, fields }, row) =>
      ['organization', 'manager'].flatMap((field) => {
        const end = fields[field]
        return end === undefined || isDeleted ? [] : [{ end, field, row }]
      }),
    )
    const index = await indexOf(entities)
    expect(index === undefined ? [] : await rowsOf(index)).toEqual(wanted.toSorted(inOrder))
  })
  await fc.assert(property, { numRuns: 40 })
})

test('finds what a few ids refer to, and what refers to them', async () => {
  const id = fc.oneof(
    fc.nat(25).map((n) => nthId('Contact', n)),
    fc.nat(25).map((n) => nthId('Organization', n)),
  )
  const request = fc.record(
    {
      field: fc.constantFrom('organization', 'manager'),
      ends: fc.array(id, { maxLength: 12 }),
      wanted: fc.constantFrom('references', 'referrers'),
    },
    { noNullPrototype: true },
  )
  const groupRows = fc.constantFrom(5, 50)
  let found = 0
  const property = fc.asyncProperty(
    anyEntities,
    groupRows,
    fc.array(request, { minLength: 10 }),
    async (all, groupRows, requests) => {
      const index = await indexOf(all, 12)
      if (index === undefined) return
      const entities = await entityFileOf(all, groupRows)
      for (const { field, ends, wanted } of requests) {
        const others = all.flatMap(({ id, isDeleted, fields }) => {
          const other = fields[field]
          const [near, far] = wanted === 'references' ? [id, other] : [other, id]
          return !isDeleted && near !== undefined && far !== undefined && ends.includes(near) ? [far] : []
        })
        const column = columnMap(columns).get(field)
        if (column === undefined) throw new Error(`no column '${field}'`)
        const related = await findRelated({ entities, index }, { column, ends, wanted })
        expect(related).toEqual(new Set(others))
        found += related?.size ?? 0
        if (wanted === 'references') continue
        const rows = await findReferrers(index, { field, ends })
        expect(new Set([...(rows ?? [])].map((row) => all[row]?.id))).toEqual(related)
      }
    },
  )
  await fc.assert(property, { numRuns: 40 })
  expect(found).toBeGreaterThan(50)
})

describe('falls back to a scan', () => {
  const field = 'organization'
  const hub = Array.from({ length: 3 * lookupGroupsMax }, (_, n) => ({
    id: `contact_${String(n).padStart(12, '0')}`,
    isDeleted: false,
    fields: { organization: 'organization_000000000001' },
  }))

  const hubIndex = async (groupRows?: number): Promise<OpenFile> => {
    const index = await indexOf(hub, groupRows)
    if (index === undefined) throw new Error('no index')
    return index
  }

  test('for more ids than may be looked up one by one', async () => {
    const index = await hubIndex()
    const ends = Array.from({ length: endsMax + 1 }, (_, n) => nthId('Contact', n))
    expect(await findReferrers(index, { field, ends })).toBe(undefined)
    expect(await findReferrers(index, { field, ends: ends.slice(1) })).toEqual(new Set())
  })

  test('for an id with so many referrers that much of the index would be read', async () => {
    const ends = ['organization_000000000001']
    expect(await findReferrers(await hubIndex(2), { field, ends })).toBe(undefined)
    expect((await findReferrers(await hubIndex(3), { field, ends }))?.size).toBe(hub.length)
  })

  test('for ids that lie all over their file', async () => {
    const [index, column] = [await hubIndex(), columnMap(columns).get(field)]
    if (column === undefined) throw new Error('no column')
    const ends = hub.map(({ id }) => id)
    const ask = async (groupRows: number) =>
      findRelated({ entities: await entityFileOf(hub, groupRows), index }, { column, ends, wanted: 'references' })
    expect(await ask(2)).toBe(undefined)
    expect(await ask(3)).toEqual(new Set(['organization_000000000001']))
  })

  test('if the file was written before the field was a reference', async () => {
    expect(await findReferrers(await hubIndex(), { field: 'title', ends: ['Boss'] })).toBe(undefined)
  })

  test('if the index has another format', async () => {
    const writer = new FileWriter<RelationRow>({
      columns: relationColumns,
      toValue: relationToValue,
      facts: { [relationFacts.format]: '2', [relationFacts.references]: 'organization,manager' },
    })
    writer.addGroup([{ end: 'organization_1', field, row: 0 }])
    const { content, ...layout } = writer.finish()
    const store = new MemoryObjectStore()
    await store.put('a.relations.parquet', content, { ifAbsent: false })
    const index = await openFile(store, { key: 'a.relations.parquet', ...layout })
    expect(await findReferrers(index, { field, ends: ['organization_1'] })).toBe(undefined)
  })
})

test('the index lies beside its entity file', () => {
  expect(relationsKey('acme/entities/Contact/base-e1-7-1-0.parquet')).toBe(
    'acme/entities/Contact/base-e1-7-1-0.relations.parquet',
  )
  expect(() => relationsKey('acme/manifest.json')).toThrow(
    "'acme/manifest.json' is not the key of an entity file: expected a name that ends in .parquet",
  )
})
