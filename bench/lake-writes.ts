// CPU time of writing an entity file, compared with hyparquet-writer and its defaults: no bloom filters, dictionaries
// where it finds them worthwhile, Snappy.

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
  // Converted once, so that neither side pays for the other's garbage.
  const [columnData, convert] = cpuOf(() => rowsToColumnData(columns, rows))
  const [ours, theirs]: [number[], number[]] = [[], []]
  for (let round = 0; round <= rounds; round++) {
    const [, oursMs] = cpuOf(() => writeFile(rows))
    const [, theirsMs] = cpuOf(() => parquetWriteBuffer({ columnData }))
    if (round === 0) continue // warm-up: compiles the code
    ours.push(oursMs)
    theirs.push(theirsMs)
  }
  const [own, plain] = [median(ours), median(theirs)]
  return [
    atMost(
      `CPU of writing ${count} contacts, rows to file, against plain hyparquet-writer from ready columns`,
      3,
      own / plain,
      `${own.toFixed(0)} ms, plain ${plain.toFixed(0)} ms; converting rows to its columns takes another ${convert.toFixed(0)} ms`,
    ),
  ]
}

function writeFile(rows: readonly EntityRow[]): number {
  const writer = new FileWriter({ columns, toValue: entityRowToValue, facts: {} })
  for (let at = 0; at < rows.length; at += rowGroupRowsMax) writer.addGroup(rows.slice(at, at + rowGroupRowsMax))
  return writer.finish().bytes
}

/** Returns milliseconds of the whole process, including garbage collection. */
function cpuOf<Result>(work: () => Result): readonly [Result, number] {
  const before = process.cpuUsage()
  const result = work()
  const { user, system } = process.cpuUsage(before)
  return [result, (user + system) / 1_000]
}
