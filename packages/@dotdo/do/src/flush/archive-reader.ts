// Reads the files of the log: the texts of events that have left the object. It also checks that a file still equals
// the log.

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
import { type ArchivedTexts, readWithArchive } from '../log/archived-events.ts'
import type { LogRow } from '../log/log-row.ts'
import type { LogReader } from '../log/log-reader.ts'
import type { ArchiveState } from './archive-state.ts'
import type { ErasedEntities } from '../state/erased-entities.ts'
import { nextTask } from '../base/next-task.ts'

export interface ArchiveReaderOptions {
  readonly store: ObjectStore
  readonly log: LogReader
  readonly texts: ArchivedTexts
  readonly state: ArchiveState
  /** Removes values of persons who were erased since a file was written. */
  readonly erased: ErasedEntities
}

const logPageRows = 1_000
/** Open files, with their footers; each takes a few hundred KB. */
const openFilesMax = 16
/** Characters per fetch, beyond its last row group: as many as the largest page of the log, which is one commit. */
const fetchedCharactersMax = 8_000_000

export class ArchiveReader {
  readonly #options: ArchiveReaderOptions
  readonly #files = new LruCache<Promise<OpenFile>>(openFilesMax)
  #fetching: Promise<void> = Promise.resolve()

  constructor(options: ArchiveReaderOptions) {
    this.#options = options
  }

  /**
   * Reads the texts of these events, at least of the first, into memory. Fetches run one after another: each holds a
   * row group in memory, and a waiting one may find its texts fetched by then.
   */
  fetch(seqs: readonly number[]): Promise<void> {
    const mine = this.#fetching.then(() => this.#fetch(seqs))
    // A failed fetch must not block the next one.
    this.#fetching = mine.catch(() => {})
    return mine
  }

  async #fetch(seqs: readonly number[]): Promise<void> {
    const { state, texts, erased } = this.#options
    let missing = seqs.filter((seq) => texts.get(seq) === undefined)
    for (let characters = 0; characters < fetchedCharactersMax;) {
      const [first] = missing
      if (first === undefined) return
      const file = state.segmentOf(first)
      if (file === undefined) throw new Error(`no file of the archive holds event ${first}`)
      const open = await this.#open(file)
      // The file's events have no gaps, so `seq` determines the row.
      const group = open.groups.find(({ rowEnd }) => first - file.afterSeq - 1 < rowEnd)
      const wanted = missing.filter((seq) => group !== undefined && seq - file.afterSeq - 1 < group.rowEnd)
      const read = await readEventTexts(open, { afterSeq: file.afterSeq, seqs: wanted })
      for (const seq of wanted.length === 0 ? [first] : wanted) {
        const found = read.get(seq)
        if (found === undefined) throw new DamagedFile(file.key, `event ${seq} is missing`)
        characters += found.data.length + (found.changes?.length ?? 0)
        texts.set(seq, erased.maskArchived(seq, found))
      }
      missing = missing.slice(wanted.length)
    }
  }

  /** Throws a DamagedFile unless the stored file equals the log byte for byte. */
  async compareWithLog(file: EventFile): Promise<void> {
    const { log, store } = this.#options
    let expected = file.afterSeq + 1
    // Opens the file again, since an open file may be served from memory.
    for await (const rows of readEventRows(await openFile(store, file))) {
      const through = rows.at(-1)?.seq ?? 0
      const logged = new Map<number, LogRow>()
      for (let after = expected - 1; after < through;) {
        const from = after
        const isHeadOnly = from < this.#options.state.position.trimmedSeq
        const page = await readWithArchive(
          () => log.read({ after: from, limit: logPageRows, through, isHeadOnly }),
          (seqs) => this.fetch(seqs),
        )
        if (page.rows.length === 0)
          throw new DamagedFile(file.key, `it goes on after event ${after}, where the log ends`)
        for (const row of page.rows) logged.set(row.seq, row)
        after = page.readThrough
      }
      for (const row of rows) {
        const own = logged.get(row.seq)
        if (row.seq !== expected || own === undefined || !isSameEvent(this.#masked(row), own))
          throw new DamagedFile(file.key, `event ${expected} differs from the log`)
        expected++
      }
      await nextTask()
    }
    if (expected !== file.throughSeq + 1) throw new DamagedFile(file.key, `it ends before event ${file.throughSeq}`)
  }

  /** Compares a file that an erasure has not reached yet as it will be. A file of before an erasure that is done is wrong. */
  #masked(row: EventRow): EventRow {
    const { erased } = this.#options
    const masked = erased.mask(row)
    return masked === row || erased.isErasing ? masked : { ...masked, target: '' }
  }

  #open(file: EventFile): Promise<OpenFile> {
    const known = this.#files.get(file.key)
    if (known !== undefined) return known
    const opening = openFile(this.#options.store, file)
    this.#files.set(file.key, opening, 1)
    // A failure is not cached, since the store may have recovered by the next read.
    opening.catch(() => this.#files.delete(file.key))
    return opening
  }
}

/** Compares a row whose texts are archived by its head only. */
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
    'key',
    'via',
    'causedBy',
    'undoes',
    'approvedBy',
    'effectiveMs',
    'reason',
    'noun',
  ] as const
  return (
    names.every((name) => file[name] === log[name]) &&
    (log.data === '' || (file.data === log.data && file.changes === log.changes))
  )
}
