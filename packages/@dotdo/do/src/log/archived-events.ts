// Events whose texts have left the object. Their heads are still rows of the log, their texts are in files. Reads are
// synchronous, so a read that needs such texts throws their `seq`s; the texts are fetched, and the read starts again.
// The past does not change in between.

import { type EventTexts, LruCache } from '@dotdo/db'

/** Thrown by a read: fetch `seqs` and repeat the read. */
export class ArchivedEvents extends Error {
  override readonly name = 'ArchivedEvents'
  readonly seqs: readonly number[]

  constructor(seqs: readonly number[]) {
    super(`the texts of events ${seqs[0]} to ${seqs.at(-1)} are in the archive`)
    this.seqs = seqs
  }
}

/** Limits the cached characters to a few of the largest pages of the log. */
const charactersMax = 24_000_000
/** Limits the fetches of one read. It may need several pages, each from another file. */
const roundsMax = 20

/** Fetched texts, kept while there is room. */
export class ArchivedTexts {
  #texts = new LruCache<EventTexts>(charactersMax)

  get(seq: number): EventTexts | undefined {
    return this.#texts.get(String(seq))
  }

  clear(): void {
    this.#texts = new LruCache(charactersMax)
  }

  set(seq: number, texts: EventTexts): void {
    this.#texts.set(String(seq), texts, texts.data.length + (texts.changes?.length ?? 0))
  }
}

/** Runs a synchronous read, and repeats it after each fetch that it needs. Most reads need none and return at once. */
export function readWithArchive<Result>(
  read: () => Result,
  fetchTexts: (seqs: readonly number[]) => Promise<void>,
): Result | Promise<Result> {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof ArchivedEvents)) throw error
    return readAfterFetch(read, error, fetchTexts)
  }
}

async function readAfterFetch<Result>(
  read: () => Result,
  first: ArchivedEvents,
  fetchTexts: (seqs: readonly number[]) => Promise<void>,
): Promise<Result> {
  let { seqs } = first
  for (let round = 1; ; round++) {
    await fetchTexts(seqs)
    try {
      return read()
    } catch (error) {
      if (!(error instanceof ArchivedEvents) || round === roundsMax) throw error
      ;({ seqs } = error)
    }
  }
}

/** Makes a commit, and repeats it after each fetch that it needs. */
export async function commitWithArchive<Result>(
  commit: () => Result | Promise<Result>,
  fetchTexts: (seqs: readonly number[]) => Promise<void>,
): Promise<Result> {
  for (let round = 1; ; round++) {
    try {
      return await commit()
    } catch (error) {
      if (!(error instanceof ArchivedEvents) || round === roundsMax) throw error
      await fetchTexts(error.seqs)
    }
  }
}
