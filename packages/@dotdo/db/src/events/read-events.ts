// Reads events from a file of the log: whole rows in order, or the `data` and `changes` of some of them. Every byte is
// checked against the file's checksums.

import type { Column } from '../parquet/columns.ts'
import type { OpenFile, OpenRowGroup } from '../parquet/open-file.ts'
import { type ReadColumns, readColumns } from '../parquet/read-columns.ts'
import { type EventColumnName, eventColumns, type EventRow } from './event-columns.ts'

/** The parts of an event that leave the object's SQLite once its file holds them. */
export type EventTexts = Pick<EventRow, 'data' | 'changes'>

/** Yields all rows in order of `seq`, one row group at a time. */
export async function* readEventRows(file: OpenFile): AsyncGenerator<readonly EventRow[]> {
  for (const group of file.groups) {
    const read = await readColumns(file, group, eventColumns)
    yield Array.from({ length: group.rowEnd - group.rowStart }, (_, row) => rowOf(read, row))
  }
}

/** Returns the texts of those events that the file has, by `seq`. Reads only the row groups that hold them. */
export async function readEventTexts(
  file: OpenFile,
  options: { readonly afterSeq: number; readonly seqs: readonly number[] },
): Promise<ReadonlyMap<number, EventTexts>> {
  const found = new Map<number, EventTexts>()
  for (const group of file.groups) {
    // `seq` has no gaps, so it determines the row.
    const wanted = options.seqs.filter((seq) => isIn(group, seq - options.afterSeq - 1))
    if (wanted.length === 0) continue
    const read = await readColumns(file, group, textColumns)
    for (const seq of wanted) {
      const row = seq - options.afterSeq - 1 - group.rowStart
      if (Number(cell(read, 'seq', row)) !== seq)
        throw new Error(`'${file.ref.key}': expected event ${seq} in its row, found another one`)
      found.set(seq, { data: textOf(read, 'data', row), changes: optionalTextOf(read, 'changes', row) })
    }
  }
  return found
}

const textColumns: readonly Column[] = eventColumns.filter(({ name }) => ['seq', 'data', 'changes'].includes(name))

function isIn(group: OpenRowGroup, row: number): boolean {
  return row >= group.rowStart && row < group.rowEnd
}

function rowOf(read: ReadColumns, row: number): EventRow {
  const number = (name: EventColumnName): number => Number(cell(read, name, row))
  return {
    seq: number('seq'),
    commit: number('commit'),
    format: number('format'),
    id: textOf(read, 'id', row),
    type: textOf(read, 'type', row),
    target: textOf(read, 'target', row),
    version: number('version'),
    atMs: number('timestamp'),
    actor: textOf(read, 'actor', row),
    onBehalfOf: optionalTextOf(read, 'onBehalfOf', row),
    key: optionalTextOf(read, 'key', row),
    via: textOf(read, 'via', row),
    causedBy: optionalTextOf(read, 'causedBy', row),
    undoes: optionalNumberOf(read, 'undoes', row),
    approvedBy: optionalTextOf(read, 'approvedBy', row),
    effectiveMs: optionalNumberOf(read, 'effective', row),
    reason: optionalTextOf(read, 'reason', row),
    noun: textOf(read, 'noun', row),
    data: textOf(read, 'data', row),
    changes: optionalTextOf(read, 'changes', row),
  }
}

function cell(read: ReadColumns, name: EventColumnName, row: number): unknown {
  return read.get(name)?.[row]
}

function textOf(read: ReadColumns, name: EventColumnName, row: number): string {
  return String(cell(read, name, row))
}

function optionalTextOf(read: ReadColumns, name: EventColumnName, row: number): string | null {
  const value = cell(read, name, row)
  return value === null || value === undefined ? null : String(value)
}

function optionalNumberOf(read: ReadColumns, name: EventColumnName, row: number): number | null {
  const value = cell(read, name, row)
  return value === null || value === undefined ? null : Number(value)
}
