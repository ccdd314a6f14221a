// Layer files that all readers share: each file is opened once, however many readers ask for it, and stays open while the
// cache has room. Decoded columns are shared in the same way.

import type { DecodedArray } from 'hyparquet'
import type { LayerFile } from '../layers/manifest.ts'
import type { ObjectStore } from '../object-store/object-store.ts'
import { bloomFilterMayContain } from '../parquet/bloom-filter.ts'
import { columnValueToHash } from '../parquet/column-value.ts'
import { type Column, metaColumns } from '../parquet/columns.ts'
import { type FileRef, type OpenFile, openFile, type OpenRowGroup } from '../parquet/open-file.ts'
import { type ReadColumns, readColumns } from '../parquet/read-columns.ts'
import type { LruCache } from './lru-cache.ts'

/** Data that stays in memory between reads. Keys name immutable files only, so entries never become stale. */
export interface FileCache {
  readonly files: LruCache<Promise<OpenFile>>
  /** The ids that a delta file has rows for. */
  readonly ids: LruCache<Promise<ReadonlySet<string>>>
  /**
   * Decoded columns of row groups, and the order of their rows by a sort, since the next page of a list needs the same
   * ones. Absent for readers that read each column once.
   */
  readonly columns?: LruCache<Promise<DecodedArray>>
  /** Totals of lists, by everything that they depend on: the pages of a list have one total. */
  readonly totals?: LruCache<Total>
}

export interface Total {
  readonly count: number
}

/** Approximate bytes of an open file, beyond its footer and tail. */
const openFileWeight = 4_096
/** The largest tail that is kept with an open file. */
const tailBytesMax = 131_072
/** Approximate bytes of an id in a set. */
const idWeight = 64
/** Approximate bytes of a decoded value, beyond its bytes in the file and its place in the array. */
const valueWeight = 24
const placeWeight = 8
const totalNameMax = 4_096
/** Up to this many ids are looked up in bloom filters one by one. */
const bloomIdsMax = 200

const [idColumn] = metaColumns

export class LayerFiles {
  readonly #store: ObjectStore
  readonly #cache: FileCache

  constructor(options: { readonly store: ObjectStore; readonly cache: FileCache }) {
    this.#store = options.store
    this.#cache = options.cache
  }

  open(ref: FileRef): Promise<OpenFile> {
    const { bytes, footerStart, tailStart } = ref
    const weight = openFileWeight + 4 * (bytes - footerStart) + Math.min(footerStart - tailStart, tailBytesMax)
    return shared(this.#cache.files, ref.key, { weight, make: () => openFile(this.#store, ref) })
  }

  /** Reads columns of a row group. Columns that were added after the file was written are absent. */
  async read(file: OpenFile, group: OpenRowGroup, columns: readonly Column[]): Promise<ReadColumns> {
    const cache = this.#cache.columns
    if (cache === undefined) return readColumns(file, group, columns)
    const keyOf = ({ id }: Column): string => `${file.ref.key} ${group.index} ${id}`
    const present = columns.filter(({ id }) => file.columnName(id) !== undefined)
    const columnValues = new Map<Column, Promise<DecodedArray>>()
    for (const column of present) {
      const cached = cache.get(keyOf(column))
      if (cached !== undefined) columnValues.set(column, cached)
    }
    const missing = present.filter((column) => !columnValues.has(column))
    const reading = missing.length === 0 ? undefined : readColumns(file, group, missing)
    for (const column of missing) {
      const make = async (): Promise<DecodedArray> => (await reading)?.get(column.name) ?? []
      columnValues.set(column, shared(cache, keyOf(column), { weight: columnWeight(file, group, column), make }))
    }
    const read = [...columnValues].map(async ([{ name }, values]) => [name, await values] as const)
    return new Map(await Promise.all(read))
  }

  /** Returns the rows of a row group in the order that `name` stands for, and sorts them once. */
  rowOrder(
    file: OpenFile,
    group: OpenRowGroup,
    by: { readonly name: string; readonly sort: () => Uint32Array },
  ): Promise<DecodedArray> {
    const cache = this.#cache.columns
    const make = async (): Promise<DecodedArray> => by.sort()
    if (cache === undefined) return make()
    const weight = Uint32Array.BYTES_PER_ELEMENT * (group.rowEnd - group.rowStart)
    return shared(cache, `${file.ref.key} ${group.index} by ${by.name}`, { weight, make })
  }

  /** Returns the total that was kept under the name. */
  total(name: string): Total | undefined {
    return this.#cache.totals?.get(name)
  }

  /** Keeps nothing under a very long name. */
  keepTotal(name: string, total: Total): void {
    if (name.length <= totalNameMax) this.#cache.totals?.set(name, total, name.length)
  }

  /** Returns the items whose ids the layer's file does not hold, neither as a row nor as a tombstone. */
  async withoutIdsIn<Item extends { readonly id: string }>(
    ref: LayerFile,
    items: readonly Item[],
  ): Promise<readonly Item[]> {
    const within = items.filter(({ id }) => id >= ref.idMin && id <= ref.idMax)
    if (within.length === 0 || !(await this.#mayHaveAny(ref, within))) return items
    const ids = await this.#idsOf(ref)
    return items.filter(({ id }) => !ids.has(id))
  }

  /**
   * Tests bloom filters, which usually arrived with the footer. More than `bloomIdsMax` ids are looked up in the file's
   * ids instead.
   */
  async #mayHaveAny(ref: LayerFile, items: readonly { readonly id: string }[]): Promise<boolean> {
    if (items.length > bloomIdsMax || this.#cache.ids.get(ref.key) !== undefined) return true
    const file = await this.open(ref)
    const hashes = items.flatMap(({ id }) => columnValueToHash(id, idColumn.storage) ?? [])
    for (const group of file.groups) {
      const words = await file.bloomFilter(idColumn.id, group.index)
      if (words === undefined || hashes.some((hash) => bloomFilterMayContain(words, hash))) return true
    }
    return false
  }

  #idsOf(ref: LayerFile): Promise<ReadonlySet<string>> {
    return shared(this.#cache.ids, ref.key, { weight: ref.rows * idWeight, make: () => this.#readIds(ref) })
  }

  async #readIds(ref: LayerFile): Promise<ReadonlySet<string>> {
    const file = await this.open(ref)
    const all = new Set<string>()
    for (const group of file.groups) {
      for (const id of (await readColumns(file, group, [idColumn])).get(idColumn.name) ?? []) all.add(String(id))
    }
    return all
  }
}

function columnWeight(file: OpenFile, group: OpenRowGroup, column: Column): number {
  const rows = group.rowEnd - group.rowStart
  const values = rows - (file.statistics(column, group.index)?.nulls ?? 0)
  return placeWeight * rows + valueWeight * values + file.columnBytes(column.id, group.index)
}

/**
 * Calls `make` once for all concurrent readers of a key. A failure is not cached, since the store may have recovered by
 * the next read.
 */
function shared<Value>(
  cache: LruCache<Promise<Value>>,
  key: string,
  options: { readonly weight: number; readonly make: () => Promise<Value> },
): Promise<Value> {
  const known = cache.get(key)
  if (known !== undefined) return known
  const making = options.make()
  cache.set(key, making, options.weight)
  making.catch(() => cache.delete(key))
  return making
}
