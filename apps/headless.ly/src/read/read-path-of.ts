// Creates the read path of an isolate from the platform's bindings.

import type { ObjectStore } from '@dotdo/db'
import { formatInternalError } from 'digital-objects'
import { builtInWith } from 'objects.do'
import type { Env } from '../base/env.ts'
import { objectStoreOf } from '../base/object-store-of.ts'
import { services } from '../base/services.ts'
import { turnsOf } from '../base/turns-of.ts'
import { CacheApiReadCache } from './cache-api-read-cache.ts'
import { KvReadCache } from './kv-read-cache.ts'
import { KvValues } from './kv-values.ts'
import { MemoryReadCache } from './memory-read-cache.ts'
import { ReadPath } from './read-path.ts'

const answerBytesMax = 16 * 2 ** 20

/** Read paths by environment, since each remembers writes and cached answers. */
const paths = new WeakMap<Env, ReadPath | undefined>()

/** Returns undefined if there is no lake; the tenants' objects answer everything then. */
export function readPathOf(env: Env): ReadPath | undefined {
  const known = paths.get(env)
  if (known !== undefined || paths.has(env)) return known
  const store = objectStoreOf(env)
  const path = store === undefined ? undefined : makeReadPath(env, store)
  paths.set(env, path)
  return path
}

function makeReadPath(env: Env, store: ObjectStore): ReadPath {
  const { VERSION, READ_KV } = env
  const values = READ_KV && new KvValues({ kv: READ_KV, now: Date.now })
  // The namespace of the embedded server is in its memory, so it has one deployment.
  const answers = values && new KvReadCache({ values, deployment: VERSION?.id ?? 'embedded' })
  return new ReadPath({
    store,
    builtIn: builtInWith(services),
    memory: new MemoryReadCache(answerBytesMax),
    // Only Cloudflare names its deployments. The embedded server has no Cache API.
    near: VERSION && new CacheApiReadCache({ cache: caches.default, deployment: VERSION.id }),
    ...(values === undefined || answers === undefined ? {} : { far: { answers, values } }),
    // Cloudflare runs isolates on many threads. There, a read of files is mostly the wait for the bucket.
    ...(env.LAKE_DISK === undefined ? {} : { turns: turnsOf(env) }),
    now: Date.now,
    log: (message) => console.error(formatInternalError(message)),
  })
}
