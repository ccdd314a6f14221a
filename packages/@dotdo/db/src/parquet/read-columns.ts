// Decodes columns of one row group. All byte ranges are requested in one tick, so that they become one request or a
// few.

import type { EntityFields, JsonValue } from 'digital-objects'
import { type DecodedArray, parquetScan } from 'hyparquet'
import { parsers, readValueToJson } from './column-value.ts'
import type { Column } from './columns.ts'
import { decompressors } from './compression.ts'
import type { EntityRow } from './entity-row.ts'
import type { OpenFile, OpenRowGroup } from './open-file.ts'

/** Columns by their present name. A column that was added after the file was written is absent. */
export type ReadColumns = ReadonlyMap<string, DecodedArray>

export async function readColumns(
  file: OpenFile,
  group: OpenRowGroup,
  columns: readonly Column[],
): Promise<ReadColumns> {
  const present = columns.flatMap((column) => {
    const name = file.columnName(column.id)
    return name === undefined ? [] : [{ column, name }]
  })
  const scan = await parquetScan({
    file: file.reader,
    metadata: file.metadata,
    columns: present.map(({ name }) => name),
    compressors: decompressors,
    parsers,
    useOffsetIndex: false,
  })
  const { rowStart, rowEnd } = group
  const read = await Promise.all(present.map(({ name }) => scan.readColumn({ column: name, rowStart, rowEnd })))
  return new Map(present.map(({ column }, at) => [column.name, read[at] ?? []]))
}

/** Builds one row of a group whose columns were all read. */
export function rowAt(read: ReadColumns, columns: readonly Column[], row: number): EntityRow {
  const fields: Record<string, JsonValue> = {}
  for (const column of columns) {
    if (column.name.startsWith('$')) continue
    const value = readValueToJson(read.get(column.name)?.[row], column.storage)
    if (value !== undefined) fields[column.name] = value
  }
  const meta = (name: string): unknown => read.get(name)?.[row]
  return {
    id: String(meta('$id')),
    version: Number(meta('$version')),
    createdAtMs: Number(meta('$createdAt')),
    createdBy: String(meta('$createdBy')),
    updatedAtMs: Number(meta('$updatedAt')),
    seq: Number(meta('$seq')),
    isDeleted: meta('$deleted') === true,
    fields: fields satisfies EntityFields,
  }
}
