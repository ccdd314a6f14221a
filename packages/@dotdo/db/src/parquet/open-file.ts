// A file opened for reading, with its footer checked and parsed. Files never change, so whatever is known about a key
// stays true and can be cached.

import { type FileMetaData, parquetMetadata, type RowGroup } from 'hyparquet'
import { readBloomFilter } from 'hyparquet/src/bloom.js'
import type { StorageClass } from 'digital-objects'
import type { ObjectStore } from '../object-store/object-store.ts'
import { blockBytes, checkBlocks, checksum, DamagedFile, parseChecksums } from './block-checksums.ts'
import { parsers, readValueToComparable } from './column-value.ts'
import { fileFormat, type FileLayout } from './file-writer.ts'
import { formatPath } from './path-values.ts'
import { RangeReader } from './range-reader.ts'

export interface FileRef extends FileLayout {
  readonly key: string
}

/** Statistics of a column in one row group, in the form that filters compare. */
export interface ColumnStatistics {
  readonly min: string | number | null
  readonly max: string | number | null
  /** Number of rows without a value; undefined if unknown. */
  readonly nulls: number | undefined
}

export interface OpenRowGroup {
  readonly index: number
  /** Rows of the file, half-open. */
  readonly rowStart: number
  readonly rowEnd: number
}

/**
 * A tail of up to this size is fetched together with the footer, so that small files can rule out values without
 * another request.
 */
const tailBytesMax = 131_072

export class OpenFile {
  readonly ref: FileRef
  readonly metadata: FileMetaData
  readonly reader: RangeReader
  readonly groups: readonly OpenRowGroup[]
  /** Column names in this file by field id. */
  readonly #names: ReadonlyMap<number, string>
  readonly #columnIndexes: ReadonlyMap<string, number>
  readonly #paths: ReadonlySet<string>

  constructor(options: { ref: FileRef; metadata: FileMetaData; reader: RangeReader }) {
    const { ref, metadata, reader } = options
    this.ref = ref
    this.metadata = metadata
    this.reader = reader
    let rowStart = 0
    this.groups = metadata.row_groups.map((group, index) => {
      const start = rowStart
      rowStart += Number(group.num_rows)
      return { index, rowStart: start, rowEnd: rowStart }
    })
    const elements = topElements(metadata.schema)
    this.#names = new Map(elements.flatMap(({ field_id, name }) => (field_id === undefined ? [] : [[field_id, name]])))
    this.#columnIndexes = new Map(elements.map(({ name }, at) => [name, at]))
    this.#paths = new Set(factOf(metadata, 'headlessly.paths')?.split(','))
  }

  /** Returns the name of a column in this file; undefined if the file is older than the column. */
  columnName(id: number): string | undefined {
    return this.#names.get(id)
  }

  /** Returns undefined if the file has no statistics of the column. */
  statistics(
    column: { readonly id: number; readonly storage: StorageClass },
    group: number,
  ): ColumnStatistics | undefined {
    const statistics = this.#chunk(column.id, group)?.statistics
    if (statistics === undefined) return undefined
    return {
      min: readValueToComparable(statistics.min_value, column.storage),
      max: readValueToComparable(statistics.max_value, column.storage),
      nulls: statistics.null_count === undefined ? undefined : Number(statistics.null_count),
    }
  }

  /** Bytes of a column in one row group, before compression. */
  columnBytes(id: number, group: number): number {
    return Number(this.#chunk(id, group)?.total_uncompressed_size ?? 0)
  }

  /** Bytes of a column in one row group, as they are in the file. */
  storedBytes(id: number, group: number): number {
    return Number(this.#chunk(id, group)?.total_compressed_size ?? 0)
  }

  hasBloomFilter(id: number, group: number): boolean {
    return this.#chunk(id, group)?.bloom_filter_offset !== undefined
  }

  /** Whether the column's bloom filters know the values at a path inside it: a file may be older than the index. */
  hasPathValues(id: number, keys: readonly string[]): boolean {
    return this.#paths.has(formatPath(id, keys))
  }

  /** Returns the words of a column's bloom filter in one row group; undefined if there is none. */
  async bloomFilter(id: number, group: number): Promise<Uint32Array | undefined> {
    const chunk = this.#chunk(id, group)
    if (chunk?.bloom_filter_offset === undefined || chunk.bloom_filter_length === undefined) return undefined
    const start = Number(chunk.bloom_filter_offset)
    const bytes = await this.reader.slice(start, start + chunk.bloom_filter_length)
    return readBloomFilter({ view: new DataView(bytes), offset: 0 })?.blocks
  }

  #chunk(id: number, group: number): RowGroup['columns'][number]['meta_data'] {
    const name = this.#names.get(id)
    const at = name === undefined ? undefined : this.#columnIndexes.get(name)
    return at === undefined ? undefined : this.metadata.row_groups[group]?.columns[at]?.meta_data
  }
}

/**
 * Opens a file with one request. Throws a DamagedFile if it is missing, truncated or changed, and an Error if its
 * format is unknown.
 */
export async function openFile(store: ObjectStore, ref: FileRef): Promise<OpenFile> {
  const { key, bytes, footerStart, tailStart } = ref
  const start = bytes - tailStart <= tailBytesMax ? Math.floor(tailStart / blockBytes) * blockBytes : footerStart
  const tail = await store.get(key, { start, end: bytes })
  if (tail === undefined) throw new DamagedFile(key, 'it is missing')
  if (tail.length !== bytes - start) throw new DamagedFile(key, `it ends at ${start + tail.length} instead of ${bytes}`)
  const footer = tail.subarray(footerStart - start)
  if (checksum(footer) !== ref.footerChecksum) throw new DamagedFile(key, 'the checksum of the footer does not match')
  const metadata = parquetMetadata(footer.slice().buffer, { parsers })
  const format = factOf(metadata, 'headlessly.format')
  if (format !== String(fileFormat))
    throw new Error(`file '${key}' has format ${format ?? 'none'}; this program knows ${fileFormat}`)
  const checksums = checksumsOf(metadata, key)
  checkBlocks({ key, bytes: tail.subarray(0, footerStart - start), firstBlock: start / blockBytes, checksums })
  const reader = new RangeReader({ store, key, bytes, footerStart, checksums, kept: { start, bytes: tail } })
  return new OpenFile({ ref, metadata, reader })
}

function checksumsOf(metadata: FileMetaData, key: string): Uint32Array {
  const [size, base64] = factOf(metadata, 'headlessly.blocks')?.split(' ') ?? []
  if (Number(size) !== blockBytes || base64 === undefined) throw new DamagedFile(key, 'its blocks have no checksums')
  return parseChecksums(base64)
}

function factOf(metadata: FileMetaData, key: string): string | undefined {
  return metadata.key_value_metadata?.find((entry) => entry.key === key)?.value
}

/** The elements of the columns, without what is inside them. Each column has one chunk of values, in their order. */
function topElements(schema: FileMetaData['schema']): FileMetaData['schema'] {
  const elements: FileMetaData['schema'] = []
  for (let at = 1; at < schema.length; at = subtreeEnd(schema, at)) elements.push(schema[at] as (typeof schema)[number])
  return elements
}

function subtreeEnd(schema: FileMetaData['schema'], start: number): number {
  let end = start + 1
  for (let child = 0; child < (schema[start]?.num_children ?? 0); child++) end = subtreeEnd(schema, end)
  return end
}
