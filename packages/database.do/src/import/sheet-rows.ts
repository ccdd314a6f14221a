// The rows of one sheet, read while it is decompressed.

import { columnsMax } from './json-rows.ts'
import type { BrokenRow, Cell, ParsedRow } from './rows.ts'
import { rowCharactersMax } from './row-limits.ts'
import { serialToText } from './cell-dates.ts'
import { readPart, unescaped, type Sheet, type Workbook } from './workbook.ts'

export const sheetBytesMax = 512 * 2 ** 20

/** Rows with a value, by their numbers in the sheet. */
export async function* readSheet(workbook: Workbook, { path }: Sheet): AsyncGenerator<ParsedRow | BrokenRow> {
  const rows: (ParsedRow | BrokenRow)[] = []
  const reader = new RowReader(workbook, (row) => rows.push(row))
  for await (const _ of readPart(workbook.archive.read(path, sheetBytesMax), reader)) yield* rows.splice(0)
}

/** Whether a sheet has a value. */
export async function hasCells(workbook: Workbook, sheet: Sheet): Promise<boolean> {
  for await (const _ of readSheet(workbook, sheet)) return true
  return false
}

class RowReader {
  readonly #workbook: Workbook
  readonly #add: (row: ParsedRow | BrokenRow) => void
  #line = 0
  #cells: Cell[] = []
  #fault: string | undefined
  #characters = 0
  /** The cell that is read. */
  #column = -1
  #type = 'n'
  #style = 0
  #value = ''
  #hasValue = false
  #hasFormula = false
  #isText = false
  #isPronounced = false

  constructor(workbook: Workbook, add: (row: ParsedRow | BrokenRow) => void) {
    this.#workbook = workbook
    this.#add = add
  }

  readonly opened = (name: string, { r, t = 'n', s = '0' }: Readonly<Record<string, string>>): void => {
    switch (name) {
      case 'row':
        this.#line = r === undefined ? this.#line + 1 : Number(r)
        this.#cells = []
        this.#fault = undefined
        this.#characters = 0
        this.#column = -1
        break
      case 'c':
        this.#column = r === undefined ? this.#column + 1 : columnOf(r)
        this.#type = t
        this.#style = Number(s)
        this.#value = ''
        this.#hasValue = false
        this.#hasFormula = false
        break
      case 'f':
        this.#hasFormula = true
        break
      case 'rPh':
        this.#isPronounced = true
        break
      case 'v':
      case 't':
        this.#isText = !this.#isPronounced
        this.#hasValue = true
        break
      default:
    }
  }

  readonly text = (text: string): void => {
    if (!this.#isText) return
    this.#characters += text.length
    if (this.#characters > rowCharactersMax) this.#fault = `the row has more than ${rowCharactersMax} characters`
    else this.#value += text
  }

  readonly closed = (name: string): void => {
    switch (name) {
      case 'v':
      case 't':
        this.#isText = false
        break
      case 'rPh':
        this.#isPronounced = false
        break
      case 'c':
        this.#addCell()
        break
      case 'row':
        this.#addRow()
        break
      default:
    }
  }

  #addCell(): void {
    const place = `cell ${nameOf(this.#column)}${this.#line}`
    if (this.#hasFormula && !this.#hasValue) {
      this.#fault ??= `${place} has a formula without a result: open the workbook in its program and save it`
      return
    }
    if (!this.#hasValue) return
    if (this.#column < 0 || this.#column >= columnsMax) {
      this.#fault ??= `${place} is beyond the ${columnsMax} columns that a file may have`
      return
    }
    const cell = this.#cellOf(place)
    if (cell === null) return
    while (this.#cells.length < this.#column) this.#cells.push(null)
    this.#cells[this.#column] = cell
  }

  #cellOf(place: string): Cell {
    const value = this.#value
    const { strings, isDate, isFrom1904 } = this.#workbook
    switch (this.#type) {
      case 's': {
        const text = strings[Number(value)]
        if (text === undefined) this.#fault ??= `${place} names a text that the workbook does not have`
        return text === undefined || text === '' ? null : text
      }
      case 'b':
        return [value === '1' || value === 'true']
      case 'e':
        this.#fault ??= `${place} has the error ${value.slice(0, 20)}`
        return null
      case 'd':
        return value
      case 'n': {
        if (value.trim() === '') return null
        const number = Number(value)
        if (!Number.isFinite(number)) this.#fault ??= `${place} has no number, but '${value.slice(0, 40)}'`
        if (!isDate(this.#style)) return [Number(number.toPrecision(15))] // as spreadsheets show and compare numbers
        const text = serialToText(number, isFrom1904)
        if (text === undefined) this.#fault ??= `${place} has the format of a date, and ${value.slice(0, 40)} is none`
        return text ?? null
      }
      default:
        return value === '' ? null : unescaped(value)
    }
  }

  #addRow(): void {
    if (this.#fault !== undefined) this.#add({ line: this.#line, fault: this.#fault })
    else if (this.#cells.length > 0) this.#add({ line: this.#line, cells: this.#cells })
  }
}

/** `B7` is 1. */
function columnOf(reference: string): number {
  let column = 0
  for (const character of reference) {
    const letter = character.charCodeAt(0) - 64
    if (letter < 1 || letter > 26) break
    column = column * 26 + letter
    if (column > 100_000) break
  }
  return column - 1
}

export function nameOf(column: number): string {
  let name = ''
  for (let rest = column + 1; rest > 0; rest = Math.floor((rest - 1) / 26))
    name = String.fromCharCode(65 + ((rest - 1) % 26)) + name
  return name
}
