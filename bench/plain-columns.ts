// Converts rows to hyparquet-writer's own input: whole columns of its basic types.

import { type Column, entityRowToValue, type EntityRow } from '@dotdo/db'
import type { BasicType, parquetWriteBuffer } from 'hyparquet-writer'

export function rowsToColumnData(
  columns: readonly Column[],
  rows: readonly EntityRow[],
): Parameters<typeof parquetWriteBuffer>[0]['columnData'] {
  return columns.map((column) => ({
    name: column.name,
    type: basicTypeOf(column),
    data: rows.map((row) => entityRowToValue(row, column)),
  }))
}

function basicTypeOf(column: Column): BasicType {
  switch (column.storage) {
    case 'text':
    case 'json':
      return 'STRING'
    case 'real':
      return column.isInteger === true ? 'INT64' : 'DOUBLE'
    case 'boolean':
      return 'BOOLEAN'
    case 'time':
      return 'INT64'
    case 'date':
      return 'INT32'
    default:
      throw new Error(`a file of plain columns holds no ${column.storage}`)
  }
}
