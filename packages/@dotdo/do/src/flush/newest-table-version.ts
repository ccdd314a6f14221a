// Finds the newest version of a tenant's table in the lake, whatever the database knows.

import type { ObjectStore } from '@dotdo/db'

const listedMax = 1_000
const listedPagesMax = 200

/** Returns 0 if there is none. A metadata file is put as the last of its version's files, so the newest one is whole. */
export async function newestTableVersion(store: ObjectStore, prefix: string): Promise<number> {
  let [newest, after] = [0, '']
  for (let page = 0; page < listedPagesMax; page++) {
    const { objects, hasMore } = await store.list({ prefix: `${prefix}/metadata/v`, after, limit: listedMax })
    for (const { key } of objects)
      newest = Math.max(newest, Number(/\/v(\d{1,15})\.metadata\.json$/.exec(key)?.[1] ?? 0))
    after = objects.at(-1)?.key ?? after
    if (!hasMore || objects.length === 0) break
  }
  return newest
}
