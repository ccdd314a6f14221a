// Avro object container files (Avro 1.12, "Object Container Files") without compression: a header with the schema, then
// blocks of records, each followed by the file's marker. The same records give the same bytes.

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
/** A reader holds one block at a time, or skips it. */
const blockBytesMin = 2 ** 16
/** Records without fields need no bytes: a damaged count of them would never end. Iceberg's files hold far fewer. */
const recordsMax = 1_000_000
/** Pairs of a header: Iceberg's files have eight. */
const headerPairsMax = 1_000

export interface AvroFile {
  /** As it was written, with attributes that Avro does not know. */
  readonly schema: AvroRecordSchema
  /** Pairs of the header other than the schema and the codec. */
  readonly metadata: ReadonlyMap<string, string>
  readonly records: readonly AvroRecord[]
}

export function writeAvro(file: AvroFile): Uint8Array<ArrayBuffer> {
  if (file.records.length > recordsMax) throw new Error(`an Avro file here has at most ${recordsMax} records`)
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

/** `name` is said in errors: bytes that are no such file, or not all of one, throw a sentence. */
export function readAvro(bytes: Uint8Array, name: string): AvroFile {
  try {
    return readFile(new AvroReader(bytes))
  } catch (error) {
    // All are errors of this codec or of JSON.parse.
    throw new Error(`'${name}' is no whole Avro file: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    })
  }
}

function readFile(reader: AvroReader): AvroFile {
  const start = reader.raw(magic.length)
  if (!magic.every((byte, at) => start[at] === byte)) throw new Error('it does not begin as one')
  const metadata = readHeader(reader)
  const codec = metadata.get('avro.codec') ?? 'null'
  if (codec !== 'null') throw new Error(`its codec is '${codec}', only 'null' is known here`)
  const schema = parseAvroSchema(JSON.parse(metadata.get('avro.schema') ?? 'null'))
  if (!isRecordSchema(schema)) throw new Error('its schema is no record')
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

/** A hash in the place of random bytes, so that writing a file again changes nothing. Four lanes of FNV-1a. */
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
