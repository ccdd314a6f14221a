// The log as the lake has it, for a restore: the newest version of its table, and the files of that version in order.

import {
  DamagedFile,
  type EventFile,
  findEventFile,
  listDataFiles,
  listTableVersions,
  type ObjectStore,
  pathToKey,
  readCurrentTable,
} from '@dotdo/db'

export interface StoredLog {
  /** The version of the table; 0 if there is none. */
  readonly version: number
  /** In order of their events, without a gap. */
  readonly files: readonly EventFile[]
}

/** Throws a DamagedFile if a file is missing or damaged, or if events between the first and the last are missing. */
export async function readStoredLog(store: ObjectStore, tenant: string): Promise<StoredLog> {
  const prefix = `${tenant}/events`
  const version = (await listTableVersions(store, prefix)).at(-1) ?? 0
  if (version === 0) return { version, files: [] }
  const metadata = await readCurrentTable(store, { prefix, version })
  if (metadata === undefined) throw new DamagedFile(`${prefix}/metadata/v${version}.metadata.json`, 'it is missing')
  const files: EventFile[] = []
  for (const { path, bytes, rows } of await listDataFiles(store, { prefix, metadata }))
    files.push(await findEventFile(store, { key: pathToKey({ store, prefix, metadata }, path), bytes, rows }))
  const sorted = files.toSorted((a, b) => a.afterSeq - b.afterSeq)
  for (const [at, { key, afterSeq }] of sorted.entries()) {
    const expected = sorted[at - 1]?.throughSeq ?? 0
    if (afterSeq !== expected) throw new DamagedFile(key, `it begins after event ${afterSeq}, expected ${expected}`)
  }
  return { version, files: sorted }
}
