// The rows of a Parquet file that another program has written. A row's line is its number, from 1.

import { ForeignParquetError, type ForeignRows, openForeignRows } from '@dotdo/db'
import { refuseFile } from './import-refused.ts'
import { columnsMax } from './json-rows.ts'
import { readWhole } from './whole-file.ts'
import type { Cell, FileRows, ParsedRow } from './rows.ts'

/** Throws an ObjectError, as `rows` does. */
export async function openParquet(bytes: AsyncIterable<Uint8Array>): Promise<FileRows> {
  const whole = await readWhole(bytes)
  const file = understood(() => openForeignRows(whole))
  if (file.columns.length > columnsMax)
    throw refuseFile(`the file has ${file.columns.length} columns, and at most ${columnsMax} are read`)
  return { header: file.columns, rows: rowsOf(file) }
}

async function* rowsOf({ columns, rows }: ForeignRows): AsyncGenerator<ParsedRow> {
  for (let line = 1; ; line++) {
    const { value, done } = await rows.next().catch((error: unknown) => refused(error))
    if (done === true) return
    yield { line, cells: columns.map((name): Cell => ((value[name] ?? null) === null ? null : [value[name] ?? null])) }
  }
}

function understood<Result>(read: () => Result): Result {
  try {
    return read()
  } catch (error) {
    return refused(error)
  }
}

function refused(error: unknown): never {
  if (error instanceof ForeignParquetError) throw refuseFile(`the file is not read as Parquet: ${error.message}`)
  throw error
}
