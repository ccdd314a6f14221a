// Verifies the Nouns' Iceberg tables: each names exactly the files that it should, and hides exactly the rows that newer
// layers replace. A table that is behind the manifest is not looked at, since its next commit makes it right.

import { findHiddenRows, listDataFiles, type Manifest, pathToKey } from '@dotdo/db'
import { layersIn, planLayers } from './plan-noun-table.ts'
import type { TenantLake } from './tenant-lake.ts'

export async function verifyNounTables(
  options: { readonly lake: Pick<TenantLake, 'store' | 'tables'>; readonly pause: () => Promise<void> },
  manifest: Manifest,
  note: (fault: string) => void,
): Promise<void> {
  for (const noun of Object.keys(manifest.nouns)) await verifyTable(options, { manifest, noun }, note)
}

async function verifyTable(
  { lake, pause }: { readonly lake: Pick<TenantLake, 'store' | 'tables'>; readonly pause: () => Promise<void> },
  { manifest, noun }: { readonly manifest: Manifest; readonly noun: string },
  note: (fault: string) => void,
): Promise<void> {
  const { store, tables } = lake
  const layers = layersIn(manifest, noun)
  const settled = await tables.settled(noun)
  if (layers === undefined || settled === undefined) return
  const { position, metadata } = settled
  const table = { store, prefix: tables.folderOf(noun), metadata }
  const listed = new Map(
    (await listDataFiles(store, table)).map((file) => [pathToKey(table, file.path), file] as const),
  )
  let rows = 0
  for (const { key, rows: own, bytes, deletes } of position.files) {
    const file = listed.get(key)
    if (file?.rows !== own || file.bytes !== bytes) note(`the table '${position.name}' does not have '${key}' as it is`)
    listed.delete(key)
    rows += own
    if (deletes === undefined) continue
    if (listed.get(deletes.key)?.rows !== deletes.rows)
      note(`the table '${position.name}' does not have the deletes '${deletes.key}' as they are`)
    listed.delete(deletes.key)
    rows -= deletes.rows
  }
  for (const key of listed.keys()) note(`the table '${position.name}' names '${key}', which it should not`)
  if (rows !== layers.entities)
    note(`the table '${position.name}' has ${rows} rows, but the manifest counts ${layers.entities} entities`)
  if (position.kind === 'whole') return
  const plan = planLayers({ ...position, isNew: true }, layers, position)
  for (const [at, planned] of plan.entries()) {
    if (planned.kind !== 'searched') continue
    const hidden = await findHiddenRows({ store, ...planned, pause })
    const count = hidden.reduce((sum, { positions }) => sum + positions.length, 0)
    const deleted = position.files[at]?.deletes?.rows ?? 0
    if (count !== deleted)
      note(`the table '${position.name}' hides ${deleted} rows for '${planned.file.key}', which replaces ${count}`)
  }
}
