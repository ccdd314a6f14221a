import { describe, expect, test } from 'vitest'
import { manifestOf } from '../../test/tenant-layers.ts'
import { nthId, schemas } from '../../test/tenant-nouns.ts'
import { putChecked } from '../parquet/put-checked.ts'
import { LayerWriter, type LayerWriterOptions } from './layer-writer.ts'
import { filesOf, noLayers } from './manifest.ts'
import { MemoryObjectStore } from '../object-store/memory-object-store.ts'
import { nounToColumns, numberFields } from '../parquet/columns.ts'
import type { EntityRow } from '../parquet/entity-row.ts'
import { openFile } from '../parquet/open-file.ts'
import { readColumns } from '../parquet/read-columns.ts'
import { relationColumns } from '../relations/relation-index.ts'

const schema = schemas.Contact

function contact(n: number, fields: EntityRow['fields'] = {}, isDeleted = false): EntityRow {
  const id = `contact_${String(n).padStart(12, '0')}`
  const meta = { version: 1, createdAtMs: n, createdBy: 'anonymous', updatedAtMs: n, seq: n + 1 }
  return { id, ...meta, isDeleted, fields: { name: `Contact ${n}`, ...fields } }
}

function writerOf(options: Partial<LayerWriterOptions> = {}): LayerWriter {
  return new LayerWriter({
    store: new MemoryObjectStore(),
    columns: nounToColumns(schema, numberFields(schema, [])),
    keyOf: (part) => `acme/entities/Contact/delta-${part}.parquet`,
    afterSeq: 0,
    throughSeq: 100,
    noun: schema,
    willPut: () => {},
    ...options,
  })
}

/** Logs its calls in order. */
class LoggingStore extends MemoryObjectStore {
  readonly told: string[] = []

  override async put(...call: Parameters<MemoryObjectStore['put']>): Promise<boolean> {
    this.told.push(`put ${call[0]}`)
    return super.put(...call)
  }

  override async get(...call: Parameters<MemoryObjectStore['get']>): Promise<Uint8Array<ArrayBuffer> | undefined> {
    this.told.push(`get ${call[0]}`)
    return super.get(...call)
  }
}

