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

/** Limits the works of one read: each call of a message reads at most a few lists. */
const roundsMax = 64

/** Runs a read, and repeats it after each work that it needs. */
export async function readInRounds<Result>(read: () => Promise<Result>): Promise<Result> {
  for (let round = 1; ; round++) {
    try {
      return await read()
    } catch (error) {
      if (!(error instanceof Unfinished) || round === roundsMax) throw error
      await error.finish()
    }
  }
}
