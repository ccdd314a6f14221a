// Finds the rows that a layer hides: the earlier rows of its entities in older files, and its own tombstones. Files are
// sorted by id, so one pass over the ids of the row groups that may have them finds all, one row group in memory at a time.

import type { LayerFile } from '../layers/manifest.ts'
import type { ObjectStore } from '../object-store/object-store.ts'
import { bloomFilterMayContain } from '../parquet/bloom-filter.ts'
import { columnValueToHash } from '../parquet/column-value.ts'
import { metaColumns } from '../parquet/columns.ts'
import { openFile, type OpenFile, type OpenRowGroup } from '../parquet/open-file.ts'
import { readColumns } from '../parquet/read-columns.ts'

export interface HiddenRows {
  readonly key: string
  /** Ascending, counted from 0 over all row groups. */
  readonly positions: readonly number[]
}

const [idColumn, deletedColumn] = metaColumns

/** Each row is hidden by one layer only: the first one after it that has its id. Returns only files with such rows. */
export async function findHiddenRows(options: {
  readonly store: ObjectStore
  readonly file: LayerFile
  /** Oldest first. */
  readonly older: readonly LayerFile[]
  /** Lets others run between two row groups. */
  readonly pause: () => Promise<void>
}): Promise<readonly HiddenRows[]> {
  const { store, file, older, pause } = options
  const { ids, tombstones } = await readIds(await openFile(store, file), pause)
  const hidden: HiddenRows[] = tombstones.length > 0 ? [{ key: file.key, positions: tombstones }] : []
  let wanted = ids
  for (const other of older.toReversed()) {
    if (wanted.length === 0) break
    if (other.idMax < file.idMin || other.idMin > file.idMax) continue
    const { found, positions } = await findRows(await openFile(store, other), wanted, pause)
    if (positions.length > 0) hidden.push({ key: other.key, positions })
    if (found.size > 0) wanted = wanted.filter((id) => !found.has(id))
  }
  return hidden
}

async function readIds(
  file: OpenFile,
  pause: () => Promise<void>,
): Promise<{ readonly ids: readonly string[]; readonly tombstones: readonly number[] }> {
  const ids: string[] = []
  const tombstones: number[] = []
  for (const group of file.groups) {
    const read = await readColumns(file, group, [idColumn, deletedColumn])
    const [groupIds, deleted] = [read.get(idColumn.name) ?? [], read.get(deletedColumn.name) ?? []]
    for (let row = 0; row < group.rowEnd - group.rowStart; row++) {
      ids.push(String(groupIds[row]))
      if (deleted[row] === true) tombstones.push(group.rowStart + row)
    }
    await pause()
  }
  return { ids, tombstones }
}

/** Finds the rows of the file that have one of these ids, which are ascending. Its tombstones are hidden already. */
async function findRows(
  file: OpenFile,
  ids: readonly string[],
  pause: () => Promise<void>,
): Promise<{ readonly found: ReadonlySet<string>; readonly positions: readonly number[] }> {
  const found = new Set<string>()
  const positions: number[] = []
  for (const group of file.groups) {
    const wanted = await wantedIn(file, group, ids)
    if (wanted.length === 0) continue
    const read = await readColumns(file, group, [idColumn, deletedColumn])
    const [groupIds, deleted] = [read.get(idColumn.name) ?? [], read.get(deletedColumn.name) ?? []]
    let at = 0
    for (let row = 0; row < group.rowEnd - group.rowStart && at < wanted.length; row++) {
      const id = String(groupIds[row])
      while (at < wanted.length && (wanted[at] ?? '') < id) at++
      if (wanted[at] !== id) continue
      found.add(id)
      if (deleted[row] !== true) positions.push(group.rowStart + row)
    }
    await pause()
  }
  return { found, positions }
}

/** Returns the ids that the row group may have. */
async function wantedIn(file: OpenFile, group: OpenRowGroup, ids: readonly string[]): Promise<readonly string[]> {
  const statistics = file.statistics(idColumn, group.index)
  const min = statistics?.min ?? ''
  const start = firstFrom(ids, (id) => id >= String(min))
  const end = statistics?.max == null ? ids.length : firstFrom(ids, (id) => id > String(statistics.max))
  if (start >= end) return []
  const some = ids.slice(start, end)
  const filter = await file.bloomFilter(idColumn.id, group.index)
  if (filter === undefined) return some
  return some.filter((id) => {
    const hash = columnValueToHash(id, idColumn.storage)
    return hash === undefined || bloomFilterMayContain(filter, hash)
  })
}

/** Returns the first index whose id passes, where all later ones do too. */
function firstFrom(ids: readonly string[], passes: (id: string) => boolean): number {
  let [low, high] = [0, ids.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (passes(ids[middle] ?? '')) high = middle
    else low = middle + 1
  }
  return low
}
