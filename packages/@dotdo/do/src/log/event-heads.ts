// The heads of events: the small part of their rows by which events are chosen, so that only the texts of chosen ones are
// read.

import { type EventPattern, matchesEventPattern } from 'digital-objects'
import { type ActorBlocks, blockEvents } from './actor-blocks.ts'
import { storedIds } from './stored-event.ts'
import type { Words } from './words.ts'

/** The part of an event that decides whether a caller sees it. */
export interface EventHead {
  readonly seq: number
  readonly commit: number
  readonly type: string
  readonly target: string
}

/** The part of an event that patterns and filters by actor compare. */
interface Head extends EventHead {
  readonly actor: string
}

/** Selects the events that meet every condition. */
export interface EventChoice {
  readonly pattern?: EventPattern | undefined
  readonly actor?: string | undefined
  /** Leaves out events for which it returns false. */
  readonly isVisible?: ((head: EventHead) => boolean) | undefined
}

type StoredHead = [seq: number, commit: number, format: number, type: string, target: string, actor: string]

const columns = 'seq, coalesce("commit", seq), format, type, target, actor'

/** Limits the rows that one read examines for a pattern or an actor, but for the rest of a commit. */
export const rowsScannedMax = 5_000

/** A statement is always read to its end: an unfinished cursor keeps it open, and then no table can be dropped. */
const headsPerStatement = 500
const blocksPerStep = Math.floor(headsPerStatement / blockEvents)

/** Limits the undone undos through which one deletion is followed. */
const undoneMax = 100

interface CausedRow extends Record<string, SqlStorageValue> {
  readonly format: number
  readonly type: string
  readonly target: string
  readonly cause: string | null
  readonly commit: number
  readonly undoes: number | null
}

export class EventHeads {
  readonly #sql: SqlStorage
  readonly #actors: ActorBlocks
  readonly #words: Words
  readonly #log: { commitEnd(seq: number): number }

  constructor(options: {
    readonly sql: SqlStorage
    readonly actors: ActorBlocks
    readonly words: Words
    readonly log: { commitEnd(seq: number): number }
  }) {
    this.#sql = options.sql
    this.#actors = options.actors
    this.#words = options.words
    this.#log = options.log
  }

  /**
   * Chooses about `limit` of the events after `after`. None up to `end` is left out. With `isWhole`, `end` is the end of a
   * commit.
   */
  choose(
    options: EventChoice & {
      readonly after: number
      readonly through: number
      readonly limit: number
      readonly isWhole: boolean
    },
  ): { readonly seqs: readonly number[]; readonly end: number } {
    const { after, limit, actor, through, isWhole } = options
    const endAfter = (seq: number): number => (isWhole ? Math.min(this.#log.commitEnd(seq), through) : seq)
    const seqs: number[] = []
    let stop = through
    let end = after
    for (let left = rowsScannedMax; end < stop; left -= headsPerStatement) {
      if (left <= 0) stop = Math.min(stop, endAfter(end))
      const stretch = this.#next({ after: end, through: stop, actor })
      for (const head of stretch.heads) {
        if (head.seq > stop || !isChosen(head, options)) continue
        seqs.push(head.seq)
        if (seqs.length === limit) stop = Math.min(stop, endAfter(head.seq))
      }
      end = Math.min(stretch.end, stop)
    }
    return { seqs, end }
  }

  /** Returns the `seq`s whose events match the pattern and the actor and are visible, in order. */
  matching(seqs: readonly number[], choice: EventChoice): number[] {
    const { actor, pattern, isVisible } = choice
    if (actor === undefined && pattern === undefined && isVisible === undefined) return [...seqs]
    const query = `SELECT ${columns} FROM log WHERE seq IN (SELECT value FROM json_each(?)) ORDER BY seq`
    // `isVisible` may read tables, so the statement has to end first.
    const heads = this.#of(query, JSON.stringify(seqs))
    return heads
      .filter((head) => (actor === undefined || head.actor === actor) && isChosen(head, choice))
      .map(({ seq }) => seq)
  }

  /** Reads the heads of the next events, or of the actor's. None is missing up to `end`. */
  #next(options: { readonly after: number; readonly through: number; readonly actor: string | undefined }): {
    readonly heads: readonly Head[]
    readonly end: number
  } {
    const { after, through, actor } = options
    if (actor === undefined) {
      const end = Math.min(after + headsPerStatement, through)
      return { heads: this.between({ after, through: end }), end }
    }
    const { stretches, end } = this.#actors.stretches({ actor, after, through, blocksMax: blocksPerStep })
    return { heads: stretches.flatMap((one) => this.between(one).filter((head) => head.actor === actor)), end }
  }

  /** Returns the heads of the events in a range, which the caller limits. */
  between({ after, through }: { readonly after: number; readonly through: number }): readonly Head[] {
    return this.#of(`SELECT ${columns} FROM log WHERE seq > ? AND seq <= ? ORDER BY seq`, after, through)
  }

  /**
   * Returns the event of the same commit that caused this deletion; undefined if none did. A deletion that undoes an undo
   * repeats an earlier one, and has its cause.
   */
  causeOfDeletion(seq: number): EventHead | undefined {
    let at: number | null = seq
    for (let hops = 0; at !== null && hops < undoneMax; hops++) {
      const query =
        'SELECT format, type, target, caused_by AS cause, coalesce("commit", seq) AS "commit", undoes FROM log WHERE seq = ?'
      const [row] = this.#sql.exec<CausedRow>(query, at).toArray()
      if (row === undefined) return undefined
      const isDeletion = this.#words.stored(row.type, row.format).endsWith('.Deleted')
      if (isDeletion && row.cause !== null) return this.#inCommit(row.commit, at, row.cause)
      at = row.undoes === null ? null : this.#lastOf(row.target, row.undoes)
    }
    return undefined
  }

  #inCommit(commit: number, before: number, id: string): EventHead | undefined {
    // The events of a commit have one timestamp, so the half of an id that encodes it is the same.
    const [whole, random] = storedIds(id)
    const query = `SELECT ${columns} FROM log WHERE seq >= ? AND seq < ? AND id IN (?, ?)`
    return this.#of(query, commit, before, whole, random)[0]
  }

  /** Returns the last event of the entity in a commit. */
  #lastOf(target: string, commit: number): number | null {
    const query = 'SELECT max(seq) AS seq FROM log WHERE seq >= ? AND seq <= ? AND target = ?'
    return this.#sql.exec<{ seq: number | null }>(query, commit, this.#log.commitEnd(commit), target).one().seq
  }

  #of(query: string, ...bindings: readonly (string | number)[]): Head[] {
    const rows = this.#sql.exec(query, ...bindings).raw<StoredHead>()
    return [...rows].map(([seq, commit, format, type, target, actor]) => ({
      seq,
      commit,
      type: this.#words.stored(type, format),
      target,
      actor: this.#words.stored(actor, format),
    }))
  }
}

function isChosen(head: EventHead, { pattern, isVisible }: EventChoice): boolean {
  return (pattern === undefined || matchesEventPattern(pattern, head)) && (isVisible === undefined || isVisible(head))
}
