import { expect, test } from 'vitest'
import { type ManifestEntry, readManifest, writeManifest } from './manifest.ts'
import { describeManifest, readManifestList, writeManifestList } from './manifest-list.ts'
import { readAvro, writeAvro } from './avro.ts'
import { createTableMetadata, currentSchema } from './table-metadata.ts'

const metadata = createTableMetadata({
  uuid: 'c0ffee00-0000-4000-8000-000000000000',
  location: 's3://lake/acme/events',
  columns: [
    { id: 1, name: 'id', type: 'string', required: true },
    { id: 2, name: 'timestamp', type: 'timestamptz', required: true },
    { id: 3, name: 'value', type: 'double', required: false },
    { id: 4, name: 'isOpen', type: 'boolean', required: false },
    { id: 5, name: 'day', type: 'date', required: false },
  ],
  nowMs: 1_000,
})

const entries: readonly ManifestEntry[] = [
  {
    status: 'added',
    snapshotId: 2 ** 53 - 1,
    sequenceNumber: null,
    fileSequenceNumber: null,
    file: {
      path: 's3://lake/acme/events/data/a.parquet',
      bytes: 12_345_678_901,
      rows: 10,
      month: 672,
      columns: [
        { id: 1, values: 10, nulls: 0, lower: 'evt_1', upper: 'evt_9' },
        { id: 2, values: 10, nulls: 0, lower: 1_767_225_600_000_000, upper: 1_767_225_600_000_001 },
        { id: 3, values: 10, nulls: 1, lower: -0.5, upper: 1e300 },
        { id: 4, values: 10, nulls: 2, lower: false, upper: true },
        { id: 5, values: 10, nulls: 10 },
      ],
    },
  },
  {
    status: 'existing',
    snapshotId: 1,
    sequenceNumber: 3,
    fileSequenceNumber: 4,
    file: { path: 's3://lake/acme/events/data/b.parquet', bytes: 1, rows: 20, month: -1, columns: [] },
  },
  {
    status: 'deleted',
    snapshotId: 2,
    sequenceNumber: 1,
    fileSequenceNumber: 1,
    file: { path: 's3://lake/acme/events/data/c.parquet', bytes: 1, rows: 30, month: 700, columns: [] },
  },
]

test('a manifest reads back with its statuses, partitions and bounds', () => {
  expect(readManifest(metadata, writeManifest(metadata, entries), 'm')).toEqual(entries)
})

test('a manifest records the schema and the partitions of its files', () => {
  const file = readAvro(writeManifest(metadata, entries), 'm')
  expect(Object.fromEntries(file.metadata)).toEqual({
    schema: JSON.stringify(currentSchema(metadata)),
    'schema-id': '0',
    'partition-spec': '[{"name":"timestamp_month","transform":"month","source-id":2,"field-id":1000}]',
    'partition-spec-id': '0',
    'format-version': '2',
    content: 'data',
  })
  expect(file.schema.fields.map((field) => [field.name, field['field-id']])).toEqual([
    ['status', 0],
    ['snapshot_id', 1],
    ['sequence_number', 3],
    ['file_sequence_number', 4],
    ['data_file', 2],
  ])
})

test('a manifest list reads back and counts the files and rows of its manifests', () => {
  const manifest = describeManifest({ path: 'p', bytes: 100, sequenceNumber: 7, snapshotId: 70, entries })
  expect(manifest).toEqual({
    path: 'p',
    bytes: 100,
    sequenceNumber: 7,
    // The deleted file's number does not count.
    minSequenceNumber: 3,
    addedSnapshotId: 70,
    added: { files: 1, rows: 10 },
    existing: { files: 1, rows: 20 },
    deleted: { files: 1, rows: 30 },
    months: { min: -1, max: 700 },
  })
  const list = writeManifestList({ snapshotId: 70, parentSnapshotId: 69, sequenceNumber: 7, manifests: [manifest] })
  expect(readManifestList(list, 'l')).toEqual([manifest])
  expect(Object.fromEntries(readAvro(list, 'l').metadata)).toEqual({
    'snapshot-id': '70',
    'parent-snapshot-id': '69',
    'sequence-number': '7',
    'format-version': '2',
  })
})

test('statistics of a column that the table does not have are refused', () => {
  const file = { path: 'x', bytes: 1, rows: 1, month: 0, columns: [{ id: 9, values: 1, nulls: 0, lower: 1 }] }
  const entry = { status: 'added', snapshotId: 1, sequenceNumber: null, fileSequenceNumber: null, file } as const
  expect(() => writeManifest(metadata, [entry])).toThrow(
    "'x' has statistics of column 9, which the table does not have",
  )
})

test('a file that is not a manifest is refused with a message', () => {
  const other = writeAvro({
    schema: { type: 'record', name: 'other', fields: [{ name: 'status', type: 'int' }] },
    metadata: new Map(),
    records: [{ status: 1 }],
  })
  expect(() => readManifest(metadata, other, 'm')).toThrow("an Avro record is missing the number 'snapshot_id'")
  expect(() => readManifestList(other, 'l')).toThrow("an Avro record is missing the number 'content'")
})
