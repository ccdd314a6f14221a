// Evidence about the formats of a column, collected over the whole file, so that 01/02/2026 is decided by the other rows.

import { type DateOrder, dateParts, type DecimalMark, numeralOf } from './cell-formats.ts'
import type { Cell } from './rows.ts'

const examplesMax = 3
const exampleCharactersMax = 60

export class ColumnEvidence {
  readonly examples: string[] = []
  /** Cells with a value. */
  filled = 0
  /** Numeric dates whose first or second number can only be the day, and others. */
  #dayFirst = 0
  #daySecond = 0
  #eitherDay = 0
  #yearFirst = 0
  #dotted = 0
  /** Numbers that only one decimal mark explains, and those that are different numbers by the other. */
  #comma = 0
  #dot = 0
  #either = 0
  #fractions = 0
  #signed = 0

  add(cell: Cell): void {
    if (cell === null || cell === '') return
    this.filled++
    const text = typeof cell === 'string' ? cell : JSON.stringify(cell[0])
    if (this.examples.length < examplesMax && !this.examples.includes(text.slice(0, exampleCharactersMax)))
      this.examples.push(text.slice(0, exampleCharactersMax))
    if (typeof cell !== 'string' && typeof cell[0] === 'number' && !Number.isInteger(cell[0])) this.#fractions++
    // A long text is neither a date nor a number.
    if (typeof cell !== 'string' || cell.length > 40 || !/\d/.test(cell)) return
    const parts = dateParts(cell)
    if (parts === undefined) this.#addNumber(cell)
    else this.#addDate(parts)
  }

  #addDate([first, mark, second]: readonly [string, string, string, string]): void {
    if (first.length > 2) this.#yearFirst++
    else if (Number(first) > 12) this.#dayFirst++
    else if (Number(second) > 12) this.#daySecond++
    else if (first !== second) this.#eitherDay++
    if (mark === '.') this.#dotted++
  }

  #addNumber(text: string): void {
    const found = numeralOf(text)
    if (found === undefined) return
    if (found.isSigned) this.#signed++
    const { numeral } = found
    const [dots, commas] = [numeral.split('.').length - 1, numeral.split(',').length - 1]
    if (dots === 0 && commas === 0) return
    const last = numeral.lastIndexOf('.') > numeral.lastIndexOf(',') ? '.' : ','
    const [before, after] = [numeral.slice(0, numeral.lastIndexOf(last)), numeral.slice(numeral.lastIndexOf(last) + 1)]
    const isBoth = dots > 0 && commas > 0
    const isGroup = !isBoth && dots + commas > 1
    const isOpen = !isBoth && !isGroup && after.length === 3 && /^[+-]?[1-9]\d{0,2}$/.test(before)
    if (isOpen) this.#either++
    else if ((last === ',') !== isGroup) this.#comma++
    else this.#dot++
    if (!isGroup && !isOpen) this.#fractions++
  }

  /** Is undefined if no date needs an order, `'unclear'` if the dates leave it open or contradict each other. */
  get dates(): DateOrder | 'unclear' | undefined {
    if (this.#dayFirst > 0 && this.#daySecond > 0) return 'unclear'
    if (this.#dayFirst > 0) return 'dmy'
    if (this.#daySecond > 0) return 'mdy'
    if (this.#eitherDay > 0) return this.#dotted > 0 ? 'dmy' : 'unclear'
    return this.#yearFirst > 0 ? 'ymd' : undefined
  }

  get hasContradictoryDates(): boolean {
    return this.#dayFirst > 0 && this.#daySecond > 0
  }

  /** Is undefined if no number has a mark. */
  get decimal(): DecimalMark | 'unclear' | undefined {
    if (this.#comma > 0 && this.#dot > 0) return 'unclear'
    if (this.#comma > 0) return ','
    if (this.#dot > 0) return '.'
    return this.#either > 0 ? 'unclear' : undefined
  }

  /** Whether amounts can only be in units of their currency. */
  get hasMajorAmounts(): boolean {
    return this.#fractions > 0 || this.#signed > 0
  }
}
