// Deletes the files of a tenant that is being deleted.

import { manifestKey, type ObjectStore } from '@dotdo/db'
import { privatePrefix } from './private-files.ts'

/** One page of keys; a slice of the work, after which others have a turn. */
const filesPerSlice = 500

/** Deletes some of the tenant's files. Returns true once there are none. */
export async function eraseFiles(store: ObjectStore, tenant: string): Promise<boolean> {
  const own = await store.list({ prefix: `${tenant}/`, limit: filesPerSlice })
  const { objects } =
    own.objects.length > 0 ? own : await store.list({ prefix: privatePrefix(tenant), limit: filesPerSlice })
  if (objects.length === 0) return true
  // Readers of files must not start from a manifest whose files are being deleted.
  await store.delete([manifestKey(tenant)])
  await store.delete(objects.map(({ key }) => key))
  return false
}
