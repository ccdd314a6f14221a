// Avro object container files (Avro 1.12, "Object Container Files") without compression: a header with the schema, then
// blocks of records, each followed by the file's sync marker. The same records give the same bytes.

import { AvroReader } from './avro-decode.ts'
import { AvroWriter } from './avro-encode.ts'
import {
  type AvroRecord,
  type AvroRecordSchema,
  type AvroValue,
  isRecordSchema,
  parseAvroSchema,
} from './avro-schema.ts'

/** `Obj`, then the version. */
const magic = [0x4f, 0x62, 0x6a, 0x01]
const markerBytes = 16
/** Readers hold or skip one block at a time. */
const blockBytesMin = 2 ** 16
/**
 * Records without fields take no bytes, so a damaged count of them could be endless. Iceberg's files hold far fewer.
 */
const recordsMax = 1_000_000
/** Pairs of key and value in a header: Iceberg's files have eight. */
const headerPairsMax = 1_000

export interface AvroFile {
  /** The schema as written, including attributes unknown to Avro. */
  readonly schema: AvroRecordSchema
  /** Header entries other than the schema and the codec. */
  readonly metadata: ReadonlyMap<string, string>
  readonly records: readonly AvroRecord[]
}

export function writeAvro(file: AvroFile): Uint8Array<ArrayBuffer> {
  if (file.records.length > recordsMax)
    throw new Error(`an Avro file can have at most ${recordsMax} records, got ${file.records.length}`)
  const blocks = encodeBlocks(file)
  const header = new Map([['avro.schema', JSON.stringify(file.schema)], ['avro.codec', 'null'], ...file.metadata])
  const writer = new AvroWriter()
  writer.raw(magic)
  writer.long(header.size)
  for (const [key, value] of header) {
    writer.string(key)
    writer.string(value)
  }
  writer.long(0)
  const marker = markerOf(blocks.map(({ bytes }) => bytes))
  writer.raw(marker)
  for (const { records, bytes } of blocks) {
    writer.long(records)
    writer.bytes(bytes)
    writer.raw(marker)
  }
  return writer.take()
}

/** Throws an Error that contains `name` if the bytes are not a complete Avro file. */
export function readAvro(bytes: Uint8Array, name: string): AvroFile {
  try {
    return readFile(new AvroReader(bytes))
  } catch (error) {
    // Errors of this codec and of JSON.parse.
    throw new Error(
      `'${name}' is not a complete Avro file: ${error instanceof Error ? error.message : String(error)}`,
      {
        cause: error,
      },
    )
  }
}

function readFile(reader: AvroReader): AvroFile {
  const start = reader.raw(magic.length)
  if (!magic.every((byte, at) => start[at] === byte)) throw new Error("it does not start with Avro's magic bytes")
  const metadata = readHeader(reader)
  const codec = metadata.get('avro.codec') ?? 'null'
  if (codec !== 'null') throw new Error(`its codec is '${codec}', and only 'null' is supported`)
  const schema = parseAvroSchema(JSON.parse(metadata.get('avro.schema') ?? 'null'))
  if (!isRecordSchema(schema)) throw new Error('its schema is not a record')
  metadata.delete('avro.schema')
  metadata.delete('avro.codec')
  const marker = reader.raw(markerBytes)
  const records: AvroRecord[] = []
  while (!reader.isAtEnd) {
    const count = reader.long()
    if (count < 0 || records.length + count > recordsMax) throw new Error(`a block claims to hold ${count} records`)
    const block = new AvroReader(reader.bytes())
    for (let at = 0; at < count; at++) records.push(readRecord(block, schema))
    if (!block.isAtEnd) throw new Error('a block is longer than its records')
    const end = reader.raw(markerBytes)
    if (!end.every((byte, at) => byte === marker[at])) throw new Error('a block does not end with the marker')
  }
  return { schema, metadata, records }
}

function readHeader(reader: AvroReader): Map<string, string> {
  const metadata = new Map<string, string>()
  for (let count = reader.long(); count !== 0; count = reader.long()) {
    if (count < 0) reader.long()
    if (metadata.size + Math.abs(count) > headerPairsMax) throw new Error(`its header claims ${count} pairs`)
    for (let at = 0; at < Math.abs(count); at++) metadata.set(reader.string(), reader.string())
  }
  return metadata
}

function readRecord(reader: AvroReader, schema: AvroRecordSchema): AvroRecord {
  return Object.fromEntries(schema.fields.map((field): [string, AvroValue] => [field.name, reader.value(field.type)]))
}

function encodeBlocks(file: AvroFile): readonly { readonly records: number; readonly bytes: Uint8Array }[] {
  const blocks: { readonly records: number; readonly bytes: Uint8Array }[] = []
  const writer = new AvroWriter()
  let records = 0
  for (const [index, record] of file.records.entries()) {
    writer.value(file.schema, record)
    records++
    if (writer.length < blockBytesMin && index < file.records.length - 1) continue
    blocks.push({ records, bytes: writer.take() })
    records = 0
  }
  return blocks
}

/** A hash instead of Avro's random marker, so that writing a file again gives the same bytes. Four lanes of FNV-1a. */
function markerOf(blocks: readonly Uint8Array[]): Uint8Array {
  const lanes = new Uint32Array([0x811c9dc5, 0x9e3779b9, 0x85ebca6b, 0xc2b2ae35])
  let at = 0
  for (const block of blocks) {
    for (const byte of block) {
      const lane = at++ & 3
      lanes[lane] = Math.imul((lanes[lane] ?? 0) ^ byte, 0x01000193)
    }
  }
  return new Uint8Array(lanes.buffer)
}
