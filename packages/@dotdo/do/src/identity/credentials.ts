// The table of credentials: the hashes of secrets, and the entities that they prove. Events, files and answers have neither
// the secrets nor their hashes.

export class Credentials {
  readonly #sql: SqlStorage

  constructor(sql: SqlStorage) {
    this.#sql = sql
  }

  /** Returns the id of the entity that the secret with this SHA-256, in hexadecimal digits, proves; undefined if there is none. */
  entityOf(hash: string): string | undefined {
    const query = 'SELECT entity FROM credentials WHERE hash = ?'
    return this.#sql.exec<{ entity: string }>(query, hash).toArray()[0]?.entity
  }

  /** Call it in the transaction that creates the entity. */
  add(hash: string, entity: string): void {
    this.#sql.exec('INSERT INTO credentials VALUES (?, ?)', hash, entity)
  }

  /** Call it in the transaction that deletes the entity. A secret stays worthless if the entity comes back. */
  removeOf(entity: string): void {
    this.#sql.exec('DELETE FROM credentials WHERE entity = ?', entity)
  }
}
