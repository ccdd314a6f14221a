// The lake's object store: a bucket on Cloudflare, a folder in the embedded server.

import { DiskObjectStore, type ObjectStore, R2ObjectStore } from '@dotdo/db'
import type { Env } from './env.ts'

/** Stores by environment of an isolate: on a disk, `ifAbsent` holds only between callers of the same store. */
const stores = new WeakMap<object, ObjectStore | undefined>()

/** Returns undefined if neither is bound; then there are no files. */
export function objectStoreOf(env: Pick<Env, 'LAKE' | 'LAKE_DISK' | 'LAKE_SYNC'>): ObjectStore | undefined {
  if (stores.has(env)) return stores.get(env)
  const store = makeStore(env)
  stores.set(env, store)
  return store
}

function makeStore(env: Pick<Env, 'LAKE' | 'LAKE_DISK' | 'LAKE_SYNC'>): ObjectStore | undefined {
  if (env.LAKE !== undefined) return new R2ObjectStore(env.LAKE)
  return env.LAKE_DISK === undefined ? undefined : new DiskObjectStore({ disk: env.LAKE_DISK, syncer: env.LAKE_SYNC })
}
