// A manifest (Iceberg spec v2, "Manifests"): some data files of a table, with what a reader needs to skip them, and
// whether each was added, was there before or was removed by the snapshot that the manifest was written in.

import { readAvro, writeAvro } from './avro.ts'
import type { AvroRecord, AvroRecordSchema, AvroSchema, AvroValue } from './avro-schema.ts'
import { integerIn, optionalIntegerIn, recordIn, textIn } from './avro-fields.ts'
import { bytesToSingleValue, lowerBoundOf, type SingleValue, singleValueToBytes, upperBoundOf } from './single-value.ts'
import {
  type Column,
  columnsById,
  currentSchema,
  monthFieldId,
  monthFieldName,
  type TableMetadata,
} from './table-metadata.ts'

/** A Parquet file of rows that are all of one month. */
export interface DataFile {
  /** Begins with the table's location. */
  readonly path: string
  readonly bytes: number
  readonly rows: number
  /** As `msToMonth` counts. */
  readonly month: number
  /** Columns that say nothing here prune nothing. */
  readonly columns: readonly ColumnStatistics[]
}

export interface ColumnStatistics {
  readonly id: number
  /** Nulls are values as well. */
  readonly values: number
  readonly nulls: number
  /** No value is less. A text may come back shorter than it was given. */
  readonly lower?: SingleValue
  /** No value is greater. */
  readonly upper?: SingleValue
}

export type EntryStatus = 'existing' | 'added' | 'deleted'

export interface ManifestEntry {
  readonly status: EntryStatus
  /** Where the file was added or, when it is deleted, removed. */
  readonly snapshotId: number
  /** Null is the manifest's own, which a list of manifests knows: of added files only. */
  readonly sequenceNumber: number | null
  readonly fileSequenceNumber: number | null
  readonly file: DataFile
}

/** The order is the format's: 0, 1, 2. */
const statuses = ['existing', 'added', 'deleted'] as const satisfies readonly EntryStatus[]

export function writeManifest(metadata: TableMetadata, entries: readonly ManifestEntry[]): Uint8Array<ArrayBuffer> {
  const columns = columnsById(metadata)
  const schema = currentSchema(metadata)
  return writeAvro({
    schema: entrySchema,
    metadata: new Map([
      ['schema', JSON.stringify(schema)],
      ['schema-id', String(schema['schema-id'])],
      ['partition-spec', JSON.stringify(metadata['partition-specs'][0]?.fields ?? [])],
      ['partition-spec-id', String(metadata['default-spec-id'])],
      ['format-version', '2'],
      ['content', 'data'],
    ]),
    records: entries.map((entry) => ({
      status: statuses.indexOf(entry.status),
      snapshot_id: entry.snapshotId,
      sequence_number: entry.sequenceNumber,
      file_sequence_number: entry.fileSequenceNumber,
      data_file: dataFileToRecord(entry.file, columns),
    })),
  })
}

/** `name` is said in errors. */
export function readManifest(metadata: TableMetadata, bytes: Uint8Array, name: string): readonly ManifestEntry[] {
  const columns = columnsById(metadata)
  return readAvro(bytes, name).records.map((record) => {
    const status = statuses[integerIn(record, 'status')]
    if (status === undefined) throw new Error(`'${name}' has an entry of no known status`)
    return {
      status,
      snapshotId: integerIn(record, 'snapshot_id'),
      sequenceNumber: optionalIntegerIn(record, 'sequence_number'),
      fileSequenceNumber: optionalIntegerIn(record, 'file_sequence_number'),
      file: recordToDataFile(recordIn(record, 'data_file'), columns),
    }
  })
}

