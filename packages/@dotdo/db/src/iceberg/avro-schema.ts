// The subset of Avro schemas (Avro 1.12, "Schema Declaration") that Iceberg's files need. Named references are not
// resolved: a record must be written out wherever it is used.

/** Attributes unknown to Avro, such as Iceberg's `field-id`, are kept. */
export type AvroSchema = AvroPrimitive | AvroComplex | readonly AvroSchema[]

export type AvroPrimitive = (typeof primitives)[number]

export type AvroComplex =
  | AvroRecordSchema
  | {
      readonly type: 'array'
      readonly items: AvroSchema
      readonly logicalType?: string
      readonly 'element-id'?: number
    }
  | { readonly type: 'map'; readonly values: AvroSchema }
  | { readonly type: 'fixed'; readonly name: string; readonly size: number }

export interface AvroRecordSchema {
  readonly type: 'record'
  readonly name: string
  readonly fields: readonly AvroField[]
}

export interface AvroField {
  readonly name: string
  readonly type: AvroSchema
  readonly 'field-id'?: number
  readonly default?: null
}

/** A map is a `Map`, which tells it from a record in a union. Bytes and fixed are a `Uint8Array`. */
export type AvroValue =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | readonly AvroValue[]
  | ReadonlyMap<string, AvroValue>
  | AvroRecord

export interface AvroRecord {
  readonly [name: string]: AvroValue
}

const primitives = ['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string'] as const
/** Iceberg nests deepest in a map value of a file of an entry. Deeper schemas could overflow the stack. */
const schemaDepthMax = 32
/** The size of one fixed value: Iceberg's have at most 16 bytes. */
const fixedBytesMax = 2 ** 20

/** Returns the value as a schema. Throws an Error about the first invalid part. */
export function parseAvroSchema(json: unknown): AvroSchema {
  checkSchema(json, 0)
  return json
}

export function isRecordSchema(schema: AvroSchema): schema is AvroRecordSchema {
  return typeof schema === 'object' && 'type' in schema && schema.type === 'record'
}

function checkSchema(json: unknown, depth: number): asserts json is AvroSchema {
  if (depth > schemaDepthMax) throw new Error(`an Avro schema is at most ${schemaDepthMax} levels deep`)
  if (typeof json === 'string') {
    if (!primitives.some((name) => name === json)) throw new Error(`unsupported Avro type '${json.slice(0, 100)}'`)
  } else if (Array.isArray(json)) {
    if (json.length === 0) throw new Error('an Avro union needs at least one branch')
    for (const branch of json) {
      if (Array.isArray(branch)) throw new Error('an Avro union cannot hold a union')
      checkSchema(branch, depth + 1)
    }
  } else if (typeof json === 'object' && json !== null && 'type' in json) {
    checkComplex(json, depth)
  } else {
    throw new Error('an Avro schema must be a name, a list or an object with a type')
  }
}

function checkComplex(json: { readonly type: unknown }, depth: number): void {
  switch (json.type) {
    case 'array':
      return checkSchema('items' in json ? json.items : undefined, depth + 1)
    case 'map':
      return checkSchema('values' in json ? json.values : undefined, depth + 1)
    case 'fixed': {
      const size = 'size' in json ? json.size : undefined
      if (typeof size === 'number' && Number.isInteger(size) && size >= 0 && size <= fixedBytesMax) return
      throw new Error(`an Avro fixed must have a size of 0 to ${fixedBytesMax} bytes`)
    }
    case 'record':
      return checkFields('fields' in json ? json.fields : undefined, depth)
    default:
      throw new Error(`unsupported Avro type '${String(json.type).slice(0, 100)}'`)
  }
}

function checkFields(fields: unknown, depth: number): void {
  if (!Array.isArray(fields)) throw new Error('an Avro record must have a list of fields')
  const names = new Set<string>()
  for (const field of fields) {
    if (typeof field !== 'object' || field === null || typeof field.name !== 'string') {
      throw new Error('a field of an Avro record must have a name')
    }
    if (names.has(field.name)) throw new Error(`an Avro record has two fields named '${field.name}'`)
    names.add(field.name)
    checkSchema(field.type, depth + 1)
  }
}
