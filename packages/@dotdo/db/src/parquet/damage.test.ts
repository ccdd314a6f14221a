// Damaged bytes are never returned as data: the reader gets a DamagedFile that names the key.

import { Noun, type NounSchema } from 'digital-objects'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { columnsOf, putEntityFile } from '../../test/entity-files.ts'
import { fixtureColumns, fixtureGroupRows, fixtureRows } from '../../test/format-fixture.ts'
import { FaultyObjectStore, StoreFault } from '../object-store/faulty-object-store.ts'
import { MemoryObjectStore } from '../object-store/memory-object-store.ts'
import type { ByteRange } from '../object-store/object-store.ts'
import { readColumns, rowAt } from './read-columns.ts'
import { blockBytes, DamagedFile } from './block-checksums.ts'
import type { Column } from './columns.ts'
import type { EntityRow } from './entity-row.ts'
import { type FileRef, type OpenFile, openFile } from './open-file.ts'

const key = 'acme/entities/Thing/7.parquet'

interface Written {
  readonly ref: FileRef
  readonly content: Uint8Array<ArrayBuffer>
  readonly columns: readonly Column[]
  readonly rows: readonly EntityRow[]
}

async function write(options: {
  readonly columns: readonly Column[]
  readonly rows: readonly EntityRow[]
  readonly groupRows?: number
}): Promise<Written> {
  const store = new MemoryObjectStore()
  const ref = await putEntityFile({ ...options, store, key })
  return { ...options, ref, content: (await store.get(key)) ?? new Uint8Array() }
}

function rowsOf(count: number): readonly EntityRow[] {
  return Array.from({ length: count }, (_, at) => ({
    id: `thing_${String(at).padStart(12, '0')}`,
    version: 1,
    createdAtMs: at,
    createdBy: 'ada',
    updatedAtMs: at,
    seq: at + 1,
    isDeleted: false,
    fields: { a: `a ${at}`, b: `b ${(at * 7_919) % count}`, c: at * 1.5 },
  }))
}

const Wide: NounSchema = Noun('Thing', { a: 'string##', b: 'string#', c: 'number#' }).$schema

/** A file whose tail is fetched together with the footer. */
let small: Written
/** A file whose bloom filters are fetched when needed. */
let large: Written

beforeAll(async () => {
  small = await write({ columns: fixtureColumns, rows: fixtureRows, groupRows: fixtureGroupRows })
  large = await write({ columns: columnsOf(Wide), rows: rowsOf(25_000) })
  expect(small.ref.bytes - small.ref.tailStart).toBeLessThan(131_072)
  expect(large.ref.bytes - large.ref.tailStart).toBeGreaterThan(131_072)
})

async function storeOf(content: Uint8Array): Promise<MemoryObjectStore> {
  const store = new MemoryObjectStore()
  await store.put(key, content, { ifAbsent: false })
  return store
}

/** Reads every byte of a file: all columns and all bloom filters. */
async function readWhole(file: OpenFile, columns: readonly Column[]): Promise<readonly EntityRow[]> {
  const rows: EntityRow[] = []
  for (const group of file.groups) {
    await Promise.all(columns.map(({ id }) => file.bloomFilter(id, group.index)))
    const read = await readColumns(file, group, columns)
    for (let row = 0; row < group.rowEnd - group.rowStart; row++) rows.push(rowAt(read, columns, row))
  }
  return rows
}

function flipped(content: Uint8Array, at: number, bit: number): Uint8Array {
  const changed = new Uint8Array(content)
  changed[at] = (changed[at] ?? 0) ^ (1 << bit)
  return changed
}

async function expectDamaged(reading: Promise<unknown>): Promise<void> {
  const error: unknown = await reading.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(DamagedFile)
  expect(String(error)).toContain(`'${key}'`)
}

