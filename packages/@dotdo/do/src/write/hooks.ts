// What may be hung onto a write. BEFORE hooks run inside the lane, so they are synchronous and only read; AFTER
// handlers run from the outbox, at least once, after the commit.

import type { EntityFields, NounSchema, ObjectEvent } from 'digital-objects'
import type { RetryRule } from '../jobs/job.ts'

/** What a BEFORE hook is shown. */
export interface BeforeContext {
  readonly schema: NounSchema
  /** The infinitive: `create`, `qualify`. */
  readonly verb: string
  /** The entity's fields before the write; absent for a creation. */
  readonly previous?: EntityFields
  readonly actor: string
  /** Another entity's fields as they are at this point of the lane. */
  readonly read: (noun: string, id: string) => EntityFields | undefined
}

export interface BeforeHook {
  readonly id: string
  /** Whether it is for this verb of this Noun. */
  readonly applies: (noun: string, verb: string) => boolean
  /**
   * Returns the fields to write, or nothing to leave them; throws an ObjectError `hook_rejected` to refuse. What it
   * returns is validated again. It must not await and cannot write.
   */
  readonly run: (fields: EntityFields, context: BeforeContext) => EntityFields | void
}

export interface AfterHandler {
  /** Stable: outbox rows name it. A row whose handler is gone is parked. */
  readonly id: string
  readonly handles: (event: { readonly type: string; readonly target: string }) => boolean
  /**
   * May run more than once for an event, but never twice at the same time or out of order for the same entity. If it
   * throws, it is retried by `retry` and then parked. It cannot undo the write.
   */
  readonly run: (event: ObjectEvent) => Promise<void>
  /** `defaultHandlerRetry` unless it says otherwise. */
  readonly retry?: HandlerRetry
}

/** A handler always gives up at some point, so that it cannot hold up its entity for ever. */
export type HandlerRetry = RetryRule & { readonly attemptsMax: number }

/** Retries for 3 minutes: after 0.5, 2, 8, 32 and 128 seconds. */
export const defaultHandlerRetry: HandlerRetry = { firstMs: 500, factor: 4, maxMs: 128_000, attemptsMax: 6 }

export interface Hooks {
  readonly before: readonly BeforeHook[]
  readonly after: readonly AfterHandler[]
}

export const noHooks: Hooks = { before: [], after: [] }