describe('the files of a layer', () => {
  test('are announced, put and read back one by one, each index after its entity file', async () => {
    const store = new LoggingStore()
    const writer = writerOf({ store, rowsMax: 2, willPut: (key) => store.told.push(`will put ${key}`) })
    await writer.addGroup([contact(1, { organization: nthId('Organization', 1) }), contact(2)])
    await writer.addGroup([contact(3)])
    const files = await writer.finish()
    const [first, index, second] = ['delta-0', 'delta-0.relations', 'delta-1'].map(
      (name) => `acme/entities/Contact/${name}.parquet`,
    )
    expect(store.told).toEqual([first, index, second].flatMap((key) => [`will put ${key}`, `put ${key}`, `get ${key}`]))
    expect(files.map(({ key, relations }) => [key, relations?.key])).toEqual([
      [first, index],
      [second, undefined],
    ])
    expect(filesOf(manifestOf({ Contact: { ...noLayers, base: files, deltas: [] } }))).toEqual([first, index, second])
    expect(filesOf(manifestOf({ Contact: { ...noLayers, base: [], deltas: files } }))).toEqual([first, index, second])
  })

  test('record their first and last ids and the events they cover', async () => {
    const writer = writerOf({ afterSeq: 7, throughSeq: 9, rowsMax: 4 })
    await writer.addGroup([contact(1), contact(2)])
    await writer.addGroup([contact(3), contact(4)])
    await writer.addGroup([contact(5)])
    const files = await writer.finish()
    expect(files.map(({ rows, idMin, idMax }) => [rows, idMin, idMax])).toEqual([
      [4, contact(1).id, contact(4).id],
      [1, contact(5).id, contact(5).id],
    ])
    for (const { afterSeq, throughSeq } of files) expect([afterSeq, throughSeq]).toEqual([7, 9])
  })

  test('do not exist without rows', async () => {
    expect(await writerOf().finish()).toEqual([])
  })

  test('have no index if no live entity has a reference', async () => {
    const store = new LoggingStore()
    const writer = writerOf({ store })
    await writer.addGroup([contact(1), contact(2, { organization: nthId('Organization', 1) }, true)])
    expect((await writer.finish()).map(({ relations }) => relations)).toEqual([undefined])
    expect(store.told.filter((call) => call.includes('relations'))).toEqual([])
  })

  test('each index only their own references', async () => {
    const store = new MemoryObjectStore()
    const writer = writerOf({ store, rowsMax: 4 })
    const to = (n: number) => ({ manager: contact(n).id })
    await writer.addGroup([contact(1), contact(2, to(11))])
    await writer.addGroup([contact(3, to(12), true), contact(4, to(13))])
    await writer.addGroup([contact(5, to(14))])
    const read = (await writer.finish()).map(async ({ relations }) => {
      if (relations === undefined) throw new Error('no index')
      const index = await openFile(store, relations)
      const [columns] = await Promise.all(index.groups.map((group) => readColumns(index, group, relationColumns)))
      return ['end', 'row'].map((name) => [...(columns?.get(name) ?? [])])
    })
    // Rows are counted across the row groups of a file, including tombstones, and from 0 in each file.
    expect(await Promise.all(read)).toEqual([
      [
        [contact(11).id, contact(13).id],
        [1n, 3n],
      ],
      [[contact(14).id], [0n]],
    ])
  })

  test('end early if they collect many references, so that memory stays bounded', async () => {
    // Meta-columns only: the field values do not matter here.
    const writer = writerOf({ noun: schemas.Deal, columns: nounToColumns(schemas.Deal, []) })
    const to = { organization: nthId('Organization', 1), contact: nthId('Contact', 1), owner: nthId('Contact', 2) }
    for (let at = 0; at < 18; at++)
      await writer.addGroup(Array.from({ length: 5_000 }, (_, n) => contact(at * 5_000 + n, to)))
    const files = await writer.finish()
    expect(files.map(({ rows, relations }) => [rows, relations?.rows])).toEqual([
      [85_000, 255_000],
      [5_000, 15_000],
    ])
  })
})

test('rows out of id order are refused', async () => {
  const writer = writerOf()
  await writer.addGroup([contact(2)])
  await expect(writer.addGroup([contact(1)])).rejects.toThrow(
    `expected an id above '${contact(2).id}', got '${contact(1).id}'`,
  )
  await expect(writerOf().addGroup([contact(1), contact(1)])).rejects.toThrow('must be added in order')
})

describe('a file that a store did not keep as it was put', () => {
  const content = new Uint8Array([1, 2, 3])
  const keeping = (kept: Uint8Array<ArrayBuffer> | undefined) =>
    new (class extends MemoryObjectStore {
      override async get(): Promise<Uint8Array<ArrayBuffer> | undefined> {
        return kept
      }
    })()

  test.each([
    ['a changed byte', new Uint8Array([1, 9, 3]), 'it reads back differently from what was put'],
    ['too little', new Uint8Array([1, 2]), 'it reads back differently from what was put'],
    ['too much', new Uint8Array([1, 2, 3, 4]), 'it reads back differently from what was put'],
    ['nothing', undefined, 'it is missing after it was put'],
  ])('is refused: %s', async (_, kept, message) => {
    await expect(putChecked(keeping(kept), 'acme/a.parquet', content)).rejects.toThrow(
      `file 'acme/a.parquet' is damaged: ${message}`,
    )
  })

  test('is detected in a relation index as well', async () => {
    class Losing extends MemoryObjectStore {
      override async put(key: string, ...rest: [Uint8Array, { readonly ifAbsent: boolean }]): Promise<boolean> {
        return key.endsWith('.relations.parquet') ? true : super.put(key, ...rest)
      }
    }
    const writer = writerOf({ store: new Losing() })
    await writer.addGroup([contact(1, { manager: contact(2).id })])
    await expect(writer.finish()).rejects.toThrow("relations.parquet' is damaged: it is missing after it was put")
  })
})
