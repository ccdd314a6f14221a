// Values of past times that reads have computed. A later commit does not change them, unless one of its events happened earlier,
// so the next read computes only the times that are new. They are in memory alone: nothing stored could disagree with the log.

import type { LogReader } from '../log/log-reader.ts'

export interface PastValuesOptions {
  readonly sql: SqlStorage
  readonly log: Pick<LogReader, 'head' | 'timestampOf'>
  /** Everything on which all values depend, besides the log. */
  readonly definitions: () => unknown
}

interface Known {
  readonly atMs: number
  readonly value: unknown
}

/** Limits the lists of values, of which each has at most the values of one series. */
const listsMax = 64
const valuesMax = 2_000
/** With more new events, all values are computed again. */
const examinedMax = 20_000

export class PastValues {
  readonly #options: PastValuesOptions
  /** The lists by what they are of, that used last at the end. */
  readonly #lists = new Map<string, Map<string, Known>>()
  #definitions: unknown
  /** The event up to which changes of the past were taken into account. */
  #seq = 0

  constructor(options: PastValuesOptions) {
    this.#options = options
  }

  /** Whether no event after `knownSeq` has changed the past before it. */
  isSteadySince(knownSeq: number): boolean {
    return this.#earliestSince(knownSeq) === Infinity
  }

  /** Returns the value under this name; undefined if it has to be computed. */
  get(list: string, name: string): unknown {
    this.#follow()
    return this.#lists.get(list)?.get(name)?.value
  }

  /** Keeps a value as of a time that was computed from the events up to `knownSeq`, if later ones cannot change it. */
  keep(list: string, name: string, of: Known & { readonly knownSeq: number }): void {
    this.#follow()
    const { atMs, value, knownSeq } = of
    const endMs = this.#options.log.timestampOf(knownSeq) ?? -Infinity
    if (atMs > endMs || atMs > this.#earliestSince(knownSeq)) return
    const values = this.#lists.get(list) ?? new Map<string, Known>()
    this.#lists.delete(list)
    this.#lists.set(list, values)
    if (values.size < valuesMax) values.set(name, { atMs, value })
    const [oldest] = this.#lists.keys()
    if (this.#lists.size > listsMax && oldest !== undefined) this.#lists.delete(oldest)
  }

  /** Call it after the state was made anew from the log. */
  forget(): void {
    this.#lists.clear()
  }

  #follow(): void {
    const { log, definitions } = this.#options
    const current = definitions()
    if (current !== this.#definitions || log.head < this.#seq) this.forget()
    else if (log.head > this.#seq) this.#forgetFrom(this.#earliestSince(this.#seq))
    this.#definitions = current
    this.#seq = log.head
  }

  #forgetFrom(earliestMs: number): void {
    if (earliestMs === Infinity) return
    for (const values of this.#lists.values())
      for (const [name, { atMs }] of values) if (atMs > earliestMs) values.delete(name)
  }

  /** The earliest time at which one of the events after `seq` happened, if that was before its commit. */
  #earliestSince(seq: number): number {
    const { sql, log } = this.#options
    if (log.head === seq) return Infinity
    if (log.head - seq > examinedMax) return -Infinity
    // The unary plus keeps SQLite from the index of all late events: there are few new ones.
    const query = 'SELECT min(effective) AS earliest FROM log WHERE seq > ? AND +effective IS NOT NULL'
    return sql.exec<{ earliest: number | null }>(query, seq).one().earliest ?? Infinity
  }
}
