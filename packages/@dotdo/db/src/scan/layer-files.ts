// Open layer files that all readers share: each file is opened once, however many readers ask for it, and stays open
// while the cache has room.

import type { LruCache } from './lru-cache.ts'
import type { LayerFile } from '../layers/manifest.ts'
import type { ObjectStore } from '../object-store/object-store.ts'
import { bloomFilterMayContain } from '../parquet/bloom-filter.ts'
import { columnValueToHash } from '../parquet/column-value.ts'
import { metaColumns } from '../parquet/columns.ts'
import { type FileRef, type OpenFile, openFile } from '../parquet/open-file.ts'
import { readColumns } from '../parquet/read-columns.ts'

/** Data that stays in memory between reads. Keys name immutable files only, so entries never become stale. */
export interface FileCache {
  readonly files: LruCache<Promise<OpenFile>>
  /** The ids that a delta file has rows for. */
  readonly ids: LruCache<Promise<ReadonlySet<string>>>
}

/** Approximate bytes of an open file, beyond its footer and tail. */
const openFileWeight = 4_096
/** The largest tail that is kept with an open file. */
const tailBytesMax = 131_072
/** Approximate bytes of an id in a set. */
const idWeight = 64
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
