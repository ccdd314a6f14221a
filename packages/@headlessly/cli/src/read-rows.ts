// Reads a file's rows one by one. Each row has its line number and its faults, so a bad line does not stop the others.

import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { findInexactNumber, inexactNumberFault, type NounSchema, type StoredField, tryParseJson } from 'digital-objects'
import type { Row } from './any-entity.ts'
import { CsvError, readCsv } from './csv.ts'
import { storedFields, textToValue } from './field-flag.ts'
import { Expected } from './flag.ts'
import { suggestion, UsageError } from './usage-error.ts'

export interface FileRow {
  /** The line in the file, or the index in a JSON list, both counted from 1. */
  readonly line: number
  readonly row: Row
}

export interface BadRow {
  readonly line: number
  readonly fault: string
}

/** Exports have columns of meta-fields, which are not fields of the Noun. */
const isMeta = (name: string): boolean => name.startsWith('$')

export interface ReadRowsOptions {
  /** A column of times, which need not be a field. */
  readonly timeColumn?: string | undefined
}

/** Throws a UsageError if the file as a whole cannot be read as rows of this Noun. */
export async function* readRows(
  file: string,
  schema: NounSchema,
  options: ReadRowsOptions = {},
): AsyncGenerator<FileRow | BadRow> {
  const kind = /\.(csv|json|ndjson|jsonl)$/i.exec(file)?.[1]?.toLowerCase()
  if (kind === undefined)
    throw new UsageError(`expected a file that ends with .csv, .json or .ndjson, got '${file}'`, 'import')
  if (kind === 'csv') yield* readCsvRows(file, schema, options)
  else if (kind === 'json') yield* readJsonRows(file)
  else yield* readLines(file)
}

async function* readCsvRows(
  file: string,
  schema: NounSchema,
  { timeColumn }: ReadRowsOptions,
): AsyncGenerator<FileRow | BadRow> {
  const fields = new Map(storedFields(schema).map((field) => [field.name, field]))
  let header: readonly string[] | undefined
  try {
    for await (const { line, cells } of readCsv(createReadStream(file, 'utf8'))) {
      if (header === undefined) {
        header = checkedHeader(cells, { names: [...fields.keys()], noun: schema.name, timeColumn })
        continue
      }
      if (cells.length !== header.length) {
        yield { line, fault: `expected ${header.length} cells, got ${cells.length}` }
        continue
      }
      const row: Record<string, unknown> = {}
      const faults: string[] = []
      for (const [at, name] of header.entries()) {
        const [field, text] = [fields.get(name), cells[at] ?? null]
        if (name === timeColumn && field === undefined) row[name] = text
        if (field === undefined || text === null || (text === '' && !holdsEmptyString(field))) continue
        try {
          row[name] = textToValue(field, text)
        } catch (error) {
          if (!(error instanceof Expected)) throw error
          faults.push(`field '${name}' expects ${error.message}`)
        }
      }
      yield faults.length > 0 ? { line, fault: faults.join('; ') } : { line, row }
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    // After a CSV error the start of the next record is unknown.
    yield { line: error.line, fault: `${error.message}; the rest of the file was not read` }
  }
}

/** Whether `""` is a value of the field. For others it is no value, as programs write it that quote every cell. */
function holdsEmptyString(field: StoredField): boolean {
  const { kind, many, required, unique } = field
  return kind === 'data' && (field.type === 'string' || field.type === 'text') && !many && !required && !unique
}

function checkedHeader(
  cells: readonly (string | null)[],
  {
    names,
    noun,
    timeColumn,
  }: { readonly names: readonly string[]; readonly noun: string; readonly timeColumn: string | undefined },
): readonly string[] {
  const header = cells.map((cell) => (cell ?? '').trim())
  for (const [at, name] of header.entries()) {
    if (!isMeta(name) && !names.includes(name) && name !== timeColumn)
      throw new UsageError(`column '${name}' is not a field of ${noun}${suggestion(name, names)}`, 'import')
    if (header.indexOf(name) !== at) throw new UsageError(`column '${name}' occurs twice`, 'import')
  }
  if (timeColumn !== undefined && !header.includes(timeColumn))
    throw new UsageError(`--at expects a timestamp or a column of the file, got '${timeColumn}'`, 'import')
  return header
}

async function* readJsonRows(file: string): AsyncGenerator<FileRow | BadRow> {
  const json = withoutByteOrderMark(await readFile(file, 'utf8'))
  const value = tryParseJson(json)
  if (!Array.isArray(value))
    throw new UsageError(`expected a JSON list in '${file}'; use .ndjson for one object per line`, 'import')
  const number = findInexactNumber(json)
  if (number !== undefined) {
    const [at, ...path] = number.path
    throw new UsageError(
      `row ${Number(at) + 1} in '${file}': field '${path.join('.')}' ${inexactNumberFault(number.text)}`,
      'import',
    )
  }
  for (const [at, item] of value.entries()) yield toRow(at + 1, item)
}

async function* readLines(file: string): AsyncGenerator<FileRow | BadRow> {
  let line = 0
  for await (const text of createInterface({
    input: createReadStream(file, 'utf8'),
    crlfDelay: Number.POSITIVE_INFINITY,
  })) {
    line++
    const own = line === 1 ? text.replace(/^\uFEFF/, '') : text
    if (own.trim() !== '') yield lineToRow(line, withoutByteOrderMark(own))
  }
}

function lineToRow(line: number, json: string): FileRow | BadRow {
  const value = tryParseJson(json)
  const number = value === undefined ? undefined : findInexactNumber(json)
  if (number === undefined) return toRow(line, value)
  return { line, fault: `field '${number.path.join('.')}' ${inexactNumberFault(number.text)}` }
}

function toRow(line: number, value: unknown): FileRow | BadRow {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { line, row: { ...value } }
  return { line, fault: 'expected a JSON object' }
}

function withoutByteOrderMark(text: string): string {
  return text.replace(/^\uFEFF/, '')
}
