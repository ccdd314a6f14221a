// The lane through which all writes of a tenant pass, one after another. An idle lane commits a write immediately. Writes
// that arrive while a commit is being synced wait, and the next commit takes all of them. So a single writer does not wait,
// and many concurrent writers share one fsync.

import { ObjectError } from 'digital-objects'

/** Limits the waiting writes. Further ones are refused as `overloaded`, so that a slow disk cannot fill the memory. */
const waitingMax = 4_096
/** Limits the writes of one commit, and so the time that the object is busy with it. */
const groupMax = 512

export interface LaneWork<Item, Result> {
  /**
   * Performs one item inside the transaction, without awaiting. An error fails only that item. An ObjectError refuses it, and
   * must leave nothing written.
   */
  perform(item: Item): Result
  /** Called after a rollback, to drop caches that were derived from the transaction. */
  rolledBack(): void
  /** Called when the commit is on disk. Must not throw. */
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

  /** Resolves when the item is committed. The output gate holds messages until the commit is on disk. */
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
        // If the sync fails, the platform resets the object and drops all messages behind the gate.
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
   * Performs the group in one transaction. A refused item leaves nothing written, so the others remain. Only a bug can throw
   * after something was written: then all is rolled back and performed again with a nested transaction for each item, so that
   * only the faulty one fails. Nested transactions for every commit would cost a seventh of the throughput.
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

  /** Uses a nested transaction, so that a failing item leaves nothing behind and the others remain. */
  #performAlone(item: Item): Outcome<Result> {
    try {
      return { kind: 'done', result: this.#storage.transactionSync(() => this.#work.perform(item)) }
    } catch (error) {
      this.#work.rolledBack()
      return { kind: 'failed', error }
    }
  }
}
