// A manifest (Iceberg spec v2, "Manifests"): data files of a table, with the statistics that let readers skip them, and
// whether the snapshot that wrote the manifest added, kept or removed each file.

import { readAvro, writeAvro } from './avro.ts'
import type { AvroRecord, AvroRecordSchema, AvroSchema, AvroValue } from './avro-schema.ts'
import { integerIn, optionalIntegerIn, recordIn, textIn } from './avro-fields.ts'
import { deletedPathColumn } from './position-deletes.ts'
import { bytesToSingleValue, lowerBoundOf, type SingleValue, singleValueToBytes, upperBoundOf } from './single-value.ts'
import {
  type Column,
  columnsById,
  currentSchema,
  isPartitioned,
  monthFieldId,
  monthFieldName,
  type TableMetadata,
} from './table-metadata.ts'

/** A Parquet file of rows, or of positions of rows that are deleted. */
export interface DataFile {
  /** Absent for rows. */
  readonly content?: 'deletes'
  /** Starts with the table's location. */
  readonly path: string
  readonly bytes: number
  readonly rows: number
  /** The month of all its rows, as `msToMonth` counts them; absent in a table without partitions. */
  readonly month?: number
  /** The first and the last path in a file of deletes. */
  readonly paths?: { readonly first: string; readonly last: string }
  /** Columns without statistics here cannot be used to skip the file. */
  readonly columns: readonly ColumnStatistics[]
}

export interface ColumnStatistics {
  readonly id: number
  /** Number of values, nulls included. */
  readonly values: number
  /** Absent if nobody has counted them: then no file is skipped for having none. */
  readonly nulls?: number
  /** Bytes in the file; absent in manifests of earlier versions of this program. */
  readonly bytes?: number
  /** No value is less than this. A stored string may be shorter than the one given. */
  readonly lower?: SingleValue
  /** No value is greater than this. */
  readonly upper?: SingleValue
}

export type EntryStatus = 'existing' | 'added' | 'deleted'

export interface ManifestEntry {
  readonly status: EntryStatus
  /** The snapshot in which the file was added or, if it is deleted, removed. */
  readonly snapshotId: number
  /** Null stands for the manifest's own number, which its manifest list knows; only added files have it. */
  readonly sequenceNumber: number | null
  readonly fileSequenceNumber: number | null
  readonly file: DataFile
}

/** In the format's order: 0, 1, 2. */
const statuses = ['existing', 'added', 'deleted'] as const satisfies readonly EntryStatus[]

/** The entries are all of one kind: rows, or deletes. */
export function writeManifest(metadata: TableMetadata, entries: readonly ManifestEntry[]): Uint8Array<ArrayBuffer> {
  const columns = columnsById(metadata)
  const schema = currentSchema(metadata)
  const isByMonth = isPartitioned(metadata)
  return writeAvro({
    schema: entrySchemaOf(isByMonth),
    metadata: new Map([
      ['schema', JSON.stringify(schema)],
      ['schema-id', String(schema['schema-id'])],
      ['partition-spec', JSON.stringify(metadata['partition-specs'][0]?.fields ?? [])],
      ['partition-spec-id', String(metadata['default-spec-id'])],
      ['format-version', '2'],
      ['content', entries[0]?.file.content ?? 'data'],
    ]),
    records: entries.map((entry) => ({
      status: statuses.indexOf(entry.status),
      snapshot_id: entry.snapshotId,
      sequence_number: entry.sequenceNumber,
      file_sequence_number: entry.fileSequenceNumber,
      data_file: dataFileToRecord(entry.file, columns, isByMonth),
    })),
  })
}

/** Errors contain `name`. */
export function readManifest(metadata: TableMetadata, bytes: Uint8Array, name: string): readonly ManifestEntry[] {
  const columns = columnsById(metadata)
  return readAvro(bytes, name).records.map((record) => {
    const status = statuses[integerIn(record, 'status')]
    if (status === undefined) throw new Error(`'${name}' has an entry with an unknown status`)
    return {
      status,
      snapshotId: integerIn(record, 'snapshot_id'),
      sequenceNumber: optionalIntegerIn(record, 'sequence_number'),
      fileSequenceNumber: optionalIntegerIn(record, 'file_sequence_number'),
      file: recordToDataFile(recordIn(record, 'data_file'), columns),
    }
  })
}

