// The lake's object store: a bucket on Cloudflare, and in the embedded server a folder, or a bucket of any server of S3.

import { DiskObjectStore, type ObjectStore, R2ObjectStore, type S3BucketOptions, S3ObjectStore } from '@dotdo/db'
import { assert } from 'digital-objects'
import type { Env } from './env.ts'

type LakeBindings = Pick<Env, 'LAKE' | 'LAKE_BUCKET' | 'LAKE_NETWORK' | 'LAKE_DISK' | 'LAKE_SYNC'>

/** Stores by environment of an isolate: on a disk, `ifAbsent` holds only between callers of the same store. */
const stores = new WeakMap<object, ObjectStore | undefined>()

/** Returns undefined if none is bound; then there are no files. */
export function objectStoreOf(env: LakeBindings): ObjectStore | undefined {
  if (stores.has(env)) return stores.get(env)
  const store = makeStore(env)
  stores.set(env, store)
  return store
}

function makeStore(env: LakeBindings): ObjectStore | undefined {
  if (env.LAKE !== undefined) return new R2ObjectStore(env.LAKE)
  if (env.LAKE_BUCKET !== undefined) return bucketOf(env.LAKE_BUCKET, env)
  return env.LAKE_DISK === undefined ? undefined : new DiskObjectStore({ disk: env.LAKE_DISK, syncer: env.LAKE_SYNC })
}

function bucketOf(text: string, { LAKE_NETWORK: network }: LakeBindings): ObjectStore {
  assert(network !== undefined, 'the bucket of the lake is reached by its own network')
  const bucket = JSON.parse(text) as Omit<S3BucketOptions, 'fetch'> // the launcher wrote it
  return new S3ObjectStore({ ...bucket, fetch: (url, init) => network.fetch(url, init) })
}