function dataFileToRecord(file: DataFile, columns: ReadonlyMap<number, Column>): AvroRecord {
  const known = file.columns.toSorted((first, second) => first.id - second.id)
  const bounds = (boundOf: (statistics: ColumnStatistics) => SingleValue | undefined): AvroValue =>
    known.flatMap((statistics) => {
      const column = columns.get(statistics.id)
      if (column === undefined)
        throw new Error(`'${file.path}' has statistics of column ${statistics.id}, which is none`)
      const bound = boundOf(statistics)
      return bound === undefined ? [] : [{ key: statistics.id, value: singleValueToBytes(bound, column.type) }]
    })
  return {
    content: 0,
    file_path: file.path,
    file_format: 'PARQUET',
    partition: { [monthFieldName]: file.month },
    record_count: file.rows,
    file_size_in_bytes: file.bytes,
    value_counts: known.map(({ id, values }) => ({ key: id, value: values })),
    null_value_counts: known.map(({ id, nulls }) => ({ key: id, value: nulls })),
    lower_bounds: bounds(({ lower }) => (lower === undefined ? undefined : lowerBoundOf(lower))),
    upper_bounds: bounds(({ upper }) => (upper === undefined ? undefined : upperBoundOf(upper))),
  }
}

function recordToDataFile(record: AvroRecord, columns: ReadonlyMap<number, Column>): DataFile {
  const nulls = pairsIn(record, 'null_value_counts')
  const lowers = pairsIn(record, 'lower_bounds')
  const uppers = pairsIn(record, 'upper_bounds')
  const statistics: ColumnStatistics[] = []
  for (const [id, values] of pairsIn(record, 'value_counts')) {
    const column = columns.get(id)
    if (column === undefined || typeof values !== 'number') continue
    const lower = boundIn(lowers, column)
    const upper = boundIn(uppers, column)
    const nullCount = nulls.get(id)
    statistics.push({
      id,
      values,
      nulls: typeof nullCount === 'number' ? nullCount : 0,
      ...(lower === undefined ? {} : { lower }),
      ...(upper === undefined ? {} : { upper }),
    })
  }
  return {
    path: textIn(record, 'file_path'),
    bytes: integerIn(record, 'file_size_in_bytes'),
    rows: integerIn(record, 'record_count'),
    month: integerIn(recordIn(record, 'partition'), monthFieldName),
    columns: statistics,
  }
}

function boundIn(bounds: ReadonlyMap<number, AvroValue>, column: Column): SingleValue | undefined {
  const bytes = bounds.get(column.id)
  return bytes instanceof Uint8Array ? bytesToSingleValue(bytes, column.type) : undefined
}

/** Iceberg's maps by field id are arrays of pairs, since the keys of Avro's own are texts. */
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

const partitionSchema: AvroRecordSchema = {
  type: 'record',
  name: 'r102',
  fields: [{ name: monthFieldName, type: ['null', 'int'], default: null, 'field-id': monthFieldId }],
}

const dataFileSchema: AvroRecordSchema = {
  type: 'record',
  name: 'r2',
  fields: [
    { name: 'content', type: 'int', 'field-id': 134 },
    { name: 'file_path', type: 'string', 'field-id': 100 },
    { name: 'file_format', type: 'string', 'field-id': 101 },
    { name: 'partition', type: partitionSchema, 'field-id': 102 },
    { name: 'record_count', type: 'long', 'field-id': 103 },
    { name: 'file_size_in_bytes', type: 'long', 'field-id': 104 },
    { name: 'value_counts', type: pairs({ key: 119, value: 120 }, 'long'), default: null, 'field-id': 109 },
    { name: 'null_value_counts', type: pairs({ key: 121, value: 122 }, 'long'), default: null, 'field-id': 110 },
    { name: 'lower_bounds', type: pairs({ key: 126, value: 127 }, 'bytes'), default: null, 'field-id': 125 },
    { name: 'upper_bounds', type: pairs({ key: 129, value: 130 }, 'bytes'), default: null, 'field-id': 128 },
  ],
}

const entrySchema: AvroRecordSchema = {
  type: 'record',
  name: 'manifest_entry',
  fields: [
    { name: 'status', type: 'int', 'field-id': 0 },
    { name: 'snapshot_id', type: ['null', 'long'], default: null, 'field-id': 1 },
    { name: 'sequence_number', type: ['null', 'long'], default: null, 'field-id': 3 },
    { name: 'file_sequence_number', type: ['null', 'long'], default: null, 'field-id': 4 },
    { name: 'data_file', type: dataFileSchema, 'field-id': 2 },
  ],
}
