// Checks a tenant's lake from outside, as a reader sees it: no file that the manifest or the Iceberg table names may be
// missing, incomplete or damaged, whatever happens to the server meanwhile.

import {
  type LayerFile,
  listDataFiles,
  manifestKey,
  openFile,
  parseManifest,
  pathToKey,
  readCurrentTable,
  type ObjectStore,
} from '@dotdo/db'
import { FolderStore } from './folder-store.ts'

export interface LakeReport {
  readonly revision: number
  readonly tableVersion: number
  readonly events: number
}

/** Throws an Error about the first fault. */
export async function checkLake(folder: string, tenant: string): Promise<LakeReport> {
  const store = new FolderStore(folder)
  return { ...(await checkEntities(store, tenant)), ...(await checkEvents(store, tenant)) }
}

async function checkEntities(store: ObjectStore, tenant: string): Promise<{ revision: number }> {
  const key = manifestKey(tenant)
  const bytes = await store.get(key)
  if (bytes === undefined) return { revision: 0 }
  const manifest = parseManifest(new TextDecoder().decode(bytes), key)
  const files: readonly LayerFile[] = Object.values(manifest.nouns).flatMap(({ base, deltas }) => [...base, ...deltas])
  for (const file of files) {
    await openFile(store, file)
    if (file.relations !== undefined) await openFile(store, file.relations)
  }
  return { revision: manifest.revision }
}

async function checkEvents(store: ObjectStore, tenant: string): Promise<{ tableVersion: number; events: number }> {
  const prefix = `${tenant}/events`
  const hint = await store.get(`${prefix}/metadata/version-hint.text`)
  if (hint === undefined) return { tableVersion: 0, events: 0 }
  const version = Number(new TextDecoder().decode(hint))
  const metadata = await readCurrentTable(store, { prefix, version })
  if (metadata === undefined) throw new Error(`the hint names version ${version} of '${prefix}', which is missing`)
  const files = await listDataFiles(store, { prefix, metadata })
  for (const file of files) await expectFile(store, pathToKey({ store, prefix, metadata }, file.path), file.bytes)
  // The file is put right after the table's first commit, so it may be missing.
  const text = await store.get(`${prefix}/files.json`)
  const list: unknown = text === undefined ? { files: [] } : JSON.parse(new TextDecoder().decode(text))
  const isList = typeof list === 'object' && list !== null && 'files' in list && Array.isArray(list.files)
  if (!isList) throw new Error(`'${prefix}/files.json' is not a list of files`)
  for (const key of list.files as unknown[]) await expectFile(store, String(key))
  return { tableVersion: version, events: files.reduce((sum, file) => sum + file.rows, 0) }
}

async function expectFile(store: ObjectStore, key: string, bytes?: number): Promise<void> {
  const found = await store.head(key)
  if (found === undefined || (bytes !== undefined && found !== bytes))
    throw new Error(`'${key}': expected ${bytes ?? 'a file'}, found ${found ?? 'none'} (bytes)`)
}
