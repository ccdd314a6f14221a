// Comma-separated values (RFC 4180) as spreadsheets write them, with any delimiter, read while they arrive. Each record has the
// number of the line on which it begins.

export interface CsvRecord {
  /** Counted from 1. */
  readonly line: number
  /** Null for an empty cell without quotes, which is no value. */
  readonly cells: readonly (string | null)[]
}

/** A quote that is never closed, or a text after one. `line` is the start of the record. */
export class CsvError extends Error {
  readonly line: number

  constructor(line: number, message: string) {
    super(message)
    this.line = line
  }
}

export const delimiters: readonly string[] = [',', ';', '\t', '|']

/** Without this limit, an unclosed quote would read the rest of the file into memory. */
const recordCharactersMax = 2 ** 20

const [quote, newline, carriageReturn] = [34, 10, 13]

/** Records of a text that arrives in parts. Empty lines are skipped. Throws a CsvError. */
export class CsvReader {
  readonly #delimiter: number
  /** The text after the last complete record. */
  #rest = ''
  #line: number

  constructor(delimiter: string, line = 1) {
    this.#delimiter = delimiter.charCodeAt(0)
    this.#line = line
  }

  *read(text: string): Generator<CsvRecord> {
    yield* this.#records(this.#rest + text, false)
  }

  *end(): Generator<CsvRecord> {
    yield* this.#records(this.#rest, true)
  }

  /** The rest is read again from its start once more has arrived, so no state is kept inside of a record. */
  *#records(text: string, isEnd: boolean): Generator<CsvRecord> {
    let start = 0
    for (;;) {
      const found = this.#record(text, start, isEnd)
      if (found === undefined) break
      const { cells, end, line } = found
      start = end
      if (cells.length > 1 || cells[0] !== null) yield { line: this.#line, cells }
      this.#line = line
    }
    this.#rest = text.slice(start)
    if (this.#rest.length > recordCharactersMax)
      throw new CsvError(this.#line, `a record has more than ${recordCharactersMax} characters: is a quote not closed?`)
  }

  /** Is undefined if the text ends inside of the record. */
  #record(
    text: string,
    start: number,
    isEnd: boolean,
  ): { readonly cells: (string | null)[]; readonly end: number; readonly line: number } | undefined {
    if (start >= text.length) return undefined
    const cells: (string | null)[] = []
    let line = this.#line
    let at = start
    for (;;) {
      if (text.charCodeAt(at) === quote) {
        const quoted = closingQuote(text, at)
        if (quoted === undefined) {
          if (isEnd) throw new CsvError(this.#line, 'a quote is not closed')
          return undefined
        }
        const cell = text.slice(at + 1, quoted)
        line += countBreaks(cell)
        cells.push(cell.includes('"') ? cell.replaceAll('""', '"') : cell)
        at = quoted + 1
      } else {
        const from = at
        while (at < text.length && !this.#endsCell(text.charCodeAt(at))) at++
        cells.push(at === from ? null : text.slice(from, at))
      }
      if (at >= text.length) return isEnd ? { cells, end: at, line } : undefined
      const code = text.charCodeAt(at)
      if (code === this.#delimiter) {
        at++
        continue
      }
      if (code === newline) return { cells, end: at + 1, line: line + 1 }
      if (code !== carriageReturn) throw new CsvError(this.#line, 'text after a closing quote')
      // The other half of a line end may not have arrived.
      if (at + 1 >= text.length && !isEnd) return undefined
      return { cells, end: at + (text.charCodeAt(at + 1) === newline ? 2 : 1), line: line + 1 }
    }
  }

  #endsCell(code: number): boolean {
    return code === this.#delimiter || code === newline || code === carriageReturn
  }
}

/** Returns undefined if it has not arrived. A quote at the end of the text may be the first of two. */
function closingQuote(text: string, open: number): number | undefined {
  for (let at = text.indexOf('"', open + 1); at >= 0; at = text.indexOf('"', at + 2))
    if (text.charCodeAt(at + 1) !== quote) return at
  return undefined
}

function countBreaks(cell: string): number {
  return cell.match(/\r\n|\n|\r/g)?.length ?? 0
}

/** The delimiter that divides the first records into the most columns that all of them have; a comma if none divides them. */
export function detectDelimiter(sample: string): string {
  const declared = /^sep=(.)\r?\n/i.exec(sample)?.[1]
  if (declared !== undefined && delimiters.includes(declared)) return declared
  const scored = delimiters.map((delimiter) => {
    const counts = firstRecords(sample, delimiter).map(({ cells }) => cells.length)
    const columns = counts[0] ?? 1
    const alike = counts.filter((count) => count === columns).length / Math.max(1, counts.length)
    return { delimiter, score: columns > 1 ? alike * 100 + Math.min(columns, 50) : 0 }
  })
  return scored.reduce((best, one) => (one.score > best.score ? one : best)).delimiter
}

const sampledRecords = 50

function firstRecords(sample: string, delimiter: string): readonly CsvRecord[] {
  const found: CsvRecord[] = []
  try {
    for (const record of new CsvReader(delimiter).read(sample)) {
      found.push(record)
      if (found.length === sampledRecords) return found
    }
    // A sample of one record, or without an end.
    if (found.length === 0) found.push(...new CsvReader(delimiter).read(`${sample}\n`))
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
  }
  return found
}
