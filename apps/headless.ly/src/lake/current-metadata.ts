// Finds the newest metadata file of a tenant's Iceberg table as readers without a catalog do (iceberg.apache.org/spec,
// "File System Tables"): a hint holds its version, or one shortly before it.

import type { ObjectStore } from '@dotdo/db'

const stepsMax = 100 // versions after the hint: a writer that dies before raising the hint leaves it one behind
const metadataBytesMax = 32 * 2 ** 20 // far above any real size, since snapshots expire

/** Returns undefined if there is no table yet. `text` is the JSON exactly as the table's writer stored it. */
export async function readCurrentMetadata(options: {
  readonly store: Pick<ObjectStore, 'get' | 'head'>
  readonly tenant: string
  readonly table: string
}): Promise<{ readonly key: string; readonly version: number; readonly text: string } | undefined> {
  const { store, tenant, table } = options
  const folder = `${tenant}/${table}/metadata`
  const keyOf = (version: number): string => `${folder}/v${version}.metadata.json`
  const hint = await store.get(`${folder}/version-hint.text`)
  let version = hint === undefined ? 0 : parseVersion(new TextDecoder().decode(hint), folder)
  for (let step = 0; step < stepsMax; step++) {
    if ((await store.head(keyOf(version + 1))) === undefined) break
    version++
  }
  const key = keyOf(version)
  const bytes = await store.head(key)
  if (bytes === undefined) return undefined
  if (bytes > metadataBytesMax)
    throw new Error(`'${key}' has ${bytes} bytes, more than the limit of ${metadataBytesMax} for table metadata`)
  const content = await store.get(key)
  return content === undefined ? undefined : { key, version, text: new TextDecoder().decode(content) }
}

function parseVersion(text: string, folder: string): number {
  const digits = text.trim()
  if (!/^\d{1,12}$/.test(digits)) throw new Error(`'${folder}/version-hint.text' does not hold a number`)
  return Number(digits)
}
