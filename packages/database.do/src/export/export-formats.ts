// The formats of exports. Each writes rows as they come, and keeps at most a group of them.

import { type PlainColumn, RowStream } from '@dotdo/db'
import type { Row, RowWriter } from '@dotdo/service'
import { formatCsvRecord } from 'digital-objects'

export interface ExportFormat {
  readonly name: 'json' | 'ndjson' | 'csv' | 'parquet'
  readonly mediaType: string
  readonly open: (columns: readonly PlainColumn[]) => RowWriter
}

/** Rows of a group in a Parquet file; a group is in memory. */
const groupRowsMax = 5_000
const groupCharactersMax = 8_000_000

export const exportFormats: readonly ExportFormat[] = [
  { name: 'json', mediaType: 'application/json; charset=utf-8', open: openJson },
  { name: 'ndjson', mediaType: 'application/x-ndjson; charset=utf-8', open: openLines },
  { name: 'csv', mediaType: 'text/csv; charset=utf-8; header=present', open: openCsv },
  { name: 'parquet', mediaType: 'application/vnd.apache.parquet', open: openParquet },
]

function openJson(): RowWriter {
  let written = 0
  return {
    add: (rows) => rows.map((row) => `${written++ === 0 ? '[\n ' : ','}${JSON.stringify(row)}\n`).join(''),
    finish: () => (written === 0 ? '[\n]\n' : ']\n'),
  }
}

function openLines(): RowWriter {
  return { add: (rows) => rows.map((row) => `${JSON.stringify(row)}\n`).join(''), finish: () => '' }
}

function openCsv(columns: readonly PlainColumn[]): RowWriter {
  let head = `${formatCsvRecord(columns.map(({ name }) => name))}\n`
  const takeHead = (): string => {
    const taken = head
    head = ''
    return taken
  }
  const toRecord = (row: Row): string => formatCsvRecord(columns.map((column) => toCell(row[column.name], column)))
  return { add: (rows) => takeHead() + rows.map((row) => `${toRecord(row)}\n`).join(''), finish: takeHead }
}

function toCell(value: unknown, { type }: PlainColumn): string | null {
  if (value === undefined || value === null) return null
  return type === 'json' || typeof value === 'object' ? JSON.stringify(value) : String(value)
}

function openParquet(columns: readonly PlainColumn[]): RowWriter {
  const stream = new RowStream(columns)
  const times = columns.filter(({ type }) => type === 'time').map(({ name }) => name)
  let group: Row[] = []
  let characters = 0
  const endGroup = (): Uint8Array => {
    const rows = group.map((row) => ({ ...row, ...timesOf(row, times) }))
    group = []
    characters = 0
    return rows.length === 0 ? new Uint8Array() : stream.add(rows)
  }
  return {
    add: (rows) => {
      group.push(...rows)
      characters += JSON.stringify(rows).length
      return group.length >= groupRowsMax || characters > groupCharactersMax ? endGroup() : ''
    },
    finish: () => {
      const [last, end] = [endGroup(), stream.finish()]
      const bytes = new Uint8Array(last.length + end.length)
      bytes.set(last)
      bytes.set(end, last.length)
      return bytes
    },
  }
}

function timesOf(row: Row, names: readonly string[]): Row {
  return Object.fromEntries(
    names.flatMap((name) => (typeof row[name] === 'string' ? [[name, Date.parse(row[name])]] : [])),
  )
}
