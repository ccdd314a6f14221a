// Reads the files of the log: what events say whose texts have left the object, and whether a file still says what the
// log does.

import {
  DamagedFile,
  type EventFile,
  type EventRow,
  LruCache,
  type ObjectStore,
  type OpenFile,
  openFile,
  readEventRows,
  readEventTexts,
} from '@dotdo/db'
import type { ArchivedTexts } from '../log/archived-events.ts'
import type { LogRow } from '../log/events-store.ts'
import type { LogReader } from '../log/log-reader.ts'
import type { ArchiveState } from './archive-state.ts'
import { nextTask } from '../base/next-task.ts'

export interface ArchiveReaderOptions {
  readonly store: ObjectStore
  readonly log: LogReader
  readonly texts: ArchivedTexts
  readonly state: ArchiveState
}

const logPageRows = 1_000
/** Open files, by their footers; a few hundred KB each. */
const openFilesMax = 16
/** What one fetch takes, beyond its last row group: as much as a page of the log. */
const fetchedCharactersMax = 4_000_000

export class ArchiveReader {
  readonly #options: ArchiveReaderOptions
  readonly #files = new LruCache<Promise<OpenFile>>(openFilesMax)
  #fetching: Promise<void> = Promise.resolve()

  constructor(options: ArchiveReaderOptions) {
    this.#options = options
  }

  /**
   * Reads what these events say into the texts at hand; at least the first of them. One after another, however many ask:
   * each has a row group in memory while it is read, and whoever waits may find what it needs at hand.
   */
  fetch(seqs: readonly number[]): Promise<void> {
    const mine = this.#fetching.then(() => this.#fetch(seqs))
    // The next one goes on, whatever becomes of this one.
    this.#fetching = mine.catch(() => {})
    return mine
  }

  async #fetch(seqs: readonly number[]): Promise<void> {
    const { state, texts } = this.#options
    let missing = seqs.filter((seq) => texts.get(seq) === undefined)
    for (let characters = 0; characters < fetchedCharactersMax;) {
      const [first] = missing
      if (first === undefined) return
      const file = state.segmentOf(first)
      if (file === undefined) throw new Error(`event ${first} is in no file of the archive`)
      const open = await this.#open(file)
      // Rows are events without a gap, so their number tells where one is.
      const group = open.groups.find(({ rowEnd }) => first - file.afterSeq - 1 < rowEnd)
      const wanted = missing.filter((seq) => group !== undefined && seq - file.afterSeq - 1 < group.rowEnd)
      const read = await readEventTexts(open, { afterSeq: file.afterSeq, seqs: wanted })
      for (const seq of wanted.length === 0 ? [first] : wanted) {
        const found = read.get(seq)
        if (found === undefined) throw new DamagedFile(file.key, `event ${seq} is missing`)
        characters += found.data.length + (found.changes?.length ?? 0)
        texts.set(seq, found)
      }
      missing = missing.slice(wanted.length)
    }
  }

  /** Throws a DamagedFile where the file, as the store has it now, does not say to the letter what the log says. */
  async compareWithLog(file: EventFile): Promise<void> {
    const { log, store } = this.#options
    let expected = file.afterSeq + 1
    // A file that is open already may be in memory as a whole.
    for await (const rows of readEventRows(await openFile(store, file))) {
      const through = rows.at(-1)?.seq ?? 0
      const logged = new Map<number, LogRow>()
      for (let after = expected - 1; after < through;) {
        const page = log.read({
          after,
          limit: logPageRows,
          through,
          isHeadOnly: after < this.#options.state.position.trimmedSeq,
        })
        if (page.rows.length === 0) throw new DamagedFile(file.key, `the log ends at event ${after}`)
        for (const row of page.rows) logged.set(row.seq, row)
        after = page.readThrough
      }
      for (const row of rows) {
        const own = logged.get(row.seq)
        if (row.seq !== expected || own === undefined || !isSameEvent(row, own))
          throw new DamagedFile(file.key, `event ${expected} is not what the log has`)
        expected++
      }
      await nextTask()
    }
    if (expected !== file.throughSeq + 1) throw new DamagedFile(file.key, `it ends before event ${file.throughSeq}`)
  }

  #open(file: EventFile): Promise<OpenFile> {
    const known = this.#files.get(file.key)
    if (known !== undefined) return known
    const opening = openFile(this.#options.store, file)
    this.#files.set(file.key, opening, 1)
    // A failure is not kept: the store may be well again next time.
    opening.catch(() => this.#files.delete(file.key))
    return opening
  }
}

/** A row of the log whose texts are archived compares by its head alone. */
function isSameEvent(file: EventRow, log: LogRow): boolean {
  const names = [
    'seq',
    'commit',
    'format',
    'id',
    'type',
    'target',
    'version',
    'atMs',
    'actor',
    'onBehalfOf',
    'via',
    'causedBy',
    'noun',
  ] as const
  return (
    names.every((name) => file[name] === log[name]) &&
    (log.data === '' || (file.data === log.data && file.changes === log.changes))
  )
}
