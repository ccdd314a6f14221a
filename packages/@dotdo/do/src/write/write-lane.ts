// The lane that all writes of a tenant go through, one after another, and the commit that those who come together
// share. A write that finds the lane idle is committed at once; writes that arrive while a commit is on its way to the
// disk wait, and the next commit takes all of them. So one writer pays nothing, and sixty-four share one fsync.

import { ObjectError } from 'digital-objects'

/** More than this waiting is refused as `overloaded`, so that a slow disk cannot fill the memory. */
const waitingMax = 4_096
/** One commit takes at most this many, which bounds how long the object is busy with it. */
const groupMax = 512

export interface LaneWork<Item, Result> {
  /**
   * Carries out one item, inside the transaction, without awaiting. What it throws fails that item alone; an ObjectError,
   * which refuses it, must come before anything was written.
   */
  perform(item: Item): Result
  /** The transaction is gone with all that it did: forget what was derived from it. */
  rolledBack(): void
  /** The commit is on the disk. Must not throw. */
  durable(results: readonly Result[]): void
}

interface Waiting<Item, Result> {
  readonly item: Item
  readonly resolve: (result: Result) => void
  readonly reject: (error: unknown) => void
}

type Outcome<Result> =
  | { readonly kind: 'done'; readonly result: Result }
  | { readonly kind: 'failed'; readonly error: unknown }

export class WriteLane<Item, Result> {
  readonly #storage: DurableObjectStorage
  readonly #work: LaneWork<Item, Result>
  #waiting: Waiting<Item, Result>[] = []
  #isCommitting = false

  constructor(options: { storage: DurableObjectStorage; work: LaneWork<Item, Result> }) {
    this.#storage = options.storage
    this.#work = options.work
  }

  /** Resolves once the item is committed; the output gate holds what is sent until that is on the disk. */
  enqueue(item: Item): Promise<Result> {
    if (this.#waiting.length >= waitingMax) {
      return Promise.reject(
        new ObjectError({ code: 'overloaded', message: `${waitingMax} writes are waiting; try again shortly` }),
      )
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject })
      if (!this.#isCommitting) void this.#run()
    })
  }

  async #run(): Promise<void> {
    this.#isCommitting = true
    try {
      while (this.#waiting.length > 0) {
        const results = this.#commit(this.#waiting.splice(0, groupMax))
        // A failure to sync breaks the object: the platform resets it, and no answer leaves through the gate.
        await this.#storage.sync()
        this.#work.durable(results)
      }
    } finally {
      this.#isCommitting = false
    }
  }

  #commit(group: readonly Waiting<Item, Result>[]): Result[] {
    let outcomes: Outcome<Result>[]
    try {
      outcomes = this.#performAll(group)
    } catch (error) {
      this.#work.rolledBack()
      for (const { reject } of group) reject(error)
      return []
    }
    const results: Result[] = []
    for (const [at, outcome] of outcomes.entries()) {
      if (outcome.kind === 'failed') {
        group[at]?.reject(outcome.error)
        continue
      }
      results.push(outcome.result)
      group[at]?.resolve(outcome.result)
    }
    return results
  }

  /**
   * One transaction for all of them. Who is refused has written nothing, so the others stand. Only a fault of ours can
   * come after something was written: then all is undone, and done again with a transaction of its own for each, so
   * that just the faulty one fails. Always doing that would cost a seventh of all throughput.
   */
  #performAll(group: readonly Waiting<Item, Result>[]): Outcome<Result>[] {
    try {
      return this.#storage.transactionSync(() => group.map(({ item }) => this.#performOrRefuse(item)))
    } catch {
      this.#work.rolledBack()
      return this.#storage.transactionSync(() => group.map(({ item }) => this.#performAlone(item)))
    }
  }

  #performOrRefuse(item: Item): Outcome<Result> {
    try {
      return { kind: 'done', result: this.#work.perform(item) }
    } catch (error) {
      if (!(error instanceof ObjectError)) throw error
      return { kind: 'failed', error }
    }
  }

  /** A transaction inside the group's, so that one item may fail and leave nothing while the others stand. */
  #performAlone(item: Item): Outcome<Result> {
    try {
      return { kind: 'done', result: this.#storage.transactionSync(() => this.#work.perform(item)) }
    } catch (error) {
      this.#work.rolledBack()
      return { kind: 'failed', error }
    }
  }
}
