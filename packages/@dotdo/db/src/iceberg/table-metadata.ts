// A table's metadata file (Iceberg spec v2, "Table Metadata", and appendix C for its JSON), under the names used there.
// A table here is partitioned by the month of its column `timestamp`, or not at all.

export interface TableMetadata {
  readonly 'format-version': 2
  readonly 'table-uuid': string
  /** The prefix of all file paths: `s3://lake/acme/events`. */
  readonly location: string
  readonly 'last-sequence-number': number
  readonly 'last-updated-ms': number
  readonly 'last-column-id': number
  readonly schemas: readonly TableSchema[]
  readonly 'current-schema-id': number
  readonly 'partition-specs': readonly PartitionSpec[]
  readonly 'default-spec-id': number
  readonly 'last-partition-id': number
  readonly 'sort-orders': readonly { readonly 'order-id': number; readonly fields: readonly [] }[]
  readonly 'default-sort-order-id': number
  readonly properties: Readonly<Record<string, string>>
  /** Absent before the first commit. */
  readonly 'current-snapshot-id'?: number
  /** Oldest first. */
  readonly snapshots: readonly TableSnapshot[]
  readonly 'snapshot-log': readonly { readonly 'timestamp-ms': number; readonly 'snapshot-id': number }[]
  /** Earlier metadata files that still exist, oldest first. */
  readonly 'metadata-log': readonly MetadataLogEntry[]
  /** The branch `main`, and the tags, whose snapshots do not expire. */
  readonly refs: Readonly<Record<string, { readonly 'snapshot-id': number; readonly type: 'branch' | 'tag' }>>
}

export interface TableSchema {
  readonly type: 'struct'
  readonly 'schema-id': number
  readonly fields: readonly Column[]
}

export interface Column {
  /** An id is never given to another column. */
  readonly id: number
  readonly name: string
  readonly type: ColumnType | ListType
  readonly required: boolean
}

export type ColumnType = (typeof columnTypes)[number]

export interface ListType {
  readonly type: 'list'
  readonly 'element-id': number
  readonly element: ColumnType
  readonly 'element-required': boolean
}

export interface PartitionSpec {
  readonly 'spec-id': number
  readonly fields: readonly {
    readonly name: string
    readonly transform: string
    readonly 'source-id': number
    readonly 'field-id': number
  }[]
}

export interface TableSnapshot {
  readonly 'snapshot-id': number
  readonly 'parent-snapshot-id'?: number
  readonly 'sequence-number': number
  readonly 'timestamp-ms': number
  readonly 'manifest-list': string
  readonly 'schema-id': number
  readonly summary: Readonly<Record<string, string>> & { readonly operation: string }
}

export interface MetadataLogEntry {
  readonly 'timestamp-ms': number
  readonly 'metadata-file': string
}

const columnTypes = ['string', 'long', 'int', 'double', 'boolean', 'timestamptz', 'date'] as const
export const monthFieldId = 1_000
export const monthFieldName = 'timestamp_month'
/** Iceberg's readers hold a schema in memory for each manifest. Events have about twenty columns. */
const columnsMax = 1_000

/**
 * Spark's vectorized reader refuses columns in some encodings of Parquet: booleans in runs in any version, and integers as differences
 * in older ones. Without it Spark reads every encoding, more slowly.
 */
export const tableProperties = {
  'write.format.default': 'parquet',
  'read.parquet.vectorization.enabled': 'false',
} as const

/** Stores nothing: the first commit on version 0 writes the metadata together with its snapshot. */
export function createTableMetadata(options: {
  readonly uuid: string
  readonly location: string
  readonly columns: readonly Column[]
  /** By default the table is partitioned by the month of its column `timestamp`. */
  readonly partition?: 'month' | 'none'
  readonly nowMs: number
}): TableMetadata {
  const { uuid, location, columns, partition = 'month', nowMs } = options
  checkColumns(columns)
  if (location.endsWith('/')) throw new Error(`expected a location without a trailing '/', got '${location}'`)
  return {
    'format-version': 2,
    'table-uuid': uuid,
    location,
    'last-sequence-number': 0,
    'last-updated-ms': nowMs,
    'last-column-id': lastIdOf(columns),
    schemas: [{ type: 'struct', 'schema-id': 0, fields: columns.map(plainColumn) }],
    'current-schema-id': 0,
    'partition-specs': [{ 'spec-id': 0, fields: partition === 'month' ? [monthOf(columns)] : [] }],
    'default-spec-id': 0,
    'last-partition-id': partition === 'month' ? monthFieldId : monthFieldId - 1,
    'sort-orders': [{ 'order-id': 0, fields: [] }],
    'default-sort-order-id': 0,
    properties: tableProperties,
    snapshots: [],
    'snapshot-log': [],
    'metadata-log': [],
    refs: {},
  }
}

function monthOf(columns: readonly Column[]): PartitionSpec['fields'][number] {
  const timestamp = columns.find((column) => column.name === 'timestamp')
  if (timestamp?.type !== 'timestamptz' || !timestamp.required) {
    throw new Error("an Iceberg table needs a required timestamptz column named 'timestamp'")
  }
  return { name: monthFieldName, transform: 'month', 'source-id': timestamp.id, 'field-id': monthFieldId }
}

