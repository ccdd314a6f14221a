// The rows of a file in any format, read while it arrives.

import { joinBytes } from '@dotdo/service'
import { CsvError, type CsvRecord, CsvReader, delimiters, detectDelimiter } from './csv-records.ts'
import { decodeText, detectEncoding, sampleBytes } from './encoding.ts'
import { fileFormats, type FileFormat } from './file-formats.ts'
import { refuseFile, refuseOption } from './import-refused.ts'
import { openParquet } from './parquet-rows.ts'
import { columnsMax, JsonColumns, readJsonLines, readJsonList } from './json-rows.ts'
import { type BrokenRow, type FileRows, isOwnHeader, type ParsedRow } from './rows.ts'
import { withinLimits } from './row-limits.ts'
import { withoutTotal } from './total-row.ts'
import { openSheet } from './open-sheet.ts'

export interface FileOptions {
  readonly format: FileFormat['name']
  readonly encoding?: string
  readonly delimiter?: string
  /** The sheet of a workbook. */
  readonly sheet?: string
}

export interface OpenedFile extends FileRows {
  readonly format: FileFormat['name']
  /** That of a text. */
  readonly encoding?: string
  readonly isEncodingSure?: boolean
  readonly delimiter?: string
  readonly sheet?: string
}

/** The format by its name, the ending of a file name, or the content type. Throws an ObjectError. */
export function formatOf(given: {
  readonly format?: string | undefined
  readonly fileName?: string | undefined
  readonly mediaType?: string | undefined
}): FileFormat['name'] {
  const { format, fileName = '', mediaType = '' } = given
  const ending = /\.([a-z0-9]+)$/i.exec(fileName)?.[1]?.toLowerCase()
  const type = mediaType.split(';')[0]?.trim().toLowerCase() ?? ''
  const found =
    format === undefined
      ? (fileFormats.find(({ endings }) => ending !== undefined && endings.includes(ending)) ??
        fileFormats.find(({ mediaTypes }) => mediaTypes.includes(type)))
      : fileFormats.find(({ name }) => name === format)
  if (found !== undefined) return found.name
  const names = fileFormats.map(({ name }) => name).join(', ')
  throw refuseOption('format', `expects ${names}, got '${(format ?? ending ?? type).slice(0, 60)}'`)
}

/** Whether a file of the format is in memory while its rows are read. */
export function isHeldWhole(format: FileFormat['name']): boolean {
  return format === 'xlsx' || format === 'parquet'
}

/** Throws an ObjectError for a file that is not of its format. `rows` throws, too. */
export async function openFile(bytes: AsyncIterable<Uint8Array>, options: FileOptions): Promise<OpenedFile> {
  if (options.sheet !== undefined && options.format !== 'xlsx')
    throw refuseOption('sheet', `belongs to a workbook, and the file is read as ${options.format}`)
  if (isHeldWhole(options.format)) {
    const file = await (options.format === 'xlsx' ? openSheet(bytes, options.sheet) : openParquet(bytes))
    const rows = withinLimits(file.rows)
    return { format: options.format, ...file, rows: options.format === 'xlsx' ? withoutTotal(rows) : rows }
  }
  const { sample, whole } = await withSample(bytes)
  if (sample.length === 0) throw refuseFile('the file is empty')
  const encoding = detectEncoding(sample, options.encoding ?? (options.format === 'csv' ? undefined : unmarked(sample)))
  const text = decodeText(whole, encoding)
  const opened = { format: options.format, encoding: encoding.encoding, isEncodingSure: encoding.isSure }
  if (options.format === 'csv') {
    const { parts, first } = await withFirst(text)
    const delimiter = delimiterOf(options.delimiter, first)
    const { header, rows } = await csvRows(parts, delimiter)
    return { ...opened, delimiter, header, rows: withoutTotal(rows) }
  }
  const columns = new JsonColumns()
  const items = options.format === 'json' ? readJsonList(text) : readJsonLines(text)
  return { ...opened, header: columns.header, rows: jsonRows(items, columns) }
}

/** JSON is UTF-8 unless it has another mark. */
function unmarked(sample: Uint8Array): string | undefined {
  const isMarked = (sample[0] === 0xff && sample[1] === 0xfe) || (sample[0] === 0xfe && sample[1] === 0xff)
  return isMarked || sample.includes(0) ? undefined : 'utf-8'
}

