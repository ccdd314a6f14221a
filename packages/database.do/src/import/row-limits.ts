// Limits the rows of a file by what they have once they were read. A small workbook or Parquet file may be many large rows, since
// it has a text once and names it in every cell.

import { refuseFile } from './import-refused.ts'
import type { BrokenRow, Cell, ParsedRow } from './rows.ts'

/** Limits the memory of one row. */
export const rowCharactersMax = 2 ** 20
/** Limits the rows of a file that was held in memory as a whole, about 30 times as large as the file may be. */
export const unpackedCharactersMax = 2 ** 30
/** Characters of a number or boolean, about. */
const valueCharacters = 8

/** Refuses rows that are too large. Throws an ObjectError if all of them are. */
export async function* withinLimits(
  rows: AsyncIterable<ParsedRow | BrokenRow>,
  charactersMax = unpackedCharactersMax,
): AsyncGenerator<ParsedRow | BrokenRow> {
  let all = 0
  for await (const row of rows) {
    const characters = 'fault' in row ? 0 : row.cells.reduce((sum, cell) => sum + charactersOf(cell), 0)
    all += Math.min(characters, rowCharactersMax)
    if (all > charactersMax)
      throw refuseFile(
        `row ${row.line}: the rows have more than ${charactersMax} characters: send them as CSV or NDJSON, which may be larger`,
      )
    if (characters > rowCharactersMax)
      yield { line: row.line, fault: `the row has more than ${rowCharactersMax} characters` }
    else yield row
  }
}

function charactersOf(cell: Cell): number {
  if (cell === null) return 0
  const value = typeof cell === 'string' ? cell : cell[0]
  if (typeof value === 'string') return value.length
  return typeof value === 'object' && value !== null ? JSON.stringify(value).length : valueCharacters
}