function dataFileToRecord(file: DataFile, columns: ReadonlyMap<number, Column>, isByMonth: boolean): AvroRecord {
  const known = file.columns.toSorted((first, second) => first.id - second.id)
  const bounds = (boundOf: (statistics: ColumnStatistics) => SingleValue | undefined): AvroValue =>
    known.flatMap((statistics) => {
      const column = columns.get(statistics.id)
      if (column === undefined)
        throw new Error(`'${file.path}' has statistics of column ${statistics.id}, which the table does not have`)
      const bound = boundOf(statistics)
      if (bound === undefined || typeof column.type !== 'string') return []
      return [{ key: statistics.id, value: singleValueToBytes(bound, column.type) }]
    })
  if (isByMonth !== (file.month !== undefined))
    throw new Error(`'${file.path}' must have a month exactly if its table is partitioned by month`)
  const start = {
    content: file.content === undefined ? 0 : 1,
    file_path: file.path,
    file_format: 'PARQUET',
    partition: file.month === undefined ? {} : { [monthFieldName]: file.month },
    record_count: file.rows,
    file_size_in_bytes: file.bytes,
  }
  if (file.content === 'deletes') return { ...start, ...pathBounds(file) }
  return {
    ...start,
    column_sizes: known.flatMap(({ id, bytes }) => (bytes === undefined ? [] : [{ key: id, value: bytes }])),
    value_counts: known.map(({ id, values }) => ({ key: id, value: values })),
    null_value_counts: known.flatMap(({ id, nulls }) => (nulls === undefined ? [] : [{ key: id, value: nulls }])),
    lower_bounds: bounds(({ lower }) => (lower === undefined ? undefined : lowerBoundOf(lower))),
    upper_bounds: bounds(({ upper }) => (upper === undefined ? undefined : upperBoundOf(upper))),
  }
}

/** The first and last path let readers skip deletes of other files. They are never shortened: a path is compared whole. */
function pathBounds({ paths }: DataFile): AvroRecord {
  const bounds = (path: string | undefined): AvroValue =>
    path === undefined ? [] : [{ key: deletedPathColumn.id, value: singleValueToBytes(path, 'string') }]
  return {
    column_sizes: [],
    value_counts: [],
    null_value_counts: [],
    lower_bounds: bounds(paths?.first),
    upper_bounds: bounds(paths?.last),
  }
}

function recordToDataFile(record: AvroRecord, columns: ReadonlyMap<number, Column>): DataFile {
  const isDeletes = integerIn(record, 'content') === 1
  const nulls = pairsIn(record, 'null_value_counts')
  const sizes = pairsIn(record, 'column_sizes')
  const lowers = pairsIn(record, 'lower_bounds')
  const uppers = pairsIn(record, 'upper_bounds')
  const statistics: ColumnStatistics[] = []
  for (const [id, values] of pairsIn(record, 'value_counts')) {
    const column = columns.get(id)
    if (column === undefined || typeof values !== 'number') continue
    const lower = boundIn(lowers, column)
    const upper = boundIn(uppers, column)
    const nullCount = nulls.get(id)
    const size = sizes.get(id)
    statistics.push({
      id,
      values,
      ...(typeof nullCount === 'number' ? { nulls: nullCount } : {}),
      ...(typeof size === 'number' ? { bytes: size } : {}),
      ...(lower === undefined ? {} : { lower }),
      ...(upper === undefined ? {} : { upper }),
    })
  }
  const month = optionalIntegerIn(recordIn(record, 'partition'), monthFieldName)
  const first = pathIn(lowers)
  const last = pathIn(uppers)
  return {
    ...(isDeletes ? { content: 'deletes' } : {}),
    path: textIn(record, 'file_path'),
    bytes: integerIn(record, 'file_size_in_bytes'),
    rows: integerIn(record, 'record_count'),
    ...(month === null ? {} : { month }),
    ...(isDeletes && first !== undefined && last !== undefined ? { paths: { first, last } } : {}),
    columns: statistics,
  }
}

