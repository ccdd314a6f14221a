// The last row of a table may be the total of the others, which is no entity.

import { numeralOf } from './cell-formats.ts'
import type { BrokenRow, ParsedRow } from './rows.ts'

const words =
  'total|totals|grand total|sum|summe|gesamt|gesamtsumme|insgesamt|somme|total général|totale|suma|razem|totaal|итого|всего|合計|合计'.split(
    '|',
  )

/** Refuses the last row if it has a word for a total, numbers, and nothing else. */
export async function* withoutTotal(rows: AsyncIterable<ParsedRow | BrokenRow>): AsyncGenerator<ParsedRow | BrokenRow> {
  let [last, count]: [ParsedRow | BrokenRow | undefined, number] = [undefined, 0]
  for await (const row of rows) {
    if (last !== undefined) yield last
    last = row
    count++
  }
  if (last === undefined) return
  if (count > 2 && 'cells' in last && isTotal(last))
    yield {
      line: last.line,
      fault:
        'the last row seems to be the total of the others: leave it out, or put another row after it if it is none',
    }
  else yield last
}

function isTotal({ cells }: ParsedRow): boolean {
  const filled = cells.flatMap((cell) => {
    const value = cell === null || typeof cell === 'string' ? cell : cell[0]
    const text = typeof value === 'number' ? String(value) : value
    return text === null || text === '' ? [] : [text]
  })
  const isWord = (text: unknown): boolean =>
    typeof text === 'string' && words.includes(text.trim().replace(/\s*:$/, '').toLowerCase())
  const isNumber = (text: unknown): boolean => typeof text === 'string' && numeralOf(text) !== undefined
  return (
    filled.length > 1 && filled.filter(isWord).length === 1 && filled.every((text) => isWord(text) || isNumber(text))
  )
}
