// A manifest list (Iceberg spec v2, "Manifest Lists"): the manifests of one snapshot, with the statistics that let
// readers skip whole manifests.

import { readAvro, writeAvro } from './avro.ts'
import { integerIn, isAvroRecord, textIn } from './avro-fields.ts'
import type { AvroRecord, AvroRecordSchema, AvroValue } from './avro-schema.ts'
import type { EntryStatus, ManifestEntry } from './manifest.ts'
import { bytesToSingleValue, singleValueToBytes } from './single-value.ts'

export interface ManifestFile {
  /** Absent for a manifest of rows. */
  readonly content?: 'deletes'
  readonly path: string
  readonly bytes: number
  /** The sequence number of the snapshot that the manifest was written in. */
  readonly sequenceNumber: number
  /** The least sequence number of its files that are not deleted. */
  readonly minSequenceNumber: number
  readonly addedSnapshotId: number
  readonly added: Tally
  readonly existing: Tally
  readonly deleted: Tally
  /** The partitions of all its entries, both inclusive; undefined if the list has none. */
  readonly months: { readonly min: number; readonly max: number } | undefined
}

export interface Tally {
  readonly files: number
  readonly rows: number
}

/** Describes a manifest that was just written. */
export function describeManifest(options: {
  readonly path: string
  readonly bytes: number
  readonly sequenceNumber: number
  readonly snapshotId: number
  readonly entries: readonly ManifestEntry[]
}): ManifestFile {
  const { path, bytes, sequenceNumber, snapshotId, entries } = options
  const tally = (status: EntryStatus): Tally => {
    const some = entries.filter((entry) => entry.status === status)
    return { files: some.length, rows: some.reduce((rows, entry) => rows + entry.file.rows, 0) }
  }
  const live = entries.filter((entry) => entry.status !== 'deleted')
  const least = (numbers: readonly number[]): number => numbers.reduce((min, number) => Math.min(min, number), Infinity)
  const months = entries.flatMap(({ file }) => file.month ?? [])
  const minSequenceNumber = least(live.map((entry) => entry.sequenceNumber ?? sequenceNumber))
  return {
    ...(entries[0]?.file.content === 'deletes' ? { content: 'deletes' } : {}),
    path,
    bytes,
    sequenceNumber,
    // A manifest with only deleted files has no minimum of its own.
    minSequenceNumber: live.length === 0 ? sequenceNumber : minSequenceNumber,
    addedSnapshotId: snapshotId,
    added: tally('added'),
    existing: tally('existing'),
    deleted: tally('deleted'),
    months: months.length === 0 ? undefined : { min: least(months), max: -least(months.map((month) => -month)) },
  }
}

export function writeManifestList(options: {
  readonly snapshotId: number
  readonly parentSnapshotId: number | undefined
  readonly sequenceNumber: number
  readonly manifests: readonly ManifestFile[]
}): Uint8Array<ArrayBuffer> {
  const { snapshotId, parentSnapshotId, sequenceNumber, manifests } = options
  return writeAvro({
    schema: manifestFileSchema,
    metadata: new Map([
      ['snapshot-id', String(snapshotId)],
      ['parent-snapshot-id', String(parentSnapshotId ?? null)],
      ['sequence-number', String(sequenceNumber)],
      ['format-version', '2'],
    ]),
    records: manifests.map((manifest) => ({
      manifest_path: manifest.path,
      manifest_length: manifest.bytes,
      partition_spec_id: 0,
      content: manifest.content === undefined ? 0 : 1,
      sequence_number: manifest.sequenceNumber,
      min_sequence_number: manifest.minSequenceNumber,
      added_snapshot_id: manifest.addedSnapshotId,
      added_files_count: manifest.added.files,
      existing_files_count: manifest.existing.files,
      deleted_files_count: manifest.deleted.files,
      added_rows_count: manifest.added.rows,
      existing_rows_count: manifest.existing.rows,
      deleted_rows_count: manifest.deleted.rows,
      partitions: monthsToPartitions(manifest.months),
    })),
  })
}

/** Errors contain `name`. */
export function readManifestList(bytes: Uint8Array, name: string): readonly ManifestFile[] {
  return readAvro(bytes, name).records.map((record) => {
    const tally = (kind: string): Tally => ({
      files: integerIn(record, `${kind}_files_count`),
      rows: integerIn(record, `${kind}_rows_count`),
    })
    return {
      ...(integerIn(record, 'content') === 0 ? {} : { content: 'deletes' }),
      path: textIn(record, 'manifest_path'),
      bytes: integerIn(record, 'manifest_length'),
      sequenceNumber: integerIn(record, 'sequence_number'),
      minSequenceNumber: integerIn(record, 'min_sequence_number'),
      addedSnapshotId: integerIn(record, 'added_snapshot_id'),
      added: tally('added'),
      existing: tally('existing'),
      deleted: tally('deleted'),
      months: partitionsToMonths(record['partitions']),
    }
  })
}

function monthsToPartitions(months: ManifestFile['months']): readonly AvroRecord[] | null {
  if (months === undefined) return null
  const lower_bound = singleValueToBytes(months.min, 'int')
  const upper_bound = singleValueToBytes(months.max, 'int')
  return [{ contains_null: false, contains_nan: false, lower_bound, upper_bound }]
}

function partitionsToMonths(partitions: AvroValue | undefined): ManifestFile['months'] {
  const [first]: readonly AvroValue[] = Array.isArray(partitions) ? partitions : []
  if (!isAvroRecord(first)) return undefined
  const { lower_bound: lower, upper_bound: upper } = first
  if (!(lower instanceof Uint8Array) || !(upper instanceof Uint8Array)) return undefined
  return { min: Number(bytesToSingleValue(lower, 'int')), max: Number(bytesToSingleValue(upper, 'int')) }
}

const summarySchema: AvroRecordSchema = {
  type: 'record',
  name: 'r508',
  fields: [
    { name: 'contains_null', type: 'boolean', 'field-id': 509 },
    { name: 'contains_nan', type: ['null', 'boolean'], default: null, 'field-id': 518 },
    { name: 'lower_bound', type: ['null', 'bytes'], default: null, 'field-id': 510 },
    { name: 'upper_bound', type: ['null', 'bytes'], default: null, 'field-id': 511 },
  ],
}

const manifestFileSchema: AvroRecordSchema = {
  type: 'record',
  name: 'manifest_file',
  fields: [
    { name: 'manifest_path', type: 'string', 'field-id': 500 },
    { name: 'manifest_length', type: 'long', 'field-id': 501 },
    { name: 'partition_spec_id', type: 'int', 'field-id': 502 },
    { name: 'content', type: 'int', 'field-id': 517 },
    { name: 'sequence_number', type: 'long', 'field-id': 515 },
    { name: 'min_sequence_number', type: 'long', 'field-id': 516 },
    { name: 'added_snapshot_id', type: 'long', 'field-id': 503 },
    { name: 'added_files_count', type: 'int', 'field-id': 504 },
    { name: 'existing_files_count', type: 'int', 'field-id': 505 },
    { name: 'deleted_files_count', type: 'int', 'field-id': 506 },
    { name: 'added_rows_count', type: 'long', 'field-id': 512 },
    { name: 'existing_rows_count', type: 'long', 'field-id': 513 },
    { name: 'deleted_rows_count', type: 'long', 'field-id': 514 },
    {
      name: 'partitions',
      type: ['null', { type: 'array', items: summarySchema, 'element-id': 508 }],
      default: null,
      'field-id': 507,
    },
  ],
}
