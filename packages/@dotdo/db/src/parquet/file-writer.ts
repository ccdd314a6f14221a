// Writes a Parquet file, one row group at a time, with dictionaries and bloom filters as the columns require,
// statistics, and checksums of its blocks in its own metadata. Rows come sorted by the first column.

import type { RowGroup } from 'hyparquet'
import { ByteWriter } from 'hyparquet-writer'
import { writeBlooms } from 'hyparquet-writer/src/bloom.js'
import { writeMetadata } from 'hyparquet-writer/src/metadata.js'
import type { ColumnValue } from './column-value.ts'
import { blockBytes, checksum, checksumBlocks, formatChecksums } from './block-checksums.ts'
import { type WrittenChunk, writeColumnChunk } from './column-chunk.ts'
import { type Column, columnsToSchema, physicalTypeOf } from './columns.ts'
import { formatPaths } from './path-values.ts'

/** Increases with every change that an older reader would get wrong; see `docs/storage-schema.md`. */
export const fileFormat = 1
/** Keeps a footer at some 50 KB and a row group at some 350 KB. */
export const rowGroupRowsMax = 5_000
/** Ids are longer than 16 bytes, the default at which statistics are truncated. */
const statisticsBytesMax = 64
const magic = 0x31524150 // PAR1

/** The positions of a file's parts: what a reader needs to open the file with one request. */
export interface FileLayout {
  readonly bytes: number
  readonly rows: number
  /** Offset of the tail: bloom filters, then the footer. */
  readonly tailStart: number
  readonly footerStart: number
  /** CRC-32 of the footer, which in turn holds the checksums of everything before it. */
  readonly footerChecksum: number
}

export interface WrittenFile extends FileLayout {
  readonly content: Uint8Array<ArrayBuffer>
}

export interface FileWriterOptions<Row> {
  readonly columns: readonly Column[]
  readonly toValue: (row: Row, column: Column) => ColumnValue
  /** Entries for the file's key-value metadata. */
  readonly facts: Readonly<Record<string, string>>
}

export class FileWriter<Row> {
  readonly #options: FileWriterOptions<Row>
  readonly #bytes = new ByteWriter(2 ** 20)
  readonly #groups: RowGroup[] = []
  /** The chunks of each row group, by column. */
  readonly #chunks: (readonly WrittenChunk[])[] = []
  #rows = 0

  constructor(options: FileWriterOptions<Row>) {
    this.#options = options
    this.#bytes.appendUint32(magic)
  }

  get rows(): number {
    return this.#rows
  }

  /** Bytes written so far. */
  get bytes(): number {
    return this.#bytes.offset
  }

  /** Adds 1 to `rowGroupRowsMax` rows. */
  addGroup(rows: readonly Row[]): void {
    const { columns, toValue } = this.#options
    if (rows.length === 0 || rows.length > rowGroupRowsMax)
      throw new Error(`a row group must have 1 to ${rowGroupRowsMax} rows, got ${rows.length}`)
    // Loops over rows first, since the fields of one row are close together in memory.
    const values = columns.map((): ColumnValue[] => [])
    for (const row of rows) {
      for (const [at, column] of columns.entries()) values[at]?.push(toValue(row, column))
    }
    const start = this.#bytes.offset
    const written = columns.map((column, at) =>
      writeColumnChunk(this.#bytes, column, { type: physicalTypeOf(column), values: values[at] ?? [] }),
    )
    this.#chunks.push(written)
    const chunks = written.map(({ chunk }) => chunk)
    this.#groups.push({
      columns: chunks,
      num_rows: BigInt(rows.length),
      total_byte_size: chunks.reduce((sum, { meta_data }) => sum + (meta_data?.total_uncompressed_size ?? 0n), 0n),
      total_compressed_size: BigInt(this.#bytes.offset - start),
    })
    this.#rows += rows.length
  }

  finish(): WrittenFile {
    const { columns, facts } = this.#options
    const paths = formatPaths(columns)
    const writer = this.#bytes
    const tailStart = writer.offset
    // All bloom filters of a column are adjacent, so that one request can probe a value in every row group.
    const byColumn = columns.flatMap((_, at) => this.#chunks.flatMap((chunks) => chunks[at] ?? []))
    writeBlooms(writer, byColumn)
    const footerStart = writer.offset
    const checksums = checksumBlocks(writer.getBytes())
    const metadata = {
      version: 2,
      // Parquet's prescribed form: some readers ignore statistics of any other writer.
      created_by: `headless.ly version ${fileFormat}`,
      schema: columnsToSchema(columns),
      num_rows: BigInt(this.#rows),
      row_groups: this.#groups,
      metadata_length: 0,
      key_value_metadata: Object.entries({
        'headlessly.format': String(fileFormat),
        ...facts,
        ...(paths === '' ? {} : { 'headlessly.paths': paths }),
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
