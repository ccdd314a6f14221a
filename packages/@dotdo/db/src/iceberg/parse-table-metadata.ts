// Parses the parts of a metadata file that this program needs. Tables made or changed by another program in an
// unsupported way are refused rather than half understood.

import { isPlainObject } from 'digital-objects'
import { monthFieldId, monthFieldName, type TableMetadata } from './table-metadata.ts'

/** Errors contain `name`. */
export function parseTableMetadata(text: string, name: string): TableMetadata {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw new Error(`'${name}' is not JSON, so it is not table metadata`)
  }
  const fault = faultOf(json)
  if (fault !== undefined) throw new Error(`'${name}' is not supported table metadata: ${fault}`)
  return json as TableMetadata // `faultOf` found no fault
}

const wholeNumbers = [
  'last-sequence-number',
  'last-updated-ms',
  'last-column-id',
  'current-schema-id',
  'default-spec-id',
  'last-partition-id',
  'default-sort-order-id',
]
const lists = ['schemas', 'partition-specs', 'sort-orders', 'snapshots', 'snapshot-log', 'metadata-log']

function faultOf(json: unknown): string | undefined {
  if (!isPlainObject(json)) return 'it is not an object'
  if (json['format-version'] !== 2) return `its format version is ${String(json['format-version'])}, not 2`
  for (const key of ['table-uuid', 'location']) if (typeof json[key] !== 'string') return `'${key}' is not a string`
  for (const key of wholeNumbers) if (!Number.isSafeInteger(json[key])) return `'${key}' is not an integer below 2^53`
  for (const key of lists) {
    const list = json[key]
    if (!Array.isArray(list) || !list.every(isPlainObject)) return `'${key}' is not a list of objects`
  }
  for (const key of ['properties', 'refs']) if (!isPlainObject(json[key])) return `'${key}' is not an object`
  return schemaFaultOf(json) ?? specFaultOf(json) ?? snapshotFaultOf(json) ?? logFaultOf(json)
}

function schemaFaultOf(json: Readonly<Record<string, unknown>>): string | undefined {
  const schemas = objectsIn(json['schemas'])
  const isWhole = schemas.every(
    (schema) =>
      Number.isSafeInteger(schema['schema-id']) &&
      Array.isArray(schema['fields']) &&
      schema['fields'].every(
        (field: unknown) =>
          isPlainObject(field) &&
          Number.isSafeInteger(field['id']) &&
          typeof field['name'] === 'string' &&
          (typeof field['type'] === 'string' || isListType(field['type'])) &&
          typeof field['required'] === 'boolean',
      ),
  )
  if (!isWhole) return 'a schema is incomplete'
  return schemas.some((schema) => schema['schema-id'] === json['current-schema-id'])
    ? undefined
    : 'the current schema is missing'
}

function isListType(type: unknown): boolean {
  return (
    isPlainObject(type) &&
    type['type'] === 'list' &&
    Number.isSafeInteger(type['element-id']) &&
    typeof type['element'] === 'string' &&
    typeof type['element-required'] === 'boolean'
  )
}

function specFaultOf(json: Readonly<Record<string, unknown>>): string | undefined {
  const specs = objectsIn(json['partition-specs'])
  const fields = objectsIn(specs[0]?.['fields'])
  if (specs.length === 1 && Array.isArray(specs[0]?.['fields']) && specs[0]['fields'].length === 0) return undefined
  const isOurs =
    specs.length === 1 &&
    fields.length === 1 &&
    fields[0]?.['transform'] === 'month' &&
    fields[0]['name'] === monthFieldName &&
    fields[0]['field-id'] === monthFieldId
  return isOurs ? undefined : `it is partitioned, but not by '${monthFieldName}' alone`
}

function snapshotFaultOf(json: Readonly<Record<string, unknown>>): string | undefined {
  const snapshots = objectsIn(json['snapshots'])
  const isWhole = snapshots.every(
    (snapshot) =>
      ['snapshot-id', 'sequence-number', 'timestamp-ms'].every((key) => Number.isSafeInteger(snapshot[key])) &&
      typeof snapshot['manifest-list'] === 'string' &&
      isPlainObject(snapshot['summary']) &&
      Object.values(snapshot['summary']).every((value) => typeof value === 'string'),
  )
  if (!isWhole) return 'a snapshot is incomplete'
  const current = json['current-snapshot-id']
  return current === undefined || snapshots.some((snapshot) => snapshot['snapshot-id'] === current)
    ? undefined
    : 'the current snapshot is missing'
}

function logFaultOf(json: Readonly<Record<string, unknown>>): string | undefined {
  return objectsIn(json['metadata-log']).every((entry) => typeof entry['metadata-file'] === 'string')
    ? undefined
    : 'an entry of the metadata log is incomplete'
}

function objectsIn(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter(isPlainObject) : []
}
