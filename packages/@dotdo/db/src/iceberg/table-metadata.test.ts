import { expect, test } from 'vitest'
import { parseTableMetadata } from './parse-table-metadata.ts'
import { type Column, createTableMetadata, currentSchema, msToMonth, withColumns } from './table-metadata.ts'

const columns: readonly Column[] = [
  { id: 1, name: 'id', type: 'string', required: true },
  { id: 2, name: 'timestamp', type: 'timestamptz', required: true },
]
const uuid = 'c0ffee00-0000-4000-8000-000000000000'
const metadata = createTableMetadata({ uuid, location: 's3://lake/acme/events', columns, nowMs: 1_000 })

test('a new table is valid by the specification and partitioned by the month of its timestamp', () => {
  expect(metadata).toEqual({
    'format-version': 2,
    'table-uuid': uuid,
    location: 's3://lake/acme/events',
    'last-sequence-number': 0,
    'last-updated-ms': 1_000,
    'last-column-id': 2,
    schemas: [{ type: 'struct', 'schema-id': 0, fields: columns }],
    'current-schema-id': 0,
    'partition-specs': [
      {
        'spec-id': 0,
        fields: [{ name: 'timestamp_month', transform: 'month', 'source-id': 2, 'field-id': 1_000 }],
      },
    ],
    'default-spec-id': 0,
    'last-partition-id': 1_000,
    'sort-orders': [{ 'order-id': 0, fields: [] }],
    'default-sort-order-id': 0,
    properties: { 'write.format.default': 'parquet', 'read.parquet.vectorization.enabled': 'false' },
    snapshots: [],
    'snapshot-log': [],
    'metadata-log': [],
    refs: {},
  })
})

test('metadata reads back from its JSON', () => {
  expect(parseTableMetadata(JSON.stringify(metadata), 'v1')).toEqual(metadata)
})

test('a new column makes a new schema and keeps the previous one', () => {
  const tag: Column = { id: 3, name: 'tag', type: 'string', required: false }
  const wider = withColumns(metadata, [...columns, tag], 2_000)
  expect(wider['current-schema-id']).toBe(1)
  expect(wider['last-column-id']).toBe(3)
  expect(wider['last-updated-ms']).toBe(2_000)
  expect(currentSchema(wider).fields).toEqual([...columns, tag])
  expect(wider.schemas[0]).toEqual(metadata.schemas[0])
  expect(withColumns(wider, [...columns, tag], 3_000)).toBe(wider)
})

test('existing columns never change, and new columns are optional with new ids', () => {
  const refuse = (changed: readonly Column[]) => expect(() => withColumns(metadata, changed, 2_000))
  refuse(columns.slice(1)).toThrow("column 1 'id' of the Iceberg table cannot change")
  refuse(columns.map((column) => ({ ...column, name: `${column.name}_2` }))).toThrow('cannot change')
  refuse([...columns, { id: 3, name: 'tag', type: 'string', required: true }]).toThrow('cannot be required')
  refuse([...columns, { id: 1, name: 'tag', type: 'string', required: false }]).toThrow('have the same id')
  refuse([...columns, { id: 3, name: 'id', type: 'string', required: false }]).toThrow('have the same name')
  const wider = withColumns(metadata, [...columns, { id: 9, name: 'tag', type: 'string', required: false }], 2_000)
  expect(() =>
    withColumns(wider, [...currentSchema(wider).fields, { id: 5, name: 'x', type: 'int', required: false }], 0),
  ).toThrow("column 'x' needs an id above 9, got 5")
})

test('a table without a timestamp is refused', () => {
  const create = (some: readonly Column[]) =>
    createTableMetadata({ uuid, location: 's3://lake/acme/events', columns: some, nowMs: 1 })
  expect(() => create(columns.slice(0, 1))).toThrow("a required timestamptz column named 'timestamp'")
  expect(() => create([{ id: 1, name: 'timestamp', type: 'long', required: true }])).toThrow('timestamptz')
})

test('unsupported metadata is refused with a message', () => {
  const refuse = (json: unknown) => expect(() => parseTableMetadata(JSON.stringify(json), 'v1'))
  expect(() => parseTableMetadata('{', 'v1')).toThrow("'v1' is not JSON")
  refuse([]).toThrow("'v1' is not supported table metadata: it is not an object")
  refuse({ ...metadata, 'format-version': 3 }).toThrow('its format version is 3, not 2')
  refuse({ ...metadata, snapshots: undefined }).toThrow("'snapshots' is not a list of objects")
  refuse({ ...metadata, 'current-schema-id': 4 }).toThrow('the current schema is missing')
  refuse({ ...metadata, 'current-snapshot-id': 4 }).toThrow('the current snapshot is missing')
  refuse({ ...metadata, 'partition-specs': [{ 'spec-id': 0, fields: [{ transform: 'day' }] }] }).toThrow('but not by')
  refuse({ ...metadata, 'last-sequence-number': 2 ** 53 }).toThrow("'last-sequence-number' is not an integer")
})

test('months are counted from January 1970, and are negative before it', () => {
  expect(msToMonth(0)).toBe(0)
  expect(msToMonth(-1)).toBe(-1)
  expect(msToMonth(Date.UTC(2026, 10, 30, 23, 59, 59, 999))).toBe(56 * 12 + 10)
  expect(msToMonth(Date.UTC(2026, 11, 1))).toBe(56 * 12 + 11)
})
