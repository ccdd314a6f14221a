// Streams comma-separated values (RFC 4180). Each record has the line number on which it begins.

export interface CsvRecord {
  /** Counted from 1. */
  readonly line: number
  /** Null for an empty cell without quotes, which is no value. */
  readonly cells: readonly (string | null)[]
}

/** A quote that is never closed, or that closes inside a cell. `line` is the start of the record. */
export class CsvError extends Error {
  readonly line: number

  constructor(line: number, message: string) {
    super(message)
    this.line = line
  }
}

/** Without this limit, an unclosed quote would read the rest of the file into memory. */
const recordCharactersMax = 16 * 2 ** 20

/** Skips empty lines and a leading byte order mark. Throws a CsvError. */
export async function* readCsv(chunks: AsyncIterable<string> | Iterable<string>): AsyncGenerator<CsvRecord> {
  let [line, startLine, size] = [1, 1, 0]
  let cells: (string | null)[] = []
  let cell = ''
  let state: 'start' | 'plain' | 'quoted' | 'closed' = 'start'
  let [isFirst, isAfterReturn] = [true, false]
  const endCell = (): void => {
    cells.push(cell === '' && state !== 'closed' ? null : cell)
    cell = ''
    state = 'start'
  }
  for await (const chunk of chunks) {
    const text = isFirst && chunk.startsWith('\uFEFF') ? chunk.slice(1) : chunk
    if (chunk !== '') isFirst = false
    for (const character of text) {
      const isSecondHalf = isAfterReturn && character === '\n'
      isAfterReturn = character === '\r'
      const endsLine = !isSecondHalf && (character === '\n' || character === '\r')
      if (endsLine) line++
      if ((size += character.length) > recordCharactersMax)
        throw new CsvError(
          startLine,
          `a record has more than ${recordCharactersMax} characters: is a quote not closed?`,
        )
      if (state === 'quoted') {
        if (character === '"') state = 'closed'
        else cell += character
        continue
      }
      if (isSecondHalf) continue
      if (state === 'closed' && character === '"') {
        cell += '"'
        state = 'quoted'
      } else if (endsLine) {
        const isEmpty = cells.length === 0 && cell === '' && state === 'start'
        endCell()
        if (!isEmpty) yield { line: startLine, cells }
        cells = []
        startLine = line
        size = 0
      } else if (character === ',') endCell()
      else if (state === 'start' && character === '"') state = 'quoted'
      else if (state === 'closed') throw new CsvError(startLine, 'text after a closing quote')
      else {
        cell += character
        state = 'plain'
      }
    }
  }
  if (state === 'quoted') throw new CsvError(startLine, 'a quote is not closed')
  if (cells.length > 0 || cell !== '' || state !== 'start') {
    endCell()
    yield { line: startLine, cells }
  }
}
