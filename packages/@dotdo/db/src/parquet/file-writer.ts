// A Parquet file, row group by row group: dictionaries and bloom filters where the columns ask for them, statistics,
// checksums of its blocks in its own metadata. Rows come sorted by the first column.

import type { Encoding } from 'hyparquet'
import { ByteWriter, ParquetWriter } from 'hyparquet-writer'
import { writeBlooms } from 'hyparquet-writer/src/bloom.js'
import { writeIndexes } from 'hyparquet-writer/src/indexes.js'
import { writeMetadata } from 'hyparquet-writer/src/metadata.js'
import { columnValueToHash, type ColumnValue } from './column-value.ts'
import { blockBytes, checksum, checksumBlocks, formatChecksums } from './block-checksums.ts'
import { buildBloomFilter } from './bloom-filter.ts'
import { type Column, columnsToSchema } from './columns.ts'
import { codec, compressors } from './compression.ts'
import type { Hash64 } from './xxhash64.ts'

/** Steps with every change that a reader of the one before would get wrong; see `docs/storage-schema.md`. */
export const fileFormat = 1
/** Keeps a footer at some 50 KB and a row's group at some 350 KB. */
export const rowGroupRowsMax = 5_000
/** Ids are longer than the 16 bytes at which statistics are cut by default. */
const statisticsBytesMax = 64
const magic = 0x31524150 // PAR1

/** Where a file's parts lie: what a reader needs to open it with one request. */
export interface FileLayout {
  readonly bytes: number
  readonly rows: number
  /** From here on: indexes and bloom filters, then the footer. */
  readonly tailStart: number
  readonly footerStart: number
  /** CRC-32 of the footer, which holds the checksums of all that comes before it. */
  readonly footerChecksum: number
}

export interface WrittenFile extends FileLayout {
  readonly content: Uint8Array<ArrayBuffer>
}

export interface FileWriterOptions<Row> {
  readonly columns: readonly Column[]
  readonly toValue: (row: Row, column: Column) => ColumnValue
  /** Facts about the file as a whole, for its key-value metadata. */
  readonly facts: Readonly<Record<string, string>>
}

export class FileWriter<Row> {
  readonly #options: FileWriterOptions<Row>
  readonly #bytes = new ByteWriter(2 ** 20)
  readonly #parquet: ParquetWriter
  #rows = 0

  constructor(options: FileWriterOptions<Row>) {
    this.#options = options
    this.#parquet = new ParquetWriter({
      writer: this.#bytes,
      schema: columnsToSchema(options.columns),
      codec,
      compressors,
      statisticsTruncateLength: statisticsBytesMax,
      // In the form that the format demands: some readers trust the statistics of no other.
      createdBy: `headless.ly version ${fileFormat}`,
    })
  }

  get rows(): number {
    return this.#rows
  }

  /** So far. */
  get bytes(): number {
    return this.#bytes.offset
  }

  /** At most `rowGroupRowsMax` rows, at least one. */
  addGroup(rows: readonly Row[]): void {
    const { columns, toValue } = this.#options
    if (rows.length === 0 || rows.length > rowGroupRowsMax) throw new Error(`a row group of ${rows.length} rows`)
    const columnData = columns.map((column) => ({
      name: column.name,
      data: rows.map((row) => toValue(row, column)),
      statistics: column.storage !== 'json',
      ...encodingOf(column),
    }))
    const before = this.#parquet.pendingIndexes.length
    // Synchronous: only a writer with a `flush` would make it wait.
    void this.#parquet.write({ columnData, rowGroupSize: rowGroupRowsMax, pageSize: 2 ** 30 })
    for (const [at, column] of columns.entries()) {
      const pending = this.#parquet.pendingIndexes[before + at]
      const words = column.isIndexed ? bloomFilterOf(columnData[at]?.data ?? [], column) : undefined
      if (pending !== undefined && words !== undefined) pending.bloomFilter = words
    }
    this.#rows += rows.length
  }

  finish(): WrittenFile {
    const { columns, facts } = this.#options
    const parquet = this.#parquet
    const writer = this.#bytes
    const tailStart = writer.offset
    writeIndexes(writer, parquet.pendingIndexes)
    // One column's filters lie together, so that asking for a value takes one request for all row groups.
    const pending = parquet.pendingIndexes
    const byColumn = columns.flatMap((_, at) => pending.filter((_entry, index) => index % columns.length === at))
    writeBlooms(writer, byColumn)
    const footerStart = writer.offset
    const checksums = checksumBlocks(writer.getBytes())
    const metadata = {
      version: 2,
      created_by: parquet.createdBy,
      schema: parquet.schema,
      num_rows: parquet.num_rows,
      row_groups: parquet.row_groups,
      metadata_length: 0,
      key_value_metadata: Object.entries({
        'headlessly.format': String(fileFormat),
        ...facts,
        'headlessly.blocks': `${blockBytes} ${formatChecksums(checksums)}`,
      }).map(([key, value]) => ({ key, value })),
    }
    writeMetadata(writer, metadata, statisticsBytesMax)
    writer.appendUint32(magic)
    const content = writer.getBytes().slice()
    return {
      content,
      bytes: content.length,
      rows: this.#rows,
      tailStart,
      footerStart,
      footerChecksum: checksum(content.subarray(footerStart)),
    }
  }
}

function encodingOf(column: Column): { readonly encoding?: Encoding } {
  if (column.storage === 'json') return { encoding: 'PLAIN' }
  if (column.storage === 'boolean') return { encoding: 'RLE' }
  if (column.storage === 'text' || column.isIndexed) return { encoding: 'RLE_DICTIONARY' }
  // Counters of ours take their dictionary where it pays.
  return column.isInteger === true ? {} : { encoding: 'PLAIN' }
}

function bloomFilterOf(values: readonly ColumnValue[], column: Column): Uint32Array | undefined {
  const hashes: Hash64[] = []
  for (const value of new Set(values)) {
    const hash = columnValueToHash(value, column.storage)
    if (hash !== undefined) hashes.push(hash)
  }
  return buildBloomFilter(hashes)
}
