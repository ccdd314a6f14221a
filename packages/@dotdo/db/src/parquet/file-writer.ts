// A Parquet file, row group by row group: dictionaries and bloom filters where the columns ask for them, statistics,
// checksums of its blocks in its own metadata. Rows come sorted by the first column.

import type { RowGroup } from 'hyparquet'
import { ByteWriter } from 'hyparquet-writer'
import { writeBlooms } from 'hyparquet-writer/src/bloom.js'
import { writeMetadata } from 'hyparquet-writer/src/metadata.js'
import type { ColumnValue } from './column-value.ts'
import { blockBytes, checksum, checksumBlocks, formatChecksums } from './block-checksums.ts'
import { type WrittenChunk, writeColumnChunk } from './column-chunk.ts'
import { type Column, columnsToSchema, physicalTypeOf } from './columns.ts'

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
  /** From here on: bloom filters, then the footer. */
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
  readonly #groups: RowGroup[] = []
  /** For each row group, those of its columns. */
  readonly #chunks: (readonly WrittenChunk[])[] = []
  #rows = 0

  constructor(options: FileWriterOptions<Row>) {
    this.#options = options
    this.#bytes.appendUint32(magic)
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
    // Row by row, since a row's fields are near each other in memory.
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
    const writer = this.#bytes
    const tailStart = writer.offset
    // One column's filters lie together, so that asking for a value takes one request for all row groups.
    const byColumn = columns.flatMap((_, at) => this.#chunks.flatMap((chunks) => chunks[at] ?? []))
    writeBlooms(writer, byColumn)
    const footerStart = writer.offset
    const checksums = checksumBlocks(writer.getBytes())
    const metadata = {
      version: 2,
      // In the form that the format demands: some readers trust the statistics of no other.
      created_by: `headless.ly version ${fileFormat}`,
      schema: columnsToSchema(columns),
      num_rows: BigInt(this.#rows),
      row_groups: this.#groups,
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
