// The versions of a table that a store has, whatever the version hint or a database says.

import type { ObjectStore } from '../object-store/object-store.ts'

const listedMax = 1_000
const listedPagesMax = 200

/** Ascending. A metadata file is put as the last of its version's files. */
export async function listTableVersions(store: ObjectStore, prefix: string): Promise<readonly number[]> {
  const versions: number[] = []
  let after = ''
  for (let page = 0; page < listedPagesMax; page++) {
    const { objects, hasMore } = await store.list({ prefix: `${prefix}/metadata/v`, after, limit: listedMax })
    for (const { key } of objects) {
      const version = Number(/\/v(\d{1,15})\.metadata\.json$/.exec(key)?.[1] ?? 0)
      if (version > 0) versions.push(version)
    }
    after = objects.at(-1)?.key ?? after
    if (!hasMore || objects.length === 0) break
  }
  return versions.toSorted((a, b) => a - b)
}
