// Events whose AFTER handlers have effects outside of the tenant, such as a message that was sent. A delivery is recorded
// before the first attempt, because a crash may hide its outcome. An undo of such an event is refused.

export interface Delivery {
  readonly seq: number
  readonly handler: string
}

export function recordDelivery(sql: SqlStorage, { seq, handler }: Delivery): void {
  sql.exec('INSERT OR IGNORE INTO deliveries VALUES (?, ?)', seq, handler)
}

/** Returns the deliveries of these events, in order. */
export function deliveriesOf(sql: SqlStorage, seqs: readonly number[]): readonly Delivery[] {
  const query =
    'SELECT seq, handler FROM deliveries WHERE seq IN (SELECT value FROM json_each(?)) ORDER BY seq, handler'
  return sql.exec<{ seq: number; handler: string }>(query, JSON.stringify(seqs)).toArray()
}
