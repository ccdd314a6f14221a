// Prints results to stdout, as a table on a terminal and as lines or JSON elsewhere, and everything else to stderr.

import type { Row } from './row.ts'
import { formatValue, printable } from './format-value.ts'
import { toTable, toTabbedLines } from './table.ts'

export interface CliStream {
  /** Returns false while what was written waits for its reader. */
  write(chunk: string | Uint8Array): unknown
  once?(event: 'drain', listener: () => void): unknown
  readonly isTTY?: boolean | undefined
  /** Width of a line in characters. */
  readonly columns?: number | undefined
}

export interface OutputParts {
  readonly stdout: CliStream
  readonly stderr: CliStream
  readonly isJson: boolean
  readonly isColorWanted: boolean
}

export interface Problem {
  readonly code: string
  readonly message: string
  readonly [more: string]: unknown
}

const widthFallback = 100
const progressIntervalMs = 100

export class Output {
  readonly isJson: boolean
  readonly #parts: OutputParts
  #progressAtMs = 0
  #isProgressShown = false

  constructor(parts: OutputParts) {
    this.#parts = parts
    this.isJson = parts.isJson
  }

  line(text: string): void {
    this.#parts.stdout.write(`${text}\n`)
  }

  /** Prints a part of a file as it is, and waits for its reader. */
  async chunk(chunk: string | Uint8Array): Promise<void> {
    const { stdout } = this.#parts
    if (stdout.write(chunk) !== false || stdout.once === undefined) return
    await new Promise<void>((resolve) => stdout.once?.('drain', resolve))
  }

  get isTerminal(): boolean {
    return this.#parts.stdout.isTTY === true
  }

  json(value: unknown): void {
    this.line(JSON.stringify(value, null, 2))
  }

  lineOrJson(text: string, value: object): void {
    if (this.isJson) this.json(value)
    else this.line(text)
  }

  /** Prints rows that have the same columns. */
  rows(rows: readonly Row[], columns: readonly string[], options: { readonly isLastWhole?: boolean } = {}): void {
    if (this.isJson) return this.json(rows)
    const { stdout } = this.#parts
    if (stdout.isTTY !== true) return toTabbedLines(rows, columns).forEach((line) => this.line(line))
    if (rows.length === 0) return this.note('none')
    // Some terminals report a width of 0.
    const width = stdout.columns === undefined || stdout.columns === 0 ? widthFallback : stdout.columns
    for (const line of toTable(rows, { ...options, columns, width, heading: (text) => this.#color(1, text, stdout) }))
      this.line(line)
  }

  /** Prints one record, one value per line with its name. */
  record(record: Row): void {
    if (this.isJson) return this.json(record)
    const { stdout } = this.#parts
    const entries = Object.entries(record)
    const width = Math.max(0, ...entries.map(([name]) => name.length))
    for (const [name, value] of entries)
      this.line(
        stdout.isTTY === true
          ? `${this.#color(1, name.padEnd(width), stdout)}  ${formatValue(value)}`
          : `${name}\t${formatValue(value)}`,
      )
  }

  /** Prints a message that is not part of the result. */
  note(text: string): void {
    this.#endProgress()
    this.#parts.stderr.write(`${printable(text)}\n`)
  }

  /** Prints an error, followed by detail lines; with --json as one line of JSON. */
  problem(problem: Problem, more: readonly string[] = []): void {
    this.#endProgress()
    const { stderr } = this.#parts
    if (this.isJson) return void stderr.write(`${JSON.stringify(problem)}\n`)
    for (const line of problem.message.split('\n'))
      stderr.write(`${this.#color(31, 'error:', stderr)} ${printable(line)}\n`)
    more.forEach((line) => this.note(line))
  }

  /** Prints a line that the next one overwrites, on a terminal only. */
  progress(text: string): void {
    const { stderr } = this.#parts
    const nowMs = performance.now()
    if (stderr.isTTY !== true || nowMs - this.#progressAtMs < progressIntervalMs) return
    this.#progressAtMs = nowMs
    this.#isProgressShown = true
    stderr.write(`\r\u001b[K${text}`)
  }

  #endProgress(): void {
    if (!this.#isProgressShown) return
    this.#isProgressShown = false
    this.#parts.stderr.write('\r\u001b[K')
  }

  #color(code: number, text: string, stream: CliStream): string {
    return this.#parts.isColorWanted && stream.isTTY === true ? `\u001b[${code}m${text}\u001b[0m` : text
  }
}
