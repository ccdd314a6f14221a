// Work that a synchronous read needs and that would hold the thread for too long. The read throws it; the work is done in
// slices, and the read starts again.

export class Unfinished extends Error {
  override readonly name = 'Unfinished'
  /** Does the work. After it, the read that threw this can be repeated. */
  readonly finish: () => Promise<void>

  constructor(finish: () => Promise<void>) {
    super('this read needs work that is done in slices')
    this.finish = finish
  }
}

/** Limits the rounds of one read. Each needs at most a few: its page, its total, its words. */
const roundsMax = 32

/** Runs a read, and repeats it after each work that it needs. A work may find that it needs another one first. */
export async function readInRounds<Result>(read: () => Result | Promise<Result>): Promise<Result> {
  let work: Unfinished | undefined
  for (let round = 1; ; round++) {
    try {
      if (work !== undefined) await work.finish()
      return await read()
    } catch (error) {
      if (!(error instanceof Unfinished) || round === roundsMax) throw error
      work = error
    }
  }
}
