// The rows of a workbook as those of any file: one sheet, whose first row names the columns.

import { refuseFile, refuseOption } from './import-refused.ts'
import { readWhole } from './whole-file.ts'
import type { BrokenRow, FileRows, ParsedRow } from './rows.ts'
import { hasCells, nameOf, readSheet, sheetBytesMax } from './sheet-rows.ts'
import { openWorkbook, type Sheet, type Workbook } from './workbook.ts'

export interface OpenedSheet extends FileRows {
  readonly sheet: string
}

/** Throws an ObjectError, as `rows` does. */
export async function openSheet(bytes: AsyncIterable<Uint8Array>, named: string | undefined): Promise<OpenedSheet> {
  const workbook = await openWorkbook(await readWhole(bytes))
  const sheet = named === undefined ? await onlySheet(workbook) : sheetNamed(workbook, named)
  const rows = readSheet(workbook, sheet)
  const { value: first, done } = await rows.next()
  if (done === true) throw refuseFile(`the sheet '${sheet.name}' is empty`)
  if ('fault' in first) throw refuseFile(`row ${first.line}: ${first.fault}`)
  const header = first.cells.map((cell) =>
    cell === null ? '' : typeof cell === 'string' ? cell.trim() : String(cell[0]),
  )
  return { sheet: sheet.name, header, rows: fitting(rows, header.length) }
}

function sheetNamed({ sheets }: Workbook, name: string): Sheet {
  const sheet = sheets.find((one) => one.name === name)
  if (sheet !== undefined) return sheet
  throw refuseOption('sheet', `expects ${namesOf(sheets)}, got '${name.slice(0, 64)}'`)
}

/** The visible sheet with values. Of several, the caller chooses. */
async function onlySheet(workbook: Workbook): Promise<Sheet> {
  const { archive, sheets } = workbook
  const filled: Sheet[] = []
  const visible = sheets.filter(({ isHidden }) => !isHidden)
  // Many sheets may be one file of the archive.
  const bytes = visible.reduce((sum, { path }) => sum + archive.sizeOf(path), 0)
  if (bytes > sheetBytesMax && visible.length > 1)
    throw refuseFile(`the sheets ${namesOf(visible)} are too large to be searched for values: name one`, 'sheet')
  for (const sheet of visible) if (await hasCells(workbook, sheet)) filled.push(sheet)
  const [only] = filled
  if (only === undefined) throw refuseFile('the workbook has no visible sheet with values')
  if (filled.length === 1) return only
  throw refuseFile(`the workbook has the sheets ${namesOf(filled)}: say sheet=${only.name.slice(0, 64)}`, 'sheet')
}

function namesOf(sheets: readonly Sheet[]): string {
  return sheets
    .slice(0, 20)
    .map(({ name }) => `'${name.slice(0, 64)}'`)
    .join(', ')
}

async function* fitting(
  rows: AsyncIterable<ParsedRow | BrokenRow>,
  columns: number,
): AsyncGenerator<ParsedRow | BrokenRow> {
  for await (const row of rows) {
    if ('fault' in row || row.cells.length <= columns) yield row
    else
      yield {
        line: row.line,
        fault: `cell ${nameOf(row.cells.length - 1)}${row.line} has a value, and its column has no name in the first row`,
      }
  }
}
