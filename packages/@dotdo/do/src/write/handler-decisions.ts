// The decisions of asynchronous BEFORE handlers about the changes of one commit. A commit is synchronous and cannot wait for
// them. So a change that a handler has not seen ends the commit, which leaves nothing; the handlers run, each on the state
// before the commit; and the commit is made again with their decisions, as long as what they read is still true.

import { withDeadline } from '@dotdo/db'
import { type EntityFields, type NounSchema, ObjectError } from 'digital-objects'
import type { Change } from './change.ts'
import type { AsyncBeforeHandler, HandlerReads } from './hooks.ts'

/** A handler that takes longer has refused the write. */
export const asyncBeforeMsMax = 10_000
/** Repetitions of one commit because others changed what its handlers had read. */
export const conflictsMax = 3
/** Repetitions of one commit in which further changes needed handlers: those of effects come after their causes. */
const roundsMax = 32
/** Handlers of one commit that run concurrently. */
const runningMax = 4
/** Limits the changes of one commit that wait for handlers. */
const decisionsMax = 10_000

/** Ends a commit whose handlers have to run first. It has written nothing. */
export class Undecided extends Error {
  override readonly name = 'Undecided'
}

export interface HandlerParts {
  readonly openReads: () => HandlerReads
  readonly validate: (schema: NounSchema, fields: EntityFields) => EntityFields
}

/** A change that handlers apply to. */
export interface ToHandle {
  readonly change: Change
  /** The entity's fields before the change; undefined for a creation. */
  readonly current: EntityFields | undefined
  /** The fields that the change would give it. */
  readonly fields: EntityFields
  readonly handlers: readonly AsyncBeforeHandler[]
  readonly point: { readonly number: number; readonly nowMs: number }
}

interface Decision {
  readonly reads: HandlerReads
  readonly outcome: { readonly fields: EntityFields } | { readonly refusal: ObjectError }
}

export class HandlerDecisions {
  /** The timestamp that the handlers saw, which the commit prefers. */
  nowMs: number | undefined
  readonly #parts: HandlerParts
  readonly #made = new Map<string, Decision>()
  #pending = new Map<string, ToHandle>()
  #isCollecting = false
  #rounds = 0
  #conflicts = 0
  /** Ids that the first attempt made, by prefix: the decisions of later changes may name the entities of earlier ones. */
  readonly #ids = new Map<string, string[]>()
  #given = new Map<string, number>()

  constructor(parts: HandlerParts) {
    this.#parts = parts
  }

  /** Begins an operation, which may take several attempts. */
  open(): void {
    this.#ids.clear()
    this.#rounds = 0
    this.#conflicts = 0
  }

  /**
   * Begins an attempt. One that collects goes on with undecided changes as they are, and throws at its end, so that all their
   * handlers run together; it needs a transaction that is rolled back.
   */
  begin({ isCollecting }: { readonly isCollecting: boolean }): void {
    this.#isCollecting = isCollecting
    this.#pending = new Map()
    this.#given = new Map()
  }

  /** Returns the id that an earlier attempt has made at this place, or a new one. */
  nextId(prefix: string, make: () => string): string {
    const ids = this.#ids.get(prefix) ?? []
    this.#ids.set(prefix, ids)
    const at = this.#given.get(prefix) ?? 0
    this.#given.set(prefix, at + 1)
    return (ids[at] ??= make())
  }

  /** Returns the fields that the handlers have given. Throws their refusal, or Undecided. `head` is the last event of the log. */
  take(asked: ToHandle, head: number): EntityFields {
    const key = keyOf(asked)
    const { number, nowMs } = asked.point
    this.nowMs ??= nowMs
    const made = this.#made.get(key)
    const conflict = made?.reads.conflict(number - 1)
    if (made !== undefined && conflict === undefined) {
      if (made.reads.touch({ after: number - 1, through: head })) throw readsOwnCommit(asked)
      if ('refusal' in made.outcome) throw made.outcome.refusal
      return made.outcome.fields
    }
    if (conflict !== undefined && ++this.#conflicts > conflictsMax) throw conflict
    this.#made.delete(key)
    this.#pending.set(key, asked)
    if (!this.#isCollecting || this.#pending.size >= decisionsMax) throw new Undecided()
    return asked.fields
  }

  /** Call it at the end of an attempt that collects. An error of it counts only if all its changes were decided. */
  requireDecided(): void {
    if (this.#pending.size > 0) throw new Undecided()
  }

  /** Runs the handlers of all changes that wait for them. */
  async settle(): Promise<void> {
    if (++this.#rounds > roundsMax) throw tooManyRounds()
    const waiting = [...this.#pending]
    this.#pending = new Map()
    const work = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const [key, asked] = next
        this.#made.set(key, await this.#run(asked))
      }
    }
    await Promise.all(Array.from({ length: runningMax }, work))
  }

  async #run({ change, current, fields, handlers, point }: ToHandle): Promise<Decision> {
    const reads = this.#parts.openReads()
    const { schema, verb, actor } = change
    const previous = current === undefined ? {} : { previous: current }
    const target = change.target === undefined ? {} : { target: change.target }
    let given = fields
    try {
      for (const handler of handlers) {
        const context = { schema, verb: verb.name, ...previous, ...target, actor, nowMs: point.nowMs, read: reads.read }
        const result = await withDeadline(handler.run(given, context), {
          ms: asyncBeforeMsMax,
          timeoutError: () => tooLate(handler),
        })
        if (result !== undefined) given = this.#parts.validate(schema, result)
      }
      return { reads, outcome: { fields: given } }
    } catch (error) {
      if (error instanceof ObjectError) return { reads, outcome: { refusal: error } }
      throw error
    }
  }
}

/** Equal changes of equal entities have equal decisions. The time of the commit may differ between attempts. */
function keyOf({ change, current, fields, handlers, point }: ToHandle): string {
  const { schema, verb, target, actor } = change
  const ids = handlers.map(({ id, stamp }) => [id, stamp?.(schema.name, verb.name) ?? ''])
  const text = JSON.stringify([
    ids,
    schema.name,
    schema.version,
    verb.name,
    target ?? '',
    actor,
    current ?? null,
    fields,
  ])
  return text.replaceAll(JSON.stringify(new Date(point.nowMs).toISOString()), '"now"')
}

function readsOwnCommit({ change, handlers }: ToHandle): ObjectError {
  const { schema, verb } = change
  return new ObjectError({
    code: 'hook_rejected',
    message:
      `${schema.name}.${verb.name} waits for the handler '${handlers[0]?.id ?? ''}', which reads what this commit changes ` +
      'before; send it as a write of its own',
  })
}

function tooLate({ id }: AsyncBeforeHandler): ObjectError {
  return new ObjectError({
    code: 'hook_rejected',
    message: `the handler '${id}' took longer than ${asyncBeforeMsMax} ms, so nothing was changed`,
  })
}

function tooManyRounds(): ObjectError {
  return new ObjectError({
    code: 'hook_rejected',
    message: `handlers lead to further changes that need handlers, more than ${roundsMax} times; nothing was changed`,
  })
}
