// Making a file of entities, in CPU time, against hyparquet-writer with all its defaults: no bloom filters, dictionaries
// where it finds them worth while, Snappy.

import { entityRowToValue, type EntityRow, FileWriter, rowGroupRowsMax } from '@dotdo/db'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { columns } from './lake-files.ts'
import type { ContactRows } from './lake-rows.ts'
import { median } from './load.ts'
import { rowsToColumnData } from './plain-columns.ts'
import { atMost, type Finding } from './report.ts'

const rounds = 5

export function benchFileWriter(contacts: ContactRows, count: number): readonly Finding[] {
  const rows = Array.from({ length: count }, (_, at) => contacts.base(at))
  // Once, so that neither side pays for the other's garbage.
  const [columnData, convert] = cpuOf(() => rowsToColumnData(columns, rows))
  const [ours, theirs]: [number[], number[]] = [[], []]
  for (let round = 0; round <= rounds; round++) {
    const [, oursMs] = cpuOf(() => writeFile(rows))
    const [, theirsMs] = cpuOf(() => parquetWriteBuffer({ columnData }))
    if (round === 0) continue // compiles
    ours.push(oursMs)
    theirs.push(theirsMs)
  }
  const [own, plain] = [median(ours), median(theirs)]
  return [
    atMost(
      `CPU of writing ${count} contacts, rows to file, against plain hyparquet-writer with its columns at hand`,
      3,
      own / plain,
      `${own.toFixed(0)} ms, plain ${plain.toFixed(0)} ms; making its columns from rows takes it ${convert.toFixed(0)} ms more`,
    ),
  ]
}

function writeFile(rows: readonly EntityRow[]): number {
  const writer = new FileWriter({ columns, toValue: entityRowToValue, facts: {} })
  for (let at = 0; at < rows.length; at += rowGroupRowsMax) writer.addGroup(rows.slice(at, at + rowGroupRowsMax))
  return writer.finish().bytes
}

/** In milliseconds of the whole process, collecting garbage included. */
function cpuOf<Result>(work: () => Result): readonly [Result, number] {
  const before = process.cpuUsage()
  const result = work()
  const { user, system } = process.cpuUsage(before)
  return [result, (user + system) / 1_000]
}
