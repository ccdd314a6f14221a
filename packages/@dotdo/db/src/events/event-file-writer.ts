// Writes part of the log to files. Rows come in order of `seq`. A file ends with its month or when it is large enough,
// and is put and read back before a table names it.

import { msToMonth } from '../iceberg/table-metadata.ts'
import type { DataFile } from '../iceberg/manifest.ts'
import { putChecked } from '../parquet/put-checked.ts'
import type { ObjectStore } from '../object-store/object-store.ts'
import { FileWriter, rowGroupRowsMax, type WrittenFile } from '../parquet/file-writer.ts'
import type { FileRef } from '../parquet/open-file.ts'
import { describeFile } from '../tables/describe-file.ts'
import { eventColumns, type EventRow, eventRowToValue } from './event-columns.ts'

/** A file of the log: the events after `afterSeq` up to `throughSeq`, all of one month. */
export interface EventFile extends FileRef {
  readonly afterSeq: number
  readonly throughSeq: number
  readonly firstMs: number
  readonly lastMs: number
}

/** A file is in memory while it is built, and briefly twice while it is read back. */
const fileBytesMax = 16 * 2 ** 20
/** Characters in one row group, whose values are in memory. */
const groupCharactersMax = 4_000_000

export interface EventFileWriterOptions {
  readonly store: ObjectStore
  /**
   * Returns the key of the file with index `part`, whose first event is at `firstMs`. No table may ever have named the
   * key.
   */
  readonly keyOf: (file: { readonly part: number; readonly firstMs: number }) => string
  readonly willPut: (key: string) => void
  /** A file ends when it has this many rows. */
  readonly rowsMax: number
}

export class EventFileWriter {
  readonly #options: EventFileWriterOptions
  readonly #files: EventFile[] = []
  #writer: FileWriter<EventRow> | undefined
  #group: EventRow[] = []
  #characters = 0
  #first: EventRow | undefined
  #last: EventRow | undefined

  constructor(options: EventFileWriterOptions) {
    this.#options = options
  }

  async add(row: EventRow): Promise<void> {
    if (this.#last !== undefined && row.seq !== this.#last.seq + 1)
      throw new Error(`events must be added in order: expected a seq above ${this.#last.seq}, got ${row.seq}`)
    const length = row.data.length + (row.changes?.length ?? 0)
    const isOther = this.#first !== undefined && msToMonth(row.atMs) !== msToMonth(this.#first.atMs)
    if (isOther || this.#rows >= this.#options.rowsMax) await this.#endFile()
    else if (this.#group.length >= rowGroupRowsMax || this.#characters + length > groupCharactersMax) {
      this.#endGroup()
      if ((this.#writer?.bytes ?? 0) > fileBytesMax) await this.#endFile()
    }
    this.#first ??= row
    this.#last = row
    this.#group.push(row)
    this.#characters += length
  }

  /** Returns the files in order. All were put and read back; the caller still has to sync them. */
  async finish(): Promise<readonly EventFile[]> {
    await this.#endFile()
    return this.#files
  }

  get #rows(): number {
    return (this.#writer?.rows ?? 0) + this.#group.length
  }

  #endGroup(): void {
    if (this.#group.length === 0) return
    this.#writer ??= new FileWriter({ columns: eventColumns, toValue: eventRowToValue, facts: {} })
    this.#writer.addGroup(this.#group)
    this.#group = []
    this.#characters = 0
  }

  async #endFile(): Promise<void> {
    this.#endGroup()
    const [writer, first, last] = [this.#writer, this.#first, this.#last]
    if (writer === undefined || first === undefined || last === undefined) return
    const key = this.#options.keyOf({ part: this.#files.length, firstMs: first.atMs })
    const { content, ...layout } = writer.finish()
    this.#writer = undefined
    this.#first = undefined
    this.#options.willPut(key)
    await putChecked(this.#options.store, key, content)
    this.#files.push(describe({ key, layout, first, last }))
  }
}

function describe(options: {
  readonly key: string
  readonly layout: Omit<WrittenFile, 'content'>
  readonly first: EventRow
  readonly last: EventRow
}): EventFile {
  const { key, layout, first, last } = options
  return {
    key,
    ...layout,
    afterSeq: first.seq - 1,
    throughSeq: last.seq,
    firstMs: first.atMs,
    lastMs: last.atMs,
  }
}

/** Columns by which readers filter, and so get bounds. */
const bounded: ReadonlySet<string> = new Set(['seq', 'timestamp', 'type', 'target', 'id', 'actor', 'commit'])

/** Describes the file as the Iceberg table lists it, under the given path. Reads its footer. */
export async function eventFileToDataFile(store: ObjectStore, file: EventFile, path: string): Promise<DataFile> {
  const described = await describeFile(store, { ref: file, path, columns: eventColumns, bounded })
  return { ...described, month: msToMonth(file.firstMs) }
}