/** Positions in every part of a file, including the boundaries between parts. */
function anyPosition({ ref }: Written): fc.Arbitrary<number> {
  const { tailStart, footerStart, bytes } = ref
  const joints = [0, 3, 4, tailStart - 1, tailStart, footerStart - 1, footerStart, bytes - 9, bytes - 8, bytes - 1]
  return fc.oneof(
    fc.constantFrom(...joints),
    fc.integer({ min: 0, max: tailStart - 1 }),
    fc.integer({ min: tailStart, max: footerStart - 1 }),
    fc.integer({ min: footerStart, max: bytes - 1 }),
    // Boundaries between blocks.
    fc
      .tuple(fc.integer({ min: 1, max: Math.floor((bytes - 1) / blockBytes) }), fc.constantFrom(-1, 0))
      .map(([block, side]) => block * blockBytes + side),
  )
}

const anyBit = fc.integer({ min: 0, max: 7 })

describe.each([
  ['a small file', () => small, 300],
  ['a large file', () => large, 40],
] as const)('%s', (_, file, numRuns) => {
  test('reads back unchanged', async () => {
    const { ref, content, columns, rows } = file()
    const store = await storeOf(content)
    expect(await readWhole(await openFile(store, ref), columns)).toStrictEqual(rows)
  })

  test('is refused if any single bit is flipped', async () => {
    const { ref, content, columns } = file()
    await fc.assert(
      fc.asyncProperty(anyPosition(file()), anyBit, async (at, bit) => {
        const store = await storeOf(flipped(content, at, bit))
        await expectDamaged(openFile(store, ref).then((open) => readWhole(open, columns)))
      }),
      { numRuns },
    )
  })

  test('is refused if a bit changes after it was opened', async () => {
    const { ref, content, columns } = file()
    const isKept = ref.bytes - ref.tailStart <= 131_072
    const positions = fc.integer({
      min: 0,
      max: (isKept ? Math.floor(ref.tailStart / blockBytes) * blockBytes : ref.footerStart) - 1,
    })
    await fc.assert(
      fc.asyncProperty(positions, anyBit, async (at, bit) => {
        const store = await storeOf(content)
        const open = await openFile(store, ref)
        await store.put(key, flipped(content, at, bit), { ifAbsent: false })
        await expectDamaged(readWhole(open, columns))
      }),
      { numRuns: Math.ceil(numRuns / 2) },
    )
  })

  test('with a damaged bit, gives a reader of one column and row group the right values or an error', async () => {
    const { ref, content, columns } = file()
    const sound = await openFile(await storeOf(content), ref)
    const cases = fc.tuple(anyPosition(file()), anyBit, fc.constantFrom(...columns), fc.constantFrom(...sound.groups))
    let [refused, read] = [0, 0]
    await fc.assert(
      fc.asyncProperty(cases, async ([at, bit, column, group]) => {
        const store = await storeOf(flipped(content, at, bit))
        const reading = openFile(store, ref).then((open) => readColumns(open, group, [column]))
        const values = await reading.catch((error: unknown) => {
          expect(error).toBeInstanceOf(DamagedFile)
        })
        if (values === undefined) refused++
        else {
          read++
          expect(values).toEqual(await readColumns(sound, group, [column]))
          expect(values.get(column.name)).toHaveLength(group.rowEnd - group.rowStart)
        }
      }),
      { numRuns: 2 * numRuns },
    )
    expect(refused).toBeGreaterThan(0)
    expect(read).toBeGreaterThan(0)
  })

  test('is refused when truncated at any length', async () => {
    const { ref, content } = file()
    await fc.assert(
      fc.asyncProperty(anyPosition(file()), async (length) => {
        await expectDamaged(openFile(await storeOf(content.subarray(0, length)), ref))
      }),
    )
  })

  test('is refused when truncated after it was opened, if the missing part is read', async () => {
    const { ref, content, columns } = file()
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: ref.tailStart - blockBytes }), async (length) => {
        const store = await storeOf(content)
        const open = await openFile(store, ref)
        await store.put(key, content.subarray(0, length), { ifAbsent: false })
        await expectDamaged(readWhole(open, columns))
      }),
      { numRuns: Math.ceil(numRuns / 2) },
    )
  })

  test('is refused when missing, before and after it was opened', async () => {
    const { ref, content, columns } = file()
    const store = await storeOf(content)
    const open = await openFile(store, ref)
    await store.delete([key])
    await expectDamaged(openFile(store, ref))
    await expectDamaged(readWhole(open, columns))
  })

  test("is refused when it holds another file's bytes", async () => {
    const { ref, content, columns, rows } = file()
    const changed = rows.map((row, at) => (at === 3 ? { ...row, createdBy: `${row.createdBy}!` } : row))
    const { ref: otherRef, content: other } = await write({
      columns,
      rows: changed,
      groupRows: ref === small.ref ? fixtureGroupRows : 5_000,
    })
    await expectDamaged(openFile(await storeOf(other), ref))
    await expectDamaged(openFile(await storeOf(content), { ...otherRef, key }))
    // The file's own footer after the pages of another file.
    const mixed = new Uint8Array(content)
    mixed.set(other.subarray(0, ref.tailStart - blockBytes))
    await expectDamaged(openFile(await storeOf(mixed), ref).then((open) => readWhole(open, columns)))
    // Two of its own blocks, swapped.
    const swapped = new Uint8Array(content)
    swapped.copyWithin(0, blockBytes, 2 * blockBytes)
    if (ref.tailStart > 2 * blockBytes)
      await expectDamaged(openFile(await storeOf(swapped), ref).then((open) => readWhole(open, columns)))
  })

  test('is refused if the store answers a range with other bytes than requested', async () => {
    const { ref, content, columns } = file()
    const answers: readonly ((range: ByteRange) => Uint8Array)[] = [
      ({ start, end }) => content.subarray(start, end - 1),
      ({ start, end }) => content.subarray(start, (start + end) >> 1),
      () => new Uint8Array(),
      () => new Uint8Array([...content, 0]),
      ({ start, end }) => new Uint8Array([...content.subarray(start, end), 0]),
      ({ start, end }) => (start === 0 ? content.subarray(1, end + 1) : content.subarray(start - 1, end - 1)),
      ({ start, end }) => new Uint8Array(end - start),
    ]
    for (const answer of answers) {
      const store = new LyingStore(answer)
      await store.put(key, content, { ifAbsent: false })
      await expectDamaged(openFile(store, ref))
      store.isHonest = true
      const open = await openFile(store, ref)
      store.isHonest = false
      await expectDamaged(readWhole(open, columns))
    }
  })

  test('that is open can be read again once its store recovers', async () => {
    const { ref, content, columns, rows } = file()
    const store = await storeOf(content)
    const open = await openFile(store, ref)
    await store.delete([key])
    await expectDamaged(readWhole(open, columns))
    await store.put(key, content, { ifAbsent: false })
    expect(await readWhole(open, columns)).toStrictEqual(rows)
  })

  test('a failure of the store is not reported as damage', async () => {
    const { ref, content, columns } = file()
    const store = new FaultyObjectStore(await storeOf(content), { seed: 1 })
    const open = await openFile(store, ref)
    store.isDown = true
    await expect(openFile(store, ref)).rejects.toThrow(StoreFault)
    await expect(readWhole(open, columns)).rejects.toThrow(StoreFault)
  })
})

/** Returns wrong bytes for some ranges. */
class LyingStore extends MemoryObjectStore {
  isHonest = false
  readonly #answer: (range: ByteRange) => Uint8Array

  constructor(answer: (range: ByteRange) => Uint8Array) {
    super()
    this.#answer = answer
  }

  override async get(name: string, range?: ByteRange): Promise<Uint8Array<ArrayBuffer> | undefined> {
    if (this.isHonest || range === undefined) return super.get(name, range)
    return new Uint8Array(this.#answer(range))
  }
}
