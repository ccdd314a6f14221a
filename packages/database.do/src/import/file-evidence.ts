// Evidence about a file before its rows are converted: the formats of its columns, by all of its rows.

import { ColumnEvidence } from './column-evidence.ts'
import { isHeldWhole, type OpenedFile } from './file-rows.ts'
import type { PlannedFile } from './planned-file.ts'
import type { BrokenRow, ParsedRow } from './rows.ts'

/** Rows that are read before other requests have their turn: a small file may unpack to many. */
const rowsBetweenRests = 1_000

/** Reads all rows, and counts and remembers what their columns say. */
export class FileEvidence {
  readonly columns: ColumnEvidence[] = []
  rows = 0
  readonly #file: OpenedFile

  constructor(file: OpenedFile) {
    this.#file = file
    for (const _ of file.header) this.columns.push(new ColumnEvidence())
  }

  async *read(): AsyncGenerator<ParsedRow | BrokenRow> {
    for await (const row of this.#file.rows) {
      this.#add(row)
      if (this.rows % rowsBetweenRests === 0) await rest()
      yield row
    }
  }

  #add(row: ParsedRow | BrokenRow): void {
    this.rows++
    if ('fault' in row) return
    for (const [at, cell] of row.cells.entries()) {
      let column = this.columns[at]
      if (column === undefined) this.columns[at] = column = new ColumnEvidence()
      column.add(cell)
    }
  }

  /** The file by the rows so far. */
  get planned(): PlannedFile {
    const { delimiter, format, header } = this.#file
    return {
      header,
      evidence: this.columns,
      isText: format === 'csv' || format === 'xlsx',
      convertsNumbers: isHeldWhole(format),
      ...(delimiter === undefined ? {} : { delimiter }),
    }
  }
}

function rest(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0))
}
