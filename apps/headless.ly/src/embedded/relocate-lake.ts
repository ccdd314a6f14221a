// Makes a copy of a lake readable where it is: each of its Iceberg tables gets metadata with the paths there.

import { randomBytes, randomInt } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type RelocatedTable, relocateTable } from '@dotdo/db'
import { FolderStore } from './folder-store.ts'

export interface TableAtPlace extends RelocatedTable {
  /** `acme/contact`. */
  readonly table: string
  readonly location: string
}

/** `root` is where readers find the folder, without a trailing `/`; by default its own path. */
export async function relocateLake(
  folder: string,
  { root = pathToFileURL(resolve(folder)).href }: { readonly root?: string | undefined } = {},
): Promise<readonly TableAtPlace[]> {
  if (!existsSync(folder)) throw new Error(`there is no folder '${folder}'`)
  // The server commits to its tables by itself, and would lose them.
  if (existsSync(join(folder, '../objects')))
    throw new Error(`'${folder}' is the lake of a data folder, which its server writes: copy it first`)
  const tables = tablesIn(folder)
  if (tables.length === 0) throw new Error(`'${folder}' has no tables: expected <tenant>/<table>/metadata in it`)
  const store = new FolderStore(folder)
  const done: TableAtPlace[] = []
  for (const table of tables) {
    const location = `${root}/${table}`
    const operationId = `relocated-${randomBytes(8).toString('hex')}`
    const snapshotId = randomInt(1, 2 ** 47)
    const relocated = await relocateTable({
      store,
      prefix: table,
      location,
      operationId,
      snapshotId,
      nowMs: Date.now(),
    })
    done.push({ table, location, ...relocated })
  }
  return done
}

function tablesIn(folder: string): readonly string[] {
  return foldersIn(folder).flatMap((tenant) =>
    foldersIn(join(folder, tenant))
      .filter((name) => hasVersions(join(folder, tenant, name, 'metadata')))
      .map((name) => `${tenant}/${name}`),
  )
}

function hasVersions(folder: string): boolean {
  return existsSync(folder) && readdirSync(folder).some((name) => /^v\d+\.metadata\.json$/.test(name))
}

function foldersIn(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .toSorted()
}
