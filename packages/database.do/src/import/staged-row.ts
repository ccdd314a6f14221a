// A row as it waits in the tenant's object: a list of its line and its cells, or an object for a row that cannot be read.

import type { JsonValue } from 'digital-objects'
import { isPlainObject } from 'digital-objects'
import type { BrokenRow, Cell, ParsedRow } from './rows.ts'

export function toStaged(row: ParsedRow | BrokenRow): JsonValue {
  if ('fault' in row) return { line: row.line, fault: row.fault }
  let end = row.cells.length
  while (end > 0 && row.cells[end - 1] === null) end--
  return [
    row.line,
    ...row.cells.slice(0, end).map((cell) => (cell === null || typeof cell === 'string' ? cell : [cell[0]])),
  ]
}

/** Anybody may stage rows, so each is checked. */
export function fromStaged(staged: JsonValue): ParsedRow | BrokenRow {
  if (isPlainObject(staged)) {
    const { line, fault } = staged
    return {
      line: typeof line === 'number' ? line : 0,
      fault: typeof fault === 'string' ? fault : 'the row is malformed',
    }
  }
  const [line, ...cells] = Array.isArray(staged) ? staged : []
  if (typeof line !== 'number') return { line: 0, fault: 'the row is malformed' }
  return { line, cells: cells.map(toCell) }
}

function toCell(value: JsonValue): Cell {
  if (value === null || typeof value === 'string') return value
  const [inner = null] = Array.isArray(value) ? value : [value]
  return [inner]
}
