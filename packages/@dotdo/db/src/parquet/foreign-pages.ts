// The pages of a Parquet file that another program has written. Their headers are read before any page is, since they say how much
// memory and time the file takes: a page of some bytes may unpack to megabytes, and a file may have a million of such pages.

import type { FileMetaData } from 'hyparquet'
import { parquetHeader } from 'hyparquet/src/column.js'
import { getSchemaPath, isFlatColumn } from 'hyparquet/src/schema.js'
import { ForeignParquetError } from './foreign-parquet-error.ts'

/** Limit the memory of a page. Writers make pages of about 1 MiB or 20,000 values. */
const pageBytesMax = 32 * 2 ** 20
const pageValuesMax = 4_000_000
/** Limits what all pages unpack to. */
const fileBytesMax = 512 * 2 ** 20
/** Limits the values that are in memory at a time: two pages of each column, and all of a column of lists. */
const heldValuesMax = 16_000_000
/** Limits the values that are decoded. A page is decoded again for each part of its rows that is read. */
const decodedValuesMax = 4_000_000_000
const columnsMax = 10_000
/** Chunks of columns may name the same pages again and again. */
const pagesMax = 200_000

/** Throws a ForeignParquetError for a file that would take too much, or has what is not read. */
export function checkPages(
  buffer: ArrayBuffer,
  { row_groups: groups, schema }: FileMetaData,
  {
    rowsPerRead,
    isDecompressed,
  }: { readonly rowsPerRead: number; readonly isDecompressed: (codec: string) => boolean },
): void {
  if (schema.length > columnsMax) throw new ForeignParquetError(`it has more than ${columnsMax} columns`)
  let [bytes, decoded, pages] = [0, 0, 0]
  for (const { columns, num_rows: rows } of groups) {
    let held = 0
    for (const { meta_data: column } of columns) {
      if (column === undefined) throw new ForeignParquetError('a column is encrypted, or in another file')
      const { codec, path_in_schema: path } = column
      if (!isDecompressed(codec))
        throw new ForeignParquetError(`it is compressed by ${codec}: write it with snappy or gzip`)
      const isFlat = isFlatColumn(getSchemaPath(schema, path))
      let [largest, all] = [0, 0]
      for (const page of pagesOf(buffer, column)) {
        pages++
        bytes += page.bytes
        all += page.values
        largest = Math.max(largest, page.values)
        if (isFlat) decoded += page.values * (Math.ceil(page.values / rowsPerRead) + 1)
        if (pages > pagesMax) throw new ForeignParquetError(`it has more than ${pagesMax} pages`)
        if (bytes > fileBytesMax) throw new ForeignParquetError(`its pages unpack to more than ${fileBytesMax} bytes`)
      }
      if (!isFlat) decoded += all * Math.ceil(Number(rows) / rowsPerRead)
      held += isFlat ? Math.min(all, 2 * largest) : all
    }
    if (held > heldValuesMax || decoded > decodedValuesMax)
      throw new ForeignParquetError(
        'its pages and row groups have too many values to be read a part at a time: write it with smaller ones',
      )
  }
}

type ColumnMetaData = NonNullable<FileMetaData['row_groups'][number]['columns'][number]['meta_data']>

/** Reads the header of each page, without its values. */
function* pagesOf(
  buffer: ArrayBuffer,
  column: ColumnMetaData,
): Generator<{ readonly bytes: number; readonly values: number }> {
  const { dictionary_page_offset: dictionaryAt, data_page_offset: dataAt } = column
  const start = Number(dictionaryAt === undefined || dictionaryAt === 0n ? dataAt : dictionaryAt)
  const end = start + Number(column.total_compressed_size)
  if (start < 0 || end > buffer.byteLength) throw new ForeignParquetError('it ends early')
  const reader = { view: new DataView(buffer, start, end - start), offset: 0 }
  while (reader.offset < reader.view.byteLength - 1) {
    const header = parquetHeader(reader)
    const { uncompressed_page_size: bytes, compressed_page_size: compressed } = header
    const counts = [header.data_page_header, header.data_page_header_v2, header.dictionary_page_header]
    const values = Math.max(0, ...counts.map((one) => one?.num_values ?? 0))
    if (bytes > pageBytesMax || bytes < 0 || compressed < 0 || values > pageValuesMax)
      throw new ForeignParquetError(
        `a page has more than ${pageBytesMax} bytes or ${pageValuesMax} values: write it with smaller pages`,
      )
    yield { bytes, values }
    reader.offset += compressed
  }
}
