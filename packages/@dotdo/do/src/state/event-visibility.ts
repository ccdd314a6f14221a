// The visibility of events to a caller. An event is visible if today's rules show its entity as it was after the event, or
// for a deletion, as it was before. Related entities count as they were after the event's commit, or for a deletion, before
// it: nobody has ever seen them in between. The state has every version, so the texts of hidden events are not read.

import type { JsonValue, Visibility } from 'digital-objects'
import { ruleHolds } from './rule-holds.ts'
import type { StateReader } from './state-reader.ts'
import type { EventHead } from '../log/event-heads.ts'
import type { LogReader } from '../log/log-reader.ts'
import type { LogRow } from '../log/log-row.ts'
import type { StoredVersion } from './row-codec.ts'

export interface EventVisibilityOptions {
  readonly sql: SqlStorage
  readonly log: Pick<LogReader, 'commitEnd'>
  readonly state: StateReader
  readonly visibility: Visibility
}

export class EventVisibility {
  readonly #options: EventVisibilityOptions
  readonly #visibility: Visibility
  /** The end of the commit that was examined last, since its events follow each other. */
  #last = { commit: 0, end: 0 }

  constructor(options: EventVisibilityOptions) {
    this.#options = options
    this.#visibility = options.visibility
  }

  isVisible({ seq, commit, type, target }: EventHead): boolean {
    if (this.#visibility.isFull) return true
    const noun = nounOf(type)
    if (this.#visibility.lookup(noun) === undefined) return false
    if (this.#visibility.rows(noun) === undefined) return true
    const { state } = this.#options
    const table = state.table(noun)
    if (table === undefined) return false
    const isDeletion = type.endsWith('.Deleted')
    const version = state.getAsOf(table, target, isDeletion ? seq - 1 : seq)
    if (version === undefined) return false
    return this.#isShown(noun, version, isDeletion ? commit - 1 : this.#endOf(commit))
  }

  /** Returns the entity as it was after the event `seq`, unless it was hidden then. */
  versionAt(noun: string, { id, seq }: { readonly id: string; readonly seq: number }): StoredVersion | undefined {
    const table = this.#visibility.lookup(noun) === undefined ? undefined : this.#options.state.table(noun)
    const version = table === undefined ? undefined : this.#options.state.getAsOf(table, id, seq)
    if (version === undefined || !this.#isShown(noun, version, this.#options.log.commitEnd(seq))) return undefined
    return version
  }

  /** `seq` is the point at which related entities are read. */
  #isShown(noun: string, version: StoredVersion, seq: number): boolean {
    const rule = this.#visibility.rows(noun)
    if (rule === undefined) return true
    const { sql, state } = this.#options
    const point = {
      seq,
      table: (name: string) => (state.hasTable(name) ? state.table(name) : undefined),
      hasList: (quoted: string) => state.hasList(quoted),
    }
    return ruleHolds(rule, { noun, version }, { sql, point })
  }

  #endOf(commit: number): number {
    if (this.#last.commit !== commit) this.#last = { commit, end: this.#options.log.commitEnd(commit) }
    return this.#last.end
  }

  /** Returns the event without hidden fields of its entity. An event whose changes are all hidden remains visible. */
  shown(row: LogRow): LogRow {
    const noun = nounOf(row.type)
    if (!this.#visibility.hidesFields(noun)) return row
    const visible = (json: string): string =>
      JSON.stringify(this.#visibility.shown(noun, JSON.parse(json) as Record<string, JsonValue>)) // written by the log
    return { ...row, data: visible(row.data), changes: row.changes === null ? null : visible(row.changes) }
  }
}

function nounOf(type: string): string {
  return type.slice(0, type.indexOf('.'))
}
