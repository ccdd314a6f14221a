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
import type { ArchivedTexts } from '../archived-events.ts'
import type { EventsStore, LogRow } from '../events-store.ts'
import type { ArchiveState } from './archive-state.ts'

export interface ArchiveReaderOptions {
  readonly store: ObjectStore
  readonly events: EventsStore
  readonly texts: ArchivedTexts
  readonly state: ArchiveState
}

const logPageRows = 1_000
/** Open files, by their footers; a few hundred KB each. */
const openFilesMax = 16
/** What one fetch takes, beyond its first event: as much as a page of the log. */
const fetchedCharactersMax = 4_000_000

export class ArchiveReader {
  readonly #options: ArchiveReaderOptions
  readonly #files = new LruCache<Promise<OpenFile>>(openFilesMax)

  constructor(options: ArchiveReaderOptions) {
    this.#options = options
  }

  /** Reads what these events say into the texts at hand; at least the first of them. */
  async fetch(seqs: readonly number[]): Promise<void> {
    let characters = 0
    let at = 0
    while (at < seqs.length && characters < fetchedCharactersMax) {
      const file = this.#options.state.segmentOf(seqs[at] ?? 0)
      if (file === undefined) throw new Error(`event ${seqs[at]} is in no file of the archive`)
      const end = seqs.findIndex((seq, index) => index >= at && seq > file.throughSeq)
      const wanted = seqs.slice(at, end === -1 ? undefined : end).slice(0, logPageRows)
      const read = await readEventTexts(await this.#open(file), { afterSeq: file.afterSeq, seqs: wanted })
      for (const seq of wanted) {
        const texts = read.get(seq)
        if (texts === undefined) throw new DamagedFile(file.key, `event ${seq} is missing`)
        characters += texts.data.length + (texts.changes?.length ?? 0)
        this.#options.texts.set(seq, texts)
        at++
        if (characters >= fetchedCharactersMax) return
      }
    }
  }

  /** Throws a DamagedFile where the file, as the store has it now, does not say to the letter what the log says. */
  async compareWithLog(file: EventFile): Promise<void> {
    const { events, store } = this.#options
    let expected = file.afterSeq + 1
    // A file that is open already may be in memory as a whole.
    for await (const rows of readEventRows(await openFile(store, file))) {
      const through = rows.at(-1)?.seq ?? 0
      const logged = new Map<number, LogRow>()
      for (let after = expected - 1; after < through;) {
        const page = events.read({
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
      await turn()
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

/** Lets writers through. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0))
}