function pathIn(bounds: ReadonlyMap<number, AvroValue>): string | undefined {
  const bytes = bounds.get(deletedPathColumn.id)
  return bytes instanceof Uint8Array ? String(bytesToSingleValue(bytes, 'string')) : undefined
}

function boundIn(bounds: ReadonlyMap<number, AvroValue>, column: Column): SingleValue | undefined {
  const bytes = bounds.get(column.id)
  return bytes instanceof Uint8Array && typeof column.type === 'string'
    ? bytesToSingleValue(bytes, column.type)
    : undefined
}

/** Reads a map by field id. Iceberg stores it as an array of pairs, since Avro's own maps only have string keys. */
function pairsIn(record: AvroRecord, name: string): ReadonlyMap<number, AvroValue> {
  const pairs = record[name]
  if (!Array.isArray(pairs)) return new Map()
  return new Map(pairs.map((pair: AvroRecord) => [integerIn(pair, 'key'), pair['value'] ?? null]))
}

function pairs(ids: { readonly key: number; readonly value: number }, value: AvroSchema): AvroSchema {
  const fields = [
    { name: 'key', type: 'int', 'field-id': ids.key },
    { name: 'value', type: value, 'field-id': ids.value },
  ] as const
  const items = { type: 'record', name: `k${ids.key}_v${ids.value}`, fields } as const
  return ['null', { type: 'array', logicalType: 'map', items }]
}

function partitionSchemaOf(isByMonth: boolean): AvroRecordSchema {
  const month = { name: monthFieldName, type: ['null', 'int'], default: null, 'field-id': monthFieldId } as const
  return { type: 'record', name: 'r102', fields: isByMonth ? [month] : [] }
}

function dataFileSchemaOf(isByMonth: boolean): AvroRecordSchema {
  return {
    type: 'record',
    name: 'r2',
    fields: [
      { name: 'content', type: 'int', 'field-id': 134 },
      { name: 'file_path', type: 'string', 'field-id': 100 },
      { name: 'file_format', type: 'string', 'field-id': 101 },
      { name: 'partition', type: partitionSchemaOf(isByMonth), 'field-id': 102 },
      { name: 'record_count', type: 'long', 'field-id': 103 },
      { name: 'file_size_in_bytes', type: 'long', 'field-id': 104 },
      { name: 'column_sizes', type: pairs({ key: 117, value: 118 }, 'long'), default: null, 'field-id': 108 },
      { name: 'value_counts', type: pairs({ key: 119, value: 120 }, 'long'), default: null, 'field-id': 109 },
      { name: 'null_value_counts', type: pairs({ key: 121, value: 122 }, 'long'), default: null, 'field-id': 110 },
      { name: 'lower_bounds', type: pairs({ key: 126, value: 127 }, 'bytes'), default: null, 'field-id': 125 },
      { name: 'upper_bounds', type: pairs({ key: 129, value: 130 }, 'bytes'), default: null, 'field-id': 128 },
    ],
  }
}

function entrySchemaOf(isByMonth: boolean): AvroRecordSchema {
  return {
    type: 'record',
    name: 'manifest_entry',
    fields: [
      { name: 'status', type: 'int', 'field-id': 0 },
      { name: 'snapshot_id', type: ['null', 'long'], default: null, 'field-id': 1 },
      { name: 'sequence_number', type: ['null', 'long'], default: null, 'field-id': 3 },
      { name: 'file_sequence_number', type: ['null', 'long'], default: null, 'field-id': 4 },
      { name: 'data_file', type: dataFileSchemaOf(isByMonth), 'field-id': 2 },
    ],
  }
}