function delimiterOf(declared: string | undefined, sample: string): string {
  if (declared === undefined) return detectDelimiter(sample)
  const delimiter = declared === 'tab' || declared === '\\t' ? '\t' : declared
  if (delimiters.includes(delimiter)) return delimiter
  throw refuseOption('delimiter', `expects a comma, a semicolon, tab or |, got '${declared.slice(0, 10)}'`)
}

async function* jsonRows(
  items: AsyncIterable<{ readonly line: number; readonly json: string }>,
  columns: JsonColumns,
): AsyncGenerator<ParsedRow | BrokenRow> {
  for await (const { line, json } of items) yield columns.toRow(line, json)
}

async function csvRows(
  text: AsyncIterable<string>,
  delimiter: string,
): Promise<{ readonly header: readonly string[]; readonly rows: AsyncGenerator<ParsedRow | BrokenRow> }> {
  const records = csvRecords(text, delimiter)
  let header: readonly string[] = []
  for (;;) {
    const { value, done } = await records.next()
    if (done === true) throw refuseFile('the file has no header: its first line names the columns')
    if ('fault' in value) throw refuseFile(`line ${value.line}: ${value.fault}`)
    const [first = null] = value.cells
    if (value.line === 1 && /^sep=.?$/i.test(first ?? '')) continue
    header = value.cells.map((cell) => (cell ?? '').trim())
    // Spreadsheets end each line with delimiters of columns that are empty.
    while (header.length > 1 && header.at(-1) === '') header = header.slice(0, -1)
    if (header.length > columnsMax)
      throw refuseFile(`line ${value.line} names ${header.length} columns, and a file has at most ${columnsMax}`)
    break
  }
  return { header, rows: fitting(records, header) }
}

async function* fitting(
  records: AsyncIterable<CsvRecord | BrokenRow>,
  header: readonly string[],
): AsyncGenerator<ParsedRow | BrokenRow> {
  const columns = header.length
  const isOwn = isOwnHeader(header)
  for await (const record of records) {
    if ('fault' in record) {
      yield record
      continue
    }
    const { line, cells } = record
    if (cells.every((cell) => cell === null)) continue
    const surplus = cells.slice(columns)
    if (cells.length < columns || surplus.some((cell) => cell !== null))
      yield {
        line,
        fault: `expected ${columns} cells, got ${cells.length}: quote a cell that has the delimiter or a line break`,
      }
    else yield { line, cells: isOwn ? cells.slice(0, columns) : cells.slice(0, columns).map(unguarded) }
  }
}

/** Programs write ="0123", so that a spreadsheet does not read a number. Our own exports have texts as they are. */
function unguarded(cell: string | null): string | null {
  if (cell?.startsWith('="') !== true) return cell
  const guarded = /^="((?:[^"]|"")*)"$/.exec(cell)
  return guarded === null ? cell : (guarded[1] ?? '').replaceAll('""', '"')
}

/** After a fault, the start of the next record is unknown. */
async function* csvRecords(text: AsyncIterable<string>, delimiter: string): AsyncGenerator<CsvRecord | BrokenRow> {
  const reader = new CsvReader(delimiter)
  try {
    for await (const part of text) yield* reader.read(part)
    yield* reader.end()
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    yield { line: error.line, fault: `${error.message}; the rest of the file was not read` }
  }
}

async function withSample(
  bytes: AsyncIterable<Uint8Array>,
): Promise<{ readonly sample: Uint8Array; readonly whole: AsyncGenerator<Uint8Array> }> {
  const iterator = bytes[Symbol.asyncIterator]()
  const chunks: Uint8Array[] = []
  let length = 0
  while (length < sampleBytes) {
    const { value, done } = await iterator.next()
    if (done === true) break
    chunks.push(value)
    length += value.length
  }
  const sample = joinBytes(chunks)
  async function* whole(): AsyncGenerator<Uint8Array> {
    yield sample
    for (;;) {
      const { value, done } = await iterator.next()
      if (done === true) return
      yield value
    }
  }
  return { sample, whole: whole() }
}

async function withFirst(
  text: AsyncGenerator<string>,
): Promise<{ readonly first: string; readonly parts: AsyncGenerator<string> }> {
  const { value: first = '' } = (await text.next()) as { readonly value?: string }
  async function* parts(): AsyncGenerator<string> {
    yield first
    yield* text
  }
  return { first, parts: parts() }
}
