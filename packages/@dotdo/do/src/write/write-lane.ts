// The lane through which all commits of a tenant pass, one after another. An idle lane commits immediately. Commits that
// arrive while a group is being synced wait, and the next group takes all of them. So a single writer does not wait, and
// many concurrent writers share one fsync.

import { ObjectError } from 'digital-objects'
import type { Written } from './change.ts'
import { Undecided } from './handler-decisions.ts'

/** Limits the waiting commits. Further ones are refused as `overloaded`, so that a slow disk cannot fill the memory. */
const waitingMax = 4_096
/** Limits the commits of one group, and the events after which no further one joins it: the object is busy with a group. */
const groupMax = 512

/** The result of a commit. */
export interface Performed {
  /** The changes that appended an event. */
  readonly written: readonly Written[]
}

export interface LaneWork {
  /** Called inside the transaction for each commit that was performed. */
  performed(written: readonly Written[]): void
  /** Called after a rollback, to drop caches that were derived from the transaction. */
  rolledBack(): void
  /** Called when a group is on disk. Must not throw. */
  durable(written: readonly Written[]): void
}

interface Waiting {
  /** Performs the commit inside the transaction. Throws its error. */
  readonly perform: () => Done
  readonly leavesNothing: boolean
  readonly reject: (error: unknown) => void
}

interface Done extends Performed {
  readonly resolve: () => void
}

type Outcome =
  | { readonly kind: 'done'; readonly done: Done }
  | { readonly kind: 'failed'; readonly error: unknown; readonly reject: Waiting['reject'] }

export class WriteLane {
  readonly #storage: DurableObjectStorage
  readonly #work: LaneWork
  #waiting: Waiting[] = []
  #isCommitting = false

  constructor(options: { storage: DurableObjectStorage; work: LaneWork }) {
    this.#storage = options.storage
    this.#work = options.work
  }

  /**
   * Performs a commit inside the transaction of its group, without awaiting, and resolves when the group is committed. The
   * output gate holds messages until it is on disk. An ObjectError or Undecided fails only this commit, and must leave nothing written. So
   * must any other error if `leavesNothing`; without it, another error is a bug that may have written something.
   */
  enqueue<Result extends Performed>(perform: () => Result, { leavesNothing = false } = {}): Promise<Result> {
    if (this.#waiting.length >= waitingMax) {
      return Promise.reject(
        new ObjectError({ code: 'overloaded', message: `${waitingMax} writes are waiting; try again shortly` }),
      )
    }
    return new Promise((resolve, reject) => {
      const performed = (): Done => {
        const result = perform()
        return { written: result.written, resolve: () => resolve(result) }
      }
      this.#waiting.push({ perform: performed, reject, leavesNothing })
      if (!this.#isCommitting) void this.#run()
    })
  }

  async #run(): Promise<void> {
    this.#isCommitting = true
    try {
      while (this.#waiting.length > 0) {
        const written = this.#commitGroup()
        // If the sync fails, the platform resets the object and drops all messages behind the gate.
        await this.#storage.sync()
        this.#work.durable(written)
      }
    } finally {
      this.#isCommitting = false
    }
  }

  #commitGroup(): readonly Written[] {
    const group = this.#waiting.slice(0, groupMax)
    let outcomes: readonly Outcome[]
    try {
      outcomes = this.#performAll(group)
    } catch (error) {
      this.#waiting.splice(0, group.length)
      this.#work.rolledBack()
      for (const { reject } of group) reject(error)
      return []
    }
    this.#waiting.splice(0, outcomes.length)
    const written: Written[] = []
    for (const outcome of outcomes) {
      if (outcome.kind === 'failed') outcome.reject(outcome.error)
      else {
        written.push(...outcome.done.written)
        outcome.done.resolve()
      }
    }
    return written
  }

  /**
   * Performs the group in one transaction. A refused commit leaves nothing written, so the others remain. Only a bug can
   * throw after something was written: then all is rolled back and performed again with a nested transaction for each commit,
   * so that only the faulty one fails. Nested transactions for every commit would cost a seventh of the throughput.
   */
  #performAll(group: readonly Waiting[]): readonly Outcome[] {
    try {
      return this.#storage.transactionSync(() => performSome(group, (waiting) => this.#performOrRefuse(waiting)))
    } catch {
      this.#work.rolledBack()
      return this.#storage.transactionSync(() => performSome(group, (waiting) => this.#performAlone(waiting)))
    }
  }

  #performOrRefuse(waiting: Waiting): Outcome {
    try {
      return this.#perform(waiting)
    } catch (error) {
      const isRefusal = error instanceof ObjectError || error instanceof Undecided
      if (!isRefusal && !waiting.leavesNothing) throw error
      return { kind: 'failed', error, reject: waiting.reject }
    }
  }

  /** Uses a nested transaction, so that a failing commit leaves nothing behind and the others remain. */
  #performAlone(waiting: Waiting): Outcome {
    try {
      return this.#storage.transactionSync(() => this.#perform(waiting))
    } catch (error) {
      this.#work.rolledBack()
      return { kind: 'failed', error, reject: waiting.reject }
    }
  }

  #perform({ perform }: Waiting): Outcome {
    const done = perform()
    this.#work.performed(done.written)
    return { kind: 'done', done }
  }
}

/** Performs the commits in order until they have enough events. The others stay in the queue. */
function performSome(group: readonly Waiting[], perform: (waiting: Waiting) => Outcome): readonly Outcome[] {
  const outcomes: Outcome[] = []
  let events = 0
  for (const waiting of group) {
    if (events >= groupMax) break
    const outcome = perform(waiting)
    outcomes.push(outcome)
    if (outcome.kind === 'done') events += outcome.done.written.length
  }
  return outcomes
}
