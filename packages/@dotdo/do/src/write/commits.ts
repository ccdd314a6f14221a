// Makes commits: in the lane, or as a rehearsal that is rolled back and leaves nothing.

import type { JsonValue } from 'digital-objects'
import type { TenantMeta } from '../log/tenant-meta.ts'
import type { Change, Written } from './change.ts'
import {
  commitChange,
  type CommitOptions,
  type CommitParts,
  type Committed,
  commitWork,
  type CommitWork,
} from './commit.ts'
import type { HandlerReads } from './hooks.ts'
import { type Prepared, prepareChange, preparationsMax, StalePreparation } from './prepare-change.ts'
import type { WriteLane } from './write-lane.ts'

export interface CommitsOptions {
  readonly storage: DurableObjectStorage
  readonly parts: CommitParts
  readonly lane: WriteLane
  readonly meta: Pick<TenantMeta, 'reload'>
  /** Opens the reads of asynchronous handlers. */
  readonly openReads: () => HandlerReads
}

export class Commits {
  readonly #storage: DurableObjectStorage
  readonly #parts: CommitParts
  readonly #lane: WriteLane
  readonly #meta: CommitsOptions['meta']
  readonly #openReads: CommitsOptions['openReads']

  constructor({ storage, parts, lane, meta, openReads }: CommitsOptions) {
    this.#storage = storage
    this.#parts = parts
    this.#lane = lane
    this.#meta = meta
    this.#openReads = openReads
  }

  /** Commits one change. The function is called in the lane, so that it can use the definitions of that time. */
  async change(makeChange: () => Change): Promise<Written> {
    const { asyncBefore: handlers } = this.#parts
    if (handlers.length === 0) return (await this.#lane.enqueue(() => this.#changeNow(makeChange))).change
    for (let attempt = 1; ; attempt++) {
      const prepared = await prepareChange(makeChange(), { parts: this.#parts, handlers, openReads: this.#openReads })
      try {
        return (await this.#lane.enqueue(() => this.#changeNow(makeChange, prepared))).change
      } catch (error) {
        if (!(error instanceof StalePreparation) || attempt === preparationsMax) throw error
      }
    }
  }

  /** Runs the work in the lane as one commit. If it throws an ObjectError, nothing has changed. */
  work<Result extends JsonValue>(work: CommitWork<Result>, options: CommitOptions): Promise<Committed<Result>> {
    return this.#lane.enqueue(() => this.#alone(() => commitWork(this.#parts, work, options)), { leavesNothing: true })
  }

  /** Performs the change at once. Only for a transaction that will be rolled back. */
  rehearseChange(makeChange: () => Change): Written {
    return this.#changeNow(makeChange).change
  }

  /** Runs the work as one commit, at once, and rolls it back. An idempotency key has no effect. */
  rehearseWork<Result extends JsonValue>(work: CommitWork<Result>, options: CommitOptions): Committed<Result> {
    let committed: Committed<Result> | undefined
    try {
      return this.#alone(() => {
        committed = commitWork(this.#parts, work, { ...options, idempotency: undefined })
        throw new RolledBack()
      })
    } catch (error) {
      if (error instanceof RolledBack && committed !== undefined) return committed
      throw error
    }
  }

  #changeNow(
    makeChange: () => Change,
    prepared?: Prepared,
  ): { readonly change: Written; readonly written: readonly Written[] } {
    const made = makeChange()
    const change = commitChange(this.#parts, prepared?.resolve(made) ?? made, prepared?.nowMs)
    return { change, written: change.isReplay || change.isUnchanged ? [] : [change] }
  }

  /** Runs in a nested transaction, so that an error leaves nothing written. */
  #alone<Result>(perform: () => Result): Result {
    const { catalog, events, state } = this.#parts
    const before = { log: events.mark(), state: state.mark(), catalog: catalog.current }
    try {
      return this.#storage.transactionSync(perform)
    } catch (error) {
      events.rollBack(before.log)
      state.rollBack(before.state)
      if (catalog.current !== before.catalog) catalog.reload()
      this.#meta.reload()
      throw error
    }
  }
}

class RolledBack extends Error {}
