// Runs the asynchronous BEFORE handlers of a change ahead of the lane. Inside the lane, the prepared change is made only if
// the entity, the definition and everything that the handlers read are as they were.

import { withDeadline } from '@dotdo/db'
import { type EntityFields, ObjectError } from 'digital-objects'
import type { Change } from './change.ts'
import type { CommitParts } from './commit.ts'
import type { AsyncBeforeHandler, HandlerReads } from './hooks.ts'
import { decideChange } from './perform-change.ts'

/** A handler that takes longer has refused the write. */
export const asyncBeforeMsMax = 10_000
/** Runs of the handlers for one write. */
export const preparationsMax = 4

/** Something that a preparation depends on has changed before the commit. */
export class StalePreparation extends ObjectError {}

export interface Prepared {
  /** The preferred time of the commit, which the handlers saw. */
  readonly nowMs: number
  /** Call it in the lane. Throws a StalePreparation, or returns the change with the fields that the handlers gave. */
  readonly resolve: (change: Change) => Change
}

export interface PreparationOptions {
  readonly parts: CommitParts
  readonly handlers: readonly AsyncBeforeHandler[]
  readonly openReads: () => HandlerReads
}

/** Returns undefined if no handler applies, or if the request was answered before. Throws the refusal of a handler. */
export async function prepareChange(change: Change, options: PreparationOptions): Promise<Prepared | undefined> {
  const { parts, openReads } = options
  const handlers = options.handlers.filter(({ applies }) => applies(change.schema.name, change.verb.name))
  if (handlers.length === 0) return undefined
  if (change.idempotency !== undefined && parts.idempotency.isKnown(change.idempotency, parts.clock.realMs()))
    return undefined
  const nowMs = parts.clock.next()
  const seen = seqOf(parts, change)
  const reads = openReads()
  const { current, fields } = decideChange(parts, change, nowMs)
  // A change that changes nothing has nothing to handle.
  const prepared = fields && (await runHandlers(fields, { change, current, handlers, reads, parts }))
  const resolve = (inLane: Change): Change => {
    const conflict = conflictOf(inLane, { change, seen, reads, parts })
    if (conflict !== undefined) throw new StalePreparation(conflict.toData())
    // The change's own checks may depend on the time and on what the caller may see.
    const decide: Change['decide'] = (context) => (inLane.decide(context) === undefined ? undefined : prepared)
    return { ...inLane, isPrepared: true, decide }
  }
  return { nowMs, resolve }
}

async function runHandlers(
  fields: EntityFields,
  of: {
    readonly change: Change
    readonly current: EntityFields | undefined
    readonly handlers: readonly AsyncBeforeHandler[]
    readonly reads: HandlerReads
    readonly parts: CommitParts
  },
): Promise<EntityFields> {
  const { change, current, handlers, reads, parts } = of
  const { schema, verb, actor } = change
  const previous = current === undefined ? {} : { previous: current }
  let result = fields
  for (const handler of handlers) {
    const run = handler.run(result, { schema, verb: verb.name, ...previous, actor, read: reads.read })
    const given = await withDeadline(run, {
      ms: asyncBeforeMsMax,
      timeoutError: () =>
        new ObjectError({
          code: 'hook_rejected',
          message: `the handler '${handler.id}' took longer than ${asyncBeforeMsMax} ms, so nothing was changed`,
        }),
    })
    if (given !== undefined) result = parts.validate(schema, given)
  }
  return result
}

function conflictOf(
  inLane: Change,
  of: {
    readonly change: Change
    readonly seen: number | undefined
    readonly reads: HandlerReads
    readonly parts: CommitParts
  },
): ObjectError | undefined {
  const { change, seen, reads, parts } = of
  if (inLane.schema !== change.schema) return changedMeanwhile(`the definition of ${change.schema.name}`)
  if (seqOf(parts, inLane) !== seen) return changedMeanwhile(`${change.schema.name} '${change.target ?? ''}'`)
  return reads.conflict()
}

/** The last event of the entity; undefined if there is no such entity. */
function seqOf({ state }: CommitParts, { schema, target }: Change): number | undefined {
  return target === undefined ? undefined : state.get(state.tableOf(schema), target)?.seq
}

function changedMeanwhile(what: string): ObjectError {
  return new ObjectError({
    code: 'read_conflict',
    message: `${what} was changed while handlers of this write ran; send the write again`,
  })
}
