// An object store that also keeps the ends of entity files, with their footers, in KV: the bytes without which a file cannot
// be opened. Everything else is read from the store.

import type { LayerFile, Manifest, ObjectStore } from '@dotdo/db'
import type { KvValues } from './kv-values.ts'

export interface StoreWithTailsOptions {
  readonly store: ObjectStore
  readonly values: Pick<KvValues, 'get' | 'put'>
  readonly manifest: Manifest
  /** Whether the manifest has been the current one for so long that KV may know its files. */
  readonly isLasting: boolean
  readonly waitUntil: (work: Promise<unknown>) => void
}

/** A delta with as many rows is not merged within minutes, and its share of the writes is small. */
export const tailRowsMin = 4_000
/** A request may make 1,000 calls of all products. Each tail takes up to two. */
export const tailsMax = 50

/** For one read. */
export function storeWithTails(options: StoreWithTailsOptions): ObjectStore {
  const { store, values, manifest, isLasting, waitUntil } = options
  let left = tailsMax
  return {
    get: async (key, range) => {
      if (range === undefined || left === 0) return store.get(key, range)
      const bytes = endOf(manifest, { key, isLasting })
      if (bytes !== range.end) return store.get(key, range)
      left--
      const name = `tail ${manifest.epoch} ${key} ${range.start}-${range.end}`
      const kept = await values.get(name)
      if (kept?.length === range.end - range.start) return kept.slice()
      const read = await store.get(key, range)
      if (read?.length === range.end - range.start) waitUntil(values.put(name, read))
      return read
    },
    head: (key) => store.head(key),
    stat: (key) => store.stat(key),
    put: (key, bytes, put) => store.put(key, bytes, put),
    delete: (keys) => store.delete(keys),
    list: (list) => store.list(list),
    sync: (keys) => store.sync(keys),
  }
}

/** Returns the bytes of a file whose end is worth keeping; undefined for other files. */
function endOf(manifest: Manifest, of: { readonly key: string; readonly isLasting: boolean }): number | undefined {
  for (const { base, deltas } of Object.values(manifest.nouns)) {
    const file = base.find((one) => hasKey(one, of.key)) ?? deltas.find((one) => hasKey(one, of.key))
    if (file === undefined) continue
    const isKept = of.isLasting || file.rows >= tailRowsMin
    return !isKept ? undefined : file.key === of.key ? file.bytes : file.relations?.bytes
  }
  return undefined
}

function hasKey(file: LayerFile, key: string): boolean {
  return file.key === key || file.relations?.key === key
}
