// The table of credentials: the hashes of secrets, and the entities that they prove. Events, files and answers have neither
// the secrets nor their hashes.

/** A session of a person, as the tenant knows it. */
export interface Session {
  /** The public id, which events name as their key. */
  readonly id: string
  /** SHA-256 of the secret, in hexadecimal digits. */
  readonly hash: string
  /** The id of the entity that the session proves. */
  readonly entity: string
  /** The time from which it proves nothing, in ms of the server's clock. */
  readonly endsMs: number
}

/** Limits what one call deletes. */
const expiredMax = 100

export class Credentials {
  readonly #sql: SqlStorage

  constructor(sql: SqlStorage) {
    this.#sql = sql
  }

  /**
   * Returns the id of the key or session whose secret has this SHA-256, in hexadecimal digits; undefined if there is none. A
   * key is an entity, so its id is that of the entity.
   */
  proofOf(hash: string): string | undefined {
    const query = 'SELECT coalesce(id, entity) AS proof FROM credentials WHERE hash = ?'
    return this.#sql.exec<{ proof: string }>(query, hash).toArray()[0]?.proof
  }

  /** Call it in the transaction that creates the entity. */
  add(hash: string, entity: string): void {
    this.#sql.exec('INSERT INTO credentials (hash, entity) VALUES (?, ?)', hash, entity)
  }

  /** Call it in the transaction that deletes the entity. A secret stays worthless if the entity comes back. */
  removeOf(entity: string): void {
    this.#sql.exec('DELETE FROM credentials WHERE entity = ?', entity)
  }

  /** Returns what a session proves, and until when; undefined if there is none. */
  sessionOf(id: string): { readonly entity: string; readonly endsMs: number } | undefined {
    const query = "SELECT entity, ends AS endsMs FROM credentials WHERE id = ? AND entity <> ''"
    return this.#sql.exec<{ entity: string; endsMs: number }>(query, id).toArray()[0]
  }

  /** Replaces a session of the same id. Returns false if a session of that id was ended. */
  openSession({ id, hash, entity, endsMs }: Session, nowMs: number): boolean {
    const expired = 'SELECT hash FROM credentials WHERE ends <= ? ORDER BY ends LIMIT ?'
    this.#sql.exec(`DELETE FROM credentials WHERE hash IN (${expired})`, nowMs, expiredMax)
    const ended = this.#sql.exec("SELECT 1 FROM credentials WHERE id = ? AND entity = ''", id).toArray()
    if (ended.length > 0) return false
    this.#sql.exec('DELETE FROM credentials WHERE id = ?', id)
    this.#sql.exec('INSERT INTO credentials (hash, entity, id, ends) VALUES (?, ?, ?, ?)', hash, entity, id, endsMs)
    return true
  }

  /** Ends a session, and refuses to open it again until `untilMs`: a message that opens it may be on its way. */
  endSession(id: string, untilMs: number): void {
    this.#sql.exec('DELETE FROM credentials WHERE id = ?', id)
    this.#sql.exec("INSERT INTO credentials (hash, entity, id, ends) VALUES (?, '', ?, ?)", `ended ${id}`, id, untilMs)
  }
}
