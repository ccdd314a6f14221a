// `$.commits`: what was committed, newest first, live, and how to take it back.

import { isObject, type KnownName, type ObjectEvent } from 'digital-objects'
import { checkOptions } from '../base/check-options.ts'
import { HeadlesslyError } from '../base/headlessly-error.ts'
import type { CallOptions } from '../calls/call-options.ts'
import type { DryRun } from '../calls/dry-run.ts'
import { type HappenedAt, toAt } from '../calls/happened-at.ts'
import { makeKey } from '../calls/make-key.ts'
import { parseDryRun, unexpectedAnswer } from '../calls/parse-answer.ts'
import { endOfJob, jobIn } from '../calls/server-job.ts'
import type { Session } from '../calls/session.ts'
import type { Dry } from '../entities/entity-methods.ts'
import {
  commitFeed,
  subscribe,
  type SubscribeOptions,
  subscribeOptions,
  type Unsubscribe,
} from '../events/subscription.ts'
import { type Commit, listCommits } from '../events/list-commits.ts'
import type { EventLike, EventPattern } from '../types/event-types.ts'
import type { NounKey } from '../types/noun-of.ts'

/**
 * A commit that took back others; its number is null if there was nothing to take back, and if it was more than one commit
 * holds, so that a job did.
 */
export interface UndoingCommit<Event = ObjectEvent> {
  readonly commit: number | null
  readonly timestamp: string | null
  readonly actor: string | null
  readonly events: readonly Event[]
  /** The job that made several commits, and the changes that it took back; undo it by its id. */
  readonly job?: { readonly id: string; readonly done: number }
}

/** A commit, a range of commits, all commits of an actor since a time, or those that a job has made. */
export type Undone =
  | number
  | { readonly from: number; readonly to: number }
  | { readonly actor: string; readonly since: string | Date }
  | { readonly job: string }

export interface UndoOptions extends CallOptions, HappenedAt {
  readonly idempotencyKey?: string | undefined
}

export interface CommitsOf<Keys extends NounKey, Patterns extends string> {
  /** Throws `not_found` if there is no commit of this number, or none of its events is visible. */
  get(commit: number, options?: CallOptions): Promise<Commit>
  /** The newest ones, newest first: 20 by default, at most 100. `before` continues a list. */
  list(
    options?: CallOptions & { readonly limit?: number | undefined; readonly before?: number | undefined },
  ): Promise<readonly Commit[]>
  undo(undone: Undone, options: UndoOptions & Dry): Promise<DryRun<UndoingCommit>>
  /**
   * Writes the events that restore what was changed, as a new commit. Throws `undo_conflict`, whose `detail` lists later
   * changes of the same fields, or `undo_irreversible`. More than one commit holds is taken back by a job, which is awaited:
   * it is not atomic, but what is known to be in conflict refuses it before it changes anything.
   */
  undo(undone: Undone, options?: UndoOptions): Promise<UndoingCommit>
  /** Subscribes like `$.events.subscribe`, with all events of a commit that match the pattern at once. */
  subscribe<const Pattern extends Patterns>(
    pattern: Pattern,
    listener: (commit: Commit<EventLike<Keys, Pattern>>) => void | Promise<void>,
    options?: SubscribeOptions,
  ): Unsubscribe
}

export type Commits = CommitsOf<KnownName, EventPattern>

const undoOptions = { at: 'time', dryRun: 'boolean', idempotencyKey: 'string', signal: 'signal' } as const
const listOptions = { limit: 'number', before: 'number', signal: 'signal' } as const

export function makeCommits<Keys extends NounKey, Patterns extends string>(
  session: () => Session,
): CommitsOf<Keys, Patterns> {
  const get = async (commit: number, { signal }: CallOptions = {}): Promise<Commit> => {
    const id = String(checkedNumber(commit, 'commits.get'))
    return parseCommit((await session().send({ kind: 'read', read: 'commit', id, parameters: {} }, signal)).body)
  }
  const undo = async (undone: Undone, options: UndoOptions & Partial<Dry> = {}): Promise<unknown> => {
    checkOptions(options, { what: 'commits.undo', kinds: undoOptions })
    const { at, dryRun, idempotencyKey = makeKey(), signal } = options
    const trial = dryRun === true ? { isDryRun: dryRun } : {}
    const happened = toAt('commits.undo', at)
    const call = { kind: 'write', noun: '', idempotencyKey, ...toUndo(undone), ...happened, ...trial } as const
    const { body } = await session().send(call, signal)
    if (dryRun === true) return parseDryRun(body)
    const job = jobIn(body)
    if (job === undefined) return parseCommit(body)
    const { id, done } = await endOfJob(session(), job, { what: 'commits.undo', did: 'taken back', signal })
    return { commit: null, timestamp: null, actor: null, events: [], job: { id, done } } satisfies UndoingCommit
  }
  return Object.freeze({
    get,
    undo: undo as CommitsOf<Keys, Patterns>['undo'],
    list: async (options = {}) => {
      checkOptions(options, { what: 'commits.list', kinds: listOptions })
      const { limit, before, signal } = options
      return listCommits(session(), {
        limit,
        signal,
        before: before === undefined ? undefined : checkedNumber(before, 'commits.list'),
      })
    },
    subscribe: (pattern, listener, options = {}) => {
      if (typeof listener !== 'function') {
        const message = `commits.subscribe expects a function as listener, got ${typeof listener}`
        throw new HeadlesslyError({ code: 'validation_error', field: 'listener', message })
      }
      checkOptions(options, { what: 'commits.subscribe', kinds: subscribeOptions })
      // The server sends events that match the requested pattern.
      const tell = async (heard: unknown): Promise<undefined> => {
        await listener(heard as Commit as Parameters<typeof listener>[0])
        return undefined
      }
      return subscribe(session(), { feed: commitFeed(pattern), ...options, tell })
    },
  } satisfies CommitsOf<Keys, Patterns>)
}

function toUndo(undone: Undone): { readonly verb: string; readonly id?: string; readonly body: string } {
  if (typeof undone === 'number')
    return { verb: 'commits.undo', id: String(checkedNumber(undone, 'commits.undo')), body: '{}' }
  if (isObject(undone)) return { verb: 'commits.undoMany', body: JSON.stringify(undone) }
  const message = 'commits.undo expects the number of a commit, { from, to }, { actor, since } or { job }'
  throw new HeadlesslyError({ code: 'invalid_body', field: 'commit', message })
}

function checkedNumber(commit: unknown, what: string): number {
  if (typeof commit === 'number' && Number.isSafeInteger(commit) && commit >= 1) return commit
  const message = `${what} expects the number of a commit, got ${String(commit).slice(0, 64)}`
  throw new HeadlesslyError({ code: 'invalid_id', field: 'commit', message })
}

/** The server's own commit. */
function parseCommit(body: unknown): Commit {
  if (isObject(body) && Array.isArray(body['events'])) return body as unknown as Commit
  throw unexpectedAnswer('a commit')
}
