// Rows as lines: aligned columns that fit a terminal, or values between tabs, whole, for other programs.

import { formatValue } from './format-value.ts'

export interface TableOptions {
  readonly columns: readonly string[]
  /** Characters of a line. */
  readonly width: number
  readonly heading: (text: string) => string
}

const cellMax = 40
const gap = '  '

/** As many columns as fit; the first always comes. Ids are never cut. */
export function toTable(rows: readonly Readonly<Record<string, unknown>>[], options: TableOptions): string[] {
  const { width, heading } = options
  const cells = options.columns.map((name) => [name, ...rows.map((row) => cut(name, formatValue(row[name])))])
  const widths = cells.map((column) => Math.max(...column.map((cell) => length(cell))))
  let used = 0
  const fitting = widths.filter((one, at) => {
    used += one + (at === 0 ? 0 : gap.length)
    return at === 0 || used <= width
  }).length
  return [0, ...rows.map((_, at) => at + 1)].map((at) => {
    const line = cells
      .slice(0, fitting)
      .map((column, of) => pad(column[at] ?? '', widths[of] ?? 0))
      .join(gap)
      .trimEnd()
    return at === 0 ? heading(line) : line
  })
}

export function toTabbedLines(
  rows: readonly Readonly<Record<string, unknown>>[],
  columns: readonly string[],
): string[] {
  return rows.map((row) => columns.map((name) => formatValue(row[name])).join('\t'))
}

function cut(name: string, text: string): string {
  return name.startsWith('$') || length(text) <= cellMax ? text : `${[...text].slice(0, cellMax - 1).join('')}…`
}

function pad(text: string, to: number): string {
  return text + ' '.repeat(Math.max(0, to - length(text)))
}

function length(text: string): number {
  return [...text].length
}
