// Describes a Parquet file as a manifest lists it: sizes and counts of its columns, and bounds of those by which readers
// filter. They come from the file's footer, so a file can be described again at any time.

import type { DataFile } from '../iceberg/manifest.ts'
import type { ColumnStatistics } from '../iceberg/manifest.ts'
import type { SingleValue } from '../iceberg/single-value.ts'
import type { ObjectStore } from '../object-store/object-store.ts'
import type { Column } from '../parquet/columns.ts'
import { type FileRef, openFile, type OpenFile } from '../parquet/open-file.ts'

const dayMs = 86_400_000

export async function describeFile(
  store: ObjectStore,
  options: {
    readonly ref: FileRef
    readonly path: string
    /** The columns of the table. */
    readonly columns: readonly Column[]
    /** Names of columns that get bounds; each takes up to 70 bytes per file, which every reader loads. */
    readonly bounded: ReadonlySet<string>
  },
): Promise<DataFile> {
  const { ref, path, columns, bounded } = options
  const file = await openFile(store, ref)
  return {
    path,
    bytes: ref.bytes,
    rows: ref.rows,
    columns: columns.flatMap((column) => statisticsOf(file, column, bounded.has(column.name)) ?? []),
  }
}

/** Returns undefined if the file is older than the column. A list is described by the column of its values. */
function statisticsOf(file: OpenFile, column: Column, isBounded: boolean): ColumnStatistics | undefined {
  if (file.columnName(column.id) === undefined || column.elementId !== undefined) return undefined
  let bytes = 0
  let nulls: number | undefined = 0
  let [min, max]: (string | number | undefined)[] = []
  for (const { index } of file.groups) {
    bytes += file.storedBytes(column.id, index)
    const statistics = file.statistics(column, index)
    nulls = statistics?.nulls === undefined || nulls === undefined ? undefined : nulls + statistics.nulls
    if (statistics === undefined || statistics.min === null || statistics.max === null) continue
    if (min === undefined || statistics.min < min) min = statistics.min
    if (max === undefined || statistics.max > max) max = statistics.max
  }
  const lower = isBounded && min !== undefined ? toSingleValue(min, column) : undefined
  const upper = isBounded && max !== undefined ? toSingleValue(max, column) : undefined
  // Text columns compare by code points, and JavaScript's order differs above the surrogates.
  const isOrdered = ![lower, upper].some((bound) => typeof bound === 'string' && /[\ud800-\uffff]/.test(bound))
  return {
    id: column.id,
    values: file.ref.rows,
    ...(nulls === undefined ? {} : { nulls }),
    bytes,
    ...(lower === undefined || !isOrdered ? {} : { lower }),
    ...(upper === undefined || !isOrdered ? {} : { upper }),
  }
}

/** Converts a bound from the form that filters compare to Iceberg's. */
function toSingleValue(value: string | number, { storage, isInteger }: Column): SingleValue | undefined {
  switch (storage) {
    case 'text':
      return String(value)
    case 'time': {
      // Numbers hold the microseconds of the years 1685 to 2255 exactly. Another bound skips no file.
      const micros = Number(value) * 1_000
      return Number.isSafeInteger(micros) ? micros : undefined
    }
    case 'date':
      return Date.parse(`${value}T00:00:00Z`) / dayMs
    case 'boolean':
      return value === 1
    case 'real':
      return isInteger === true || Number.isFinite(value) ? Number(value) : undefined
    default:
      return undefined
  }
}
