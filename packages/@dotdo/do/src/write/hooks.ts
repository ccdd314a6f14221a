// Hooks of a write. BEFORE hooks run inside the lane, so they are synchronous and may only read. Asynchronous BEFORE handlers
// run ahead of the lane, and the commit checks that what they read has not changed. AFTER handlers run from the outbox after
// the commit, at least once.

import type { CallOf, EntityFields, JsonValue, NounSchema, ObjectError, ObjectEvent } from 'digital-objects'
import type { RetryRule } from '../jobs/job.ts'

/** The context of a BEFORE hook. */
export interface BeforeContext {
  readonly schema: NounSchema
  /** The infinitive: `create`, `qualify`. */
  readonly verb: string
  /** The entity's fields before the write; absent for a creation. */
  readonly previous?: EntityFields
  readonly actor: string
  /** Returns the current fields of another entity. */
  readonly read: (noun: string, id: string) => EntityFields | undefined
  /** Whether the caller may see an entity of any Noun; absent for a caller who sees everything, and for an effect. */
  readonly sees?: (id: string) => boolean
}

export interface BeforeHook {
  readonly id: string
  /** Whether the hook runs for this verb of this Noun. */
  readonly applies: (noun: string, verb: string) => boolean
  /**
   * Returns new fields, which are validated again, or nothing to keep the given ones. Throws an ObjectError `hook_rejected`
   * to refuse the write. It must not await and cannot write.
   */
  readonly run: (fields: EntityFields, context: BeforeContext) => EntityFields | void
}

/** A read or a pipeline, as any caller sends it. */
export type HandlerRead = CallOf<'read'> | CallOf<'pipeline'>

/** The context of an asynchronous BEFORE handler. It sees one state of the tenant, and cannot write. */
export interface AsyncBeforeContext extends Omit<BeforeContext, 'read' | 'sees'> {
  /** Returns the body of the answer. Throws an ObjectError. */
  readonly read: (call: HandlerRead) => Promise<JsonValue>
  /** The id of the entity; absent for a creation. */
  readonly target?: string
  /** The time of the write. */
  readonly nowMs: number
}

export interface AsyncBeforeHandler extends Pick<BeforeHook, 'id' | 'applies'> {
  /**
   * Returns new fields, which are validated again, or nothing to keep the given ones. Throws an ObjectError `hook_rejected`
   * to refuse the write. It delays its caller and nobody else, for `asyncBeforeMsMax` at most. It runs again if something
   * that it has read changes before the commit. In a commit of several changes it sees the state before all of them.
   */
  readonly run: (fields: EntityFields, context: AsyncBeforeContext) => Promise<EntityFields | void>
  /** A string that changes if the handler would decide otherwise for another reason than what it was given or has read. */
  readonly stamp?: (noun: string, verb: string) => string
}

/** The reads of one run of asynchronous handlers, which are recorded. */
export interface HandlerReads extends Pick<AsyncBeforeContext, 'read'> {
  /** Returns the conflict if something that was read has been changed since, by an event up to this `seq`. */
  readonly conflict: (through: number) => ObjectError | undefined
  /** Whether events of a range would have changed what was read. */
  readonly touch: (range: { readonly after: number; readonly through: number }) => boolean
}

export interface AfterHandler {
  /** Must never change: outbox rows refer to it. A row whose handler was removed is parked. */
  readonly id: string
  readonly handles: (event: { readonly type: string; readonly target: string; readonly actor: string }) => boolean
  /**
   * Handles the event. It may run more than once for an event, but not concurrently or out of order for the same entity. If
   * it throws, it is retried by `retry` and then parked; a `Postponed` waits until its time. It cannot undo the write.
   */
  readonly run: (event: ObjectEvent) => Promise<void>
  /**
   * True if it has effects outside of the tenant that cannot be taken back, such as a message. From its first attempt on, an
   * undo of the event is refused. A function says it of each event.
   */
  readonly isExternal?: true | ((event: ObjectEvent) => boolean)
  /** Called before an event that failed too often is parked, with the last error. If it throws, the event is parked all the same. */
  readonly gaveUp?: (event: ObjectEvent, message: string) => Promise<void>
  /** `defaultHandlerRetry` by default. */
  readonly retry?: HandlerRetry
  /** Events that it may handle at a time, each of another entity. */
  readonly runningMax?: number
}

/** Retries of a handler are limited, so that it cannot block its entity for ever. */
export type HandlerRetry = RetryRule & { readonly attemptsMax: number }

/** Retries for 3 minutes: after 0.5, 2, 8, 32 and 128 seconds. */
export const defaultHandlerRetry: HandlerRetry = { firstMs: 500, factor: 4, maxMs: 128_000, attemptsMax: 6 }

/** AFTER handlers that come and go while the object runs, such as functions that a tenant has stored. */
export interface ChangingAfter {
  /** Begins the ids of the handlers, and must never change. */
  readonly prefix: string
  /** Returns the ids, without the prefix, of those that handle an event. */
  readonly handling: (event: { readonly type: string; readonly target: string }) => readonly string[]
  /** Returns the handler for an event that waits for it; its retries are those of any handler. */
  readonly find: (id: string) => Pick<AfterHandler, 'run' | 'retry' | 'runningMax'>
}

export interface Hooks {
  readonly before: readonly BeforeHook[]
  readonly asyncBefore?: readonly AsyncBeforeHandler[]
  readonly after: readonly AfterHandler[]
  readonly changingAfter?: readonly ChangingAfter[]
}

export const noHooks: Hooks = { before: [], after: [] }
