// Copies the files of a tenant that are no part of its lake to another tenant, which is a copy of it. May be repeated.

import type { ObjectStore } from '@dotdo/db'
import { type TenantFiles, tenantFilesOf } from '../flush/tenant-files.ts'

const listedMax = 1_000

export async function copyFiles(
  store: ObjectStore,
  { from, to, pause }: { readonly from: string; readonly to: string; readonly pause: () => Promise<void> },
): Promise<void> {
  const [source, target] = [tenantFilesOf(store, from), tenantFilesOf(store, to)]
  for (let after: string | undefined; ;) {
    const { objects, hasMore } = await source.list({
      prefix: '',
      limit: listedMax,
      ...(after === undefined ? {} : { after }),
    })
    const copied: string[] = []
    for (const { key, bytes } of objects) {
      if (await copyOne({ source, target }, key, bytes)) copied.push(key)
      await pause()
    }
    // An attempt that was killed has put objects without this.
    if (copied.length > 0) await target.sync(copied)
    after = objects.at(-1)?.key ?? after
    if (!hasMore || objects.length === 0) return
  }
}

/** Returns whether the target has the object. One that was deleted meanwhile is left out. */
async function copyOne(
  { source, target }: { readonly source: TenantFiles; readonly target: TenantFiles },
  key: string,
  size: number,
): Promise<boolean> {
  // Objects never change, so one of the same size is a copy that an earlier attempt has made.
  if ((await target.head(key)) === size) return true
  const bytes = await source.get(key)
  if (bytes === undefined) return false
  await target.put(key, bytes, { ifAbsent: false })
  return true
}
