// The visibility of events to a caller. An event is visible if today's rules show its entity as it was after the event, or
// for a deletion, as it was before. The state has every version, so the texts of hidden events are not read.

import type { JsonValue, Visibility } from 'digital-objects'
import { ruleHolds } from './rule-holds.ts'
import type { StateReader } from './state-reader.ts'
import type { EventHead } from '../log/events-store.ts'
import type { LogRow } from '../log/log-row.ts'

export class EventVisibility {
  readonly #sql: SqlStorage
  readonly #state: StateReader
  readonly #visibility: Visibility

  constructor(options: { sql: SqlStorage; state: StateReader; visibility: Visibility }) {
    this.#sql = options.sql
    this.#state = options.state
    this.#visibility = options.visibility
  }

  isVisible({ seq, type, target }: EventHead): boolean {
    if (this.#visibility.isFull) return true
    const noun = nounOf(type)
    if (this.#visibility.lookup(noun) === undefined) return false
    const rule = this.#visibility.rows(noun)
    if (rule === undefined) return true
    const table = this.#state.table(noun)
    if (table === undefined) return false
    const version = this.#state.getAsOf(table, target, type.endsWith('.Deleted') ? seq - 1 : seq)
    if (version === undefined) return false
    const point = {
      seq,
      table: (name: string) => (this.#state.hasTable(name) ? this.#state.table(name) : undefined),
      hasList: (quoted: string) => this.#state.hasList(quoted),
    }
    return ruleHolds(rule, { noun, version }, { sql: this.#sql, point })
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