export function isPartitioned(metadata: TableMetadata): boolean {
  return (metadata['partition-specs'][0]?.fields.length ?? 0) > 0
}

/**
 * `columns` are the columns from now on. A column that is left out stays in earlier snapshots, and its id is given to no
 * other column. Stores nothing: the next commit writes the metadata.
 */
export function withSchema(metadata: TableMetadata, columns: readonly Column[], nowMs: number): TableMetadata {
  checkColumns(columns)
  const fields = columns.map(plainColumn)
  const text = JSON.stringify(fields)
  if (JSON.stringify(currentSchema(metadata).fields) === text) return metadata
  const known = metadata.schemas.find((schema) => JSON.stringify(schema.fields) === text)
  const newId = Math.max(...metadata.schemas.map((schema) => schema['schema-id'])) + 1
  return {
    ...metadata,
    'last-updated-ms': Math.max(nowMs, metadata['last-updated-ms']),
    'last-column-id': Math.max(lastIdOf(columns), metadata['last-column-id']),
    schemas:
      known === undefined ? [...metadata.schemas, { type: 'struct', 'schema-id': newId, fields }] : metadata.schemas,
    'current-schema-id': known?.['schema-id'] ?? newId,
  }
}

/**
 * `columns` are all columns from now on: the existing ones unchanged, and new ones, which must be optional because
 * earlier files lack them. Stores nothing: the next commit writes the metadata.
 */
export function withColumns(metadata: TableMetadata, columns: readonly Column[], nowMs: number): TableMetadata {
  checkColumns(columns)
  const known = currentSchema(metadata)
  for (const before of known.fields) {
    const after = columns.find(({ id }) => id === before.id)
    if (after === undefined || !isSameColumn(before, after)) {
      throw new Error(`column ${before.id} '${before.name}' of the Iceberg table cannot change`)
    }
  }
  const added = columns.filter(({ id }) => !known.fields.some((column) => column.id === id))
  if (added.length === 0) return metadata
  for (const column of added) {
    if (column.required) throw new Error(`column '${column.name}' is new and cannot be required`)
    if (column.id <= metadata['last-column-id']) {
      throw new Error(`column '${column.name}' needs an id above ${metadata['last-column-id']}, got ${column.id}`)
    }
  }
  const schemaId = Math.max(...metadata.schemas.map((schema) => schema['schema-id'])) + 1
  const fields = [...known.fields, ...added.map(plainColumn)]
  return {
    ...metadata,
    'last-updated-ms': Math.max(nowMs, metadata['last-updated-ms']),
    'last-column-id': lastIdOf(columns),
    schemas: [...metadata.schemas, { type: 'struct', 'schema-id': schemaId, fields }],
    'current-schema-id': schemaId,
  }
}

export function currentSchema(metadata: TableMetadata): TableSchema {
  const schema = metadata.schemas.find((candidate) => candidate['schema-id'] === metadata['current-schema-id'])
  if (schema === undefined) throw new Error(`table metadata is missing schema ${metadata['current-schema-id']}`)
  return schema
}

export function currentSnapshot(metadata: TableMetadata): TableSnapshot | undefined {
  return metadata.snapshots.find((snapshot) => snapshot['snapshot-id'] === metadata['current-snapshot-id'])
}

/** Returns every column that the table ever had, by id. */
export function columnsById(metadata: TableMetadata): ReadonlyMap<number, Column> {
  return new Map(metadata.schemas.flatMap((schema) => schema.fields.map((column) => [column.id, column])))
}

/** Returns the partition of a timestamp: whole months since January 1970, UTC. */
export function msToMonth(ms: number): number {
  const date = new Date(ms)
  return (date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth()
}

function checkColumns(columns: readonly Column[]): void {
  if (columns.length > columnsMax) throw new Error(`an Iceberg table can have at most ${columnsMax} columns`)
  for (const { id, name, type } of columns) {
    if (!Number.isInteger(id) || id < 1 || id >= 2 ** 31) throw new Error(`column '${name}' has no valid id, got ${id}`)
    const valueType = typeof type === 'string' ? type : type.element
    if (!columnTypes.includes(valueType)) throw new Error(`column '${name}' has an unknown type`)
  }
  for (const key of ['id', 'name'] as const) {
    if (new Set(columns.map((column) => column[key])).size < columns.length) {
      throw new Error(`two columns of the Iceberg table have the same ${key}`)
    }
  }
}

function lastIdOf(columns: readonly Column[]): number {
  return Math.max(...columns.map(({ id, type }) => (typeof type === 'string' ? id : Math.max(id, type['element-id']))))
}

function plainColumn({ id, name, type, required }: Column): Column {
  return { id, name, type, required }
}

function isSameColumn(before: Column, after: Column): boolean {
  return (
    before.name === after.name &&
    JSON.stringify(before.type) === JSON.stringify(after.type) &&
    before.required === after.required
  )
}
