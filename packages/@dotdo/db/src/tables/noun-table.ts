// A Noun as the schema of an Iceberg table. Its columns are those of the Noun's files, by the same ids, all of them: ClickHouse refuses
// a file with a column that its table lacks. So `$deleted` is one of them, and false, since the table hides deleted rows.

import { elementStorageOf, type StorageClass, unreachable } from 'digital-objects'
import type { Column as IcebergColumn, ColumnType } from '../iceberg/table-metadata.ts'
import type { Column } from '../parquet/columns.ts'

const deletedColumn = '$deleted'

export function columnsToIceberg(columns: readonly Column[]): readonly IcebergColumn[] {
  return columns.map(({ id, name, storage, isInteger, isRequired, elementId }) => {
    const element = isInteger === true ? 'long' : storageToType(storage)
    const type =
      elementId === undefined
        ? element
        : ({ type: 'list', 'element-id': elementId, element, 'element-required': true } as const)
    // Files that were written for a table of an earlier version lack it.
    return { id, name, type, required: isRequired && name !== deletedColumn }
  })
}

function storageToType(storage: StorageClass): ColumnType {
  const element = elementStorageOf(storage)
  switch (element) {
    case 'text':
    case 'json':
      return 'string'
    case 'real':
      return 'double'
    case 'boolean':
      return 'boolean'
    case 'time':
      return 'timestamptz'
    case 'date':
      return 'date'
    default:
      return unreachable(element)
  }
}

const reservedNames: ReadonlySet<string> = new Set(['current', 'entities', 'events'])

/** `LineItem` becomes `line_item`; with a number if another table, or a folder of the tenant, has the name. */
export function nounToTableName(noun: string, taken: ReadonlySet<string>): string {
  const name = noun
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll(/([A-Z])([A-Z][a-z])/g, '$1_$2')
    .toLowerCase()
  const isFree = (candidate: string): boolean => !taken.has(candidate) && !reservedNames.has(candidate)
  if (isFree(name)) return name
  for (let number = 2; ; number++) if (isFree(`${name}_${number}`)) return `${name}_${number}`
}
