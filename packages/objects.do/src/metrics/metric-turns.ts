// The turns of a read of metrics: what it has computed is kept for its next attempt, and after some thousands of rows other
// requests get the thread. All parts of the answer are of one state.

import { type ReadRun, readInRounds, type TenantStore, Unfinished } from '@dotdo/do'

export interface MetricTurnsOptions {
  readonly store: TenantStore
  /** Absent inside a commit, which cannot pause. */
  readonly run?: ReadRun
}

/** The rows of one turn, as a part of those that a scan examines in about 10 ms: metrics compute with what they read. */
const turnShare = 0.35

export class MetricTurns {
  readonly #options: MetricTurnsOptions
  /** The rows that this attempt has read. */
  #rows = 0

  constructor(options: MetricTurnsOptions) {
    this.#options = options
  }

  /** Returns what an earlier attempt has computed, or computes it. Throws Unfinished if others have to come first. */
  once<Result>(key: string, rows: number, compute: () => Result): Result {
    const { run, store } = this.#options
    if (run === undefined) return compute()
    if (run.has(key)) return run.get(key) as Result // put by an earlier attempt of this read
    // The pause comes before further work, since after the last one it would be for nothing.
    if (this.#rows > 0 && this.#rows + rows > store.sliceSettings.rowsPerSlice * turnShare) {
      this.#rows = 0
      run.pin(store.events.head)
      throw new Unfinished(() => store.inSlices((slices) => slices.pause()))
    }
    this.#rows += rows
    const result = compute()
    run.set(key, result)
    return result
  }
}

/** Computes one part in the turns of all. */
export type ComputePart<Result> = (turns: MetricTurns) => (name: string) => Result

/**
 * Computes the parts of an answer one after another, each in as many attempts as it needs. `begin` returns a function that
 * computes parts from the state of an attempt.
 */
export function eachInRounds<Result>(
  { store, run }: MetricTurnsOptions,
  names: readonly string[],
  begin: ComputePart<Result>,
): readonly Result[] {
  const key = JSON.stringify(['each', names])
  if (run?.has(key) === true) return run.get(key) as readonly Result[] // put by an earlier attempt of this read
  const results: Result[] = []
  const turns = new MetricTurns(run === undefined ? { store } : { store, run })
  try {
    const compute = begin(turns)
    for (const name of names) results.push(compute(name))
    return results
  } catch (error) {
    if (run === undefined || !(error instanceof Unfinished)) throw error
    run.pin(store.events.head)
    throw new Unfinished(async () => {
      await error.finish()
      for (const name of names.slice(results.length)) results.push(await readInRounds(() => begin(turns)(name)))
      run.set(key, results)
    })
  }
}
