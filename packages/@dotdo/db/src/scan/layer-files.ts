// The files of layers as readers share them: each is opened once, however many ask for it, and stays open as long as
// there is room.

import type { LruCache } from '../lru-cache.ts'
import type { LayerFile } from '../manifest.ts'
import type { ObjectStore } from '../object-store/object-store.ts'
import { bloomFilterMayContain } from '../parquet/bloom-filter.ts'
import { columnValueToHash } from '../parquet/column-value.ts'
import { metaColumns } from '../parquet/columns.ts'
import { type FileRef, type OpenFile, openFile } from '../parquet/open-file.ts'
import { readColumns } from './read-columns.ts'

/** What stays in memory between reads; keys name immutable things only. */
export interface FileCache {
  readonly files: LruCache<Promise<OpenFile>>
  /** The ids that a delta file has rows of. */
  readonly ids: LruCache<Promise<ReadonlySet<string>>>
}

/** Rough bytes of an open file, beyond its footer and tail. */
const openFileWeight = 4_096
/** A tail of up to this size is kept with an open file. */
const keptTailBytesMax = 131_072
/** Rough bytes of an id in a set. */
const idWeight = 64
/** So many ids are looked up in bloom filters one by one. */
const probedMax = 200

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
    const weight = openFileWeight + 4 * (bytes - footerStart) + Math.min(footerStart - tailStart, keptTailBytesMax)
    return shared(this.#cache.files, ref.key, { weight, make: () => openFile(this.#store, ref) })
  }

  /** Those of which a layer's file says nothing, neither that they are nor that they are gone. */
  async withoutThoseIn<Item extends { readonly id: string }>(
    ref: LayerFile,
    items: readonly Item[],
  ): Promise<readonly Item[]> {
    const within = items.filter(({ id }) => id >= ref.idMin && id <= ref.idMax)
    if (within.length === 0 || !(await this.#mayHaveAny(ref, within))) return items
    const ids = await this.#idsOf(ref)
    return items.filter(({ id }) => !ids.has(id))
  }

  /** By bloom filters, which mostly came with the footer; many are looked up in the file's ids at once. */
  async #mayHaveAny(ref: LayerFile, items: readonly { readonly id: string }[]): Promise<boolean> {
    if (items.length > probedMax || this.#cache.ids.get(ref.key) !== undefined) return true
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

/** Made once for all who ask at one time. A failure is not kept: the store may be well again next time. */
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
