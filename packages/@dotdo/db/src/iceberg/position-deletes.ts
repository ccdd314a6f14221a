// A file of position deletes (Iceberg spec v2, "Position Delete Files"): rows of data files that are deleted, by path and
// position, sorted by both. It is not compressed, so that the path's bytes are in it as they are.

import { parquetWriteBuffer } from 'hyparquet-writer'

/** The ids are reserved by the specification. */
export const deletedPathColumn = { id: 2_147_483_546, name: 'file_path' } as const
const positionColumn = { id: 2_147_483_545, name: 'pos' } as const

/** Whole paths: a shortened one is no value of the column. */
const statisticsBytesMax = 2_048

/** Rows of one data file, counted from 0 and ascending. */
export interface DeletedRows {
  readonly path: string
  readonly positions: readonly number[]
}

/** The paths are ascending, and each has at least one position. */
export function writePositionDeletes(deleted: readonly DeletedRows[]): Uint8Array<ArrayBuffer> {
  const paths = deleted.flatMap(({ path, positions }) => positions.map(() => path))
  const positions = deleted.flatMap((rows) => rows.positions.map(BigInt))
  const buffer = parquetWriteBuffer({
    schema: [
      { name: 'table', num_children: 2 },
      {
        name: deletedPathColumn.name,
        type: 'BYTE_ARRAY',
        converted_type: 'UTF8',
        logical_type: { type: 'STRING' },
        repetition_type: 'REQUIRED',
        field_id: deletedPathColumn.id,
      },
      { name: positionColumn.name, type: 'INT64', repetition_type: 'REQUIRED', field_id: positionColumn.id },
    ],
    columnData: [
      { name: deletedPathColumn.name, data: paths },
      { name: positionColumn.name, data: positions },
    ],
    codec: 'UNCOMPRESSED',
    statisticsTruncateLength: statisticsBytesMax,
  })
  return new Uint8Array(buffer)
}
