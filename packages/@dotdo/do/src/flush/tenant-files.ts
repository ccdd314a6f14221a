// The files of a tenant that are no part of its lake, such as images that people have uploaded. They are in the object store where
// no key to the lake reaches, and are deleted with the tenant.

import type { ObjectStore } from '@dotdo/db'
import { privatePrefix } from './private-files.ts'

/** Keys are as those of an object store, below a folder of the tenant. */
export type TenantFiles = Pick<ObjectStore, 'get' | 'head' | 'put' | 'delete' | 'list' | 'sync'>

export function tenantFilesOf(store: ObjectStore, tenant: string): TenantFiles {
  const folder = `${privatePrefix(tenant)}files/`
  const whole = (key: string): string => folder + key
  return {
    get: (key, range) => store.get(whole(key), range),
    head: (key) => store.head(whole(key)),
    put: (key, bytes, options) => store.put(whole(key), bytes, options),
    delete: (keys) => store.delete(keys.map(whole)),
    list: async ({ prefix, after, limit }) => {
      const { objects, hasMore } = await store.list({
        prefix: whole(prefix),
        limit,
        ...(after === undefined ? {} : { after: whole(after) }),
      })
      return { objects: objects.map((one) => ({ ...one, key: one.key.slice(folder.length) })), hasMore }
    },
    sync: (keys) => store.sync(keys.map(whole)),
  }
}
