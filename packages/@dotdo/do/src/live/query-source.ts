// Live queries: what entered, changed in and left the result of a query by each commit, as one message. A query whose
// results may have changed by more than events of its entities gets a reset, after which its client lists them again.

import { type Catalog, rulesNoun, schemaNoun } from 'digital-objects'
import type { EventHead } from '../log/event-heads.ts'
import type { StateReader } from '../state/state-reader.ts'
import type { Audience } from './audience.ts'
import { CommitChanges, type CommitRange, type EntityChange, type Matched } from './commit-changes.ts'
import { type CompiledQuery, compileLiveQuery, type LiveQuery } from './live-query.ts'
import { commitsOf, type LiveEvent } from './live-event.ts'

export interface QueryParts {
  readonly log: {
    heads(range: { readonly after: number; readonly through: number }): readonly EventHead[]
    commitEnd(seq: number): number
  }
  readonly state: StateReader
  /** The definitions of now; another value after each change of them. */
  readonly catalog: () => Catalog
  readonly context: () => string
  /** Whether events of this Noun may change what callers may see. */
  readonly concernsRights: (noun: string) => boolean
}

export interface QueryAudience extends Audience {
  readonly query: LiveQuery
}

export function isOfQuery(audience: Audience): audience is QueryAudience {
  return audience.query !== undefined
}

/** A client that is further behind lists the entities again, which costs less than to follow every change. */
const behindMax = 10_000

export class QuerySource {
  readonly #parts: QueryParts
  readonly #compiled = new WeakMap<Audience, { readonly catalog: Catalog; readonly query: CompiledQuery }>()
  /** The commit that was published last: every group of subscribers asks for its changes. */
  #last: CommitChanges | undefined

  constructor(parts: QueryParts) {
    this.#parts = parts
  }

  /** Throws an ObjectError if the query cannot be followed. */
  check(audience: QueryAudience): void {
    this.#compile(audience)
  }

  /** The message of one published commit; undefined if nothing has changed for the query. */
  messageOf(commit: CommitRange, audience: QueryAudience): LiveEvent | undefined {
    if (commit.heads.some(isDefinition)) {
      this.check(audience)
      return resetOf(commit.commit, commit.end)
    }
    if (this.#last?.commit !== commit.commit) this.#last = this.#changes(commit)
    return this.#message(this.#last, audience)
  }

  /** Reads the messages of some commits of the past, oldest first. */
  read(options: {
    readonly after: number
    /** The end of the last commit that may be read. */
    readonly through: number
    readonly limit: number
    readonly audience: QueryAudience
  }): { readonly events: readonly LiveEvent[]; readonly readThrough: number } {
    const { after, through, limit, audience } = options
    if (after >= through) return { events: [], readThrough: after }
    if (through - after > behindMax) return { events: [resetOf(after + 1, through)], readThrough: through }
    const { log, concernsRights } = this.#parts
    const end = Math.min(log.commitEnd(Math.min(after + limit, through)), through)
    const heads = log.heads({ after, through: end })
    const events = commitsOf(heads).flatMap((received) => {
      const last = received.at(-1) ?? received[0]
      const commit = { commit: received[0].commit, end: last.seq, heads: received }
      const isReset = received.some((head) => isDefinition(head) || isOfRules(head) || concernsRights(nounOf(head)))
      return (isReset ? resetOf(commit.commit, commit.end) : this.#message(this.#changes(commit), audience)) ?? []
    })
    return { events, readThrough: end }
  }

  #changes(commit: CommitRange): CommitChanges {
    const { state, context } = this.#parts
    return new CommitChanges(commit, { state, context: context() })
  }

  #message(changes: CommitChanges, audience: QueryAudience): LiveEvent | undefined {
    const { noun } = audience.query
    const query = this.#compile(audience)
    const parts = { entered: [] as string[], changed: [] as string[], left: [] as string[] }
    for (const change of changes.of(noun)) {
      const { was, is } = matchedBy(change, query)
      if (is) parts[was ? 'changed' : 'entered'].push(shown(change, noun, query))
      else if (was) parts.left.push(`{"$id":"${change.id}","$version":${change.version}}`)
    }
    const { entered, changed, left } = parts
    if (entered.length + changed.length + left.length === 0) return undefined
    const { commit, end } = changes
    const lists = `"entered":[${entered.join(',')}],"changed":[${changed.join(',')}],"left":[${left.join(',')}]`
    return messageOf({ commit, end, type: 'Changes', text: `,"commit":${commit},${lists}` })
  }

  /** Definitions may change while the query is followed. */
  #compile(audience: QueryAudience): CompiledQuery {
    const catalog = this.#parts.catalog()
    const known = this.#compiled.get(audience)
    if (known?.catalog === catalog) return known.query
    const query = compileLiveQuery(audience.query, { authority: audience.authority, catalog })
    this.#compiled.set(audience, { catalog, query })
    return query
  }
}

function matchedBy(change: EntityChange, query: CompiledQuery): Matched {
  const { was, is } = change.matched(query.key, query.matches)
  if (query.visibility.isFull) return { was, is }
  const { before, after } = change
  return {
    was: was && before !== undefined && query.isVisible(before),
    is: is && after !== undefined && query.isVisible(after),
  }
}

function shown(change: EntityChange, noun: string, { visibility }: CompiledQuery): string {
  const { after } = change
  return after === undefined || !visibility.hidesFields(noun)
    ? change.text
    : JSON.stringify(visibility.shown(noun, after))
}

/** `commit` is the one after which the client is if the message cannot be sent yet. */
function resetOf(commit: number, end: number): LiveEvent {
  return messageOf({ commit, end, type: 'Reset', text: '' })
}

/** A message stands for a whole commit. The actor and time of its events are not told. */
function messageOf(of: {
  readonly commit: number
  readonly end: number
  readonly type: 'Changes' | 'Reset'
  readonly text: string
}): LiveEvent {
  const { commit, end, type } = of
  const text = `{"$type":"${type}","seq":${end}${of.text}}`
  return { seq: end, commit, type, target: '', actor: '', atMs: 0, text }
}

const isDefinition = (head: EventHead): boolean => nounOf(head) === schemaNoun.name
const isOfRules = (head: EventHead): boolean => nounOf(head) === rulesNoun.name

export function nounOf({ type }: EventHead): string {
  return type.slice(0, type.indexOf('.'))
}
