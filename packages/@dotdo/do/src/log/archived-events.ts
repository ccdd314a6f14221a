// Events whose texts have left the object: their heads are still rows of the log, what they say is in files. Reading is
// synchronous, so a read that needs some throws what it needs, they are fetched, and the read begins again: the past does
// not change meanwhile.

import { type EventTexts, LruCache } from '@dotdo/db'

/** Thrown by a read; `seqs` are to be fetched before it is tried again. */
export class ArchivedEvents extends Error {
  override readonly name = 'ArchivedEvents'
  readonly seqs: readonly number[]

  constructor(seqs: readonly number[]) {
    super(`what events ${seqs[0]} to ${seqs.at(-1)} say is in the archive`)
    this.seqs = seqs
  }
}

/** Several pages of the log. */
const charactersMax = 16_000_000
/** A read asks for one page after another, each of which may be the first of another file. */
const roundsMax = 20

/** Texts that were fetched, for as long as there is room. */
export class ArchivedTexts {
  readonly #texts = new LruCache<EventTexts>(charactersMax)

  get(seq: number): EventTexts | undefined {
    return this.#texts.get(String(seq))
  }

  set(seq: number, texts: EventTexts): void {
    this.#texts.set(String(seq), texts, texts.data.length + (texts.changes?.length ?? 0))
  }
}

/** Runs a synchronous read, again after each fetch that it turned out to need. */
export async function readWithArchive<Result>(
  read: () => Result,
  fetchTexts: (seqs: readonly number[]) => Promise<void>,
): Promise<Result> {
  for (let round = 1; ; round++) {
    try {
      return read()
    } catch (error) {
      if (!(error instanceof ArchivedEvents) || round === roundsMax) throw error
      await fetchTexts(error.seqs)
    }
  }
}
