// Rows as lines: aligned columns that fit a terminal, or untruncated tab-separated values for other programs.

import { formatValue } from './format-value.ts'

export interface TableOptions {
  readonly columns: readonly string[]
  /** Width of a line in characters. */
  readonly width: number
  readonly heading: (text: string) => string
  /** Leaves the last column untruncated even if it does not fit: the terminal wraps it. */
  readonly isLastWhole?: boolean
}

const cellMax = 40
/** A cell truncated further would be useless. */
const cellMin = 6
const gap = '  '

/** Shows as many columns as fit and truncates the last one. The first, usually an id, is never truncated. */
export function toTable(rows: readonly Readonly<Record<string, unknown>>[], options: TableOptions): string[] {
  const { columns, width, heading, isLastWhole = false } = options
  const shown: string[][] = []
  let left = width
  for (const [at, name] of columns.entries()) {
    const isLast = isLastWhole && at === columns.length - 1
    const cells = [
      name,
      ...rows.map((row) =>
        cut(formatValue(row[name]), isLast || name.startsWith('$') ? Number.POSITIVE_INFINITY : cellMax),
      ),
    ]
    const wanted = Math.max(...cells.map((cell) => length(cell)))
    const given = isLast || shown.length === 0 ? wanted : Math.min(wanted, left)
    if (given < wanted && given < cellMin) break
    shown.push(cells.map((cell) => pad(cut(cell, given), given)))
    left -= given + gap.length
  }
  return Array.from({ length: rows.length + 1 }, (_, at) => {
    const line = shown
      .map((cells) => cells[at] ?? '')
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

function cut(text: string, most: number): string {
  return length(text) <= most ? text : `${[...text].slice(0, most - 1).join('')}…`
}

function pad(text: string, to: number): string {
  return text + ' '.repeat(Math.max(0, to - length(text)))
}

function length(text: string): number {
  return [...text].length
}
