// Records in which blocks of 64 events an actor occurs. An index on the log would add a row per event. This adds one
// per actor and block, which hardly slows writes, and a read examines at most one block per event.

/** Stored: event `seq` is in block `floor(seq / blockEvents)`. */
export const blockEvents = 64

export class ActorBlocks {
  readonly #sql: SqlStorage
  /** Actors known to be recorded for one block, the last one used; at most `blockEvents`. */
  readonly #known = new Set<string>()
  #block = -1

  constructor(sql: SqlStorage) {
    this.#sql = sql
  }

  /** Clears the cache; call after a rollback. */
  reload(): void {
    this.#known.clear()
    this.#block = -1
  }

  /** Call in the transaction that appends the event. */
  add(actor: string, seq: number): void {
    if (this.#knownOf(seq).has(actor)) return
    this.#sql.exec('INSERT OR IGNORE INTO actors VALUES (?, ?)', actor, this.#block)
    this.#known.add(actor)
  }

  has(actor: string, seq: number): boolean {
    const known = this.#knownOf(seq)
    if (known.has(actor)) return true
    const query = 'SELECT 1 FROM actors WHERE actor = ? AND block = ?'
    const isThere = this.#sql.exec(query, actor, this.#block).toArray().length > 0
    if (isThere) known.add(actor)
    return isThere
  }

  /** Returns the next ranges of the log (`after < seq <= through`) that can hold events of the actor, up to `end`. */
  stretches(options: {
    readonly actor: string
    readonly after: number
    readonly through: number
    readonly blocksMax: number
  }): { readonly stretches: readonly Stretch[]; readonly end: number } {
    const { actor, after, through, blocksMax } = options
    const query = 'SELECT block FROM actors WHERE actor = ? AND block BETWEEN ? AND ? ORDER BY block LIMIT ?'
    const bounds = [Math.floor((after + 1) / blockEvents), Math.floor(through / blockEvents)] as const
    const blocks = this.#sql.exec<{ block: number }>(query, actor, ...bounds, blocksMax).toArray()
    const stretches: { after: number; through: number }[] = []
    for (const { block } of blocks) {
      const first = Math.max(block * blockEvents - 1, after)
      const last = Math.min((block + 1) * blockEvents - 1, through)
      const before = stretches.at(-1)
      if (before?.through === first) before.through = last
      else stretches.push({ after: first, through: last })
    }
    return { stretches, end: blocks.length < blocksMax ? through : (stretches.at(-1)?.through ?? through) }
  }

  #knownOf(seq: number): Set<string> {
    const block = Math.floor(seq / blockEvents)
    if (block !== this.#block) this.#known.clear()
    this.#block = block
    return this.#known
  }
}

export interface Stretch {
  readonly after: number
  readonly through: number
}
