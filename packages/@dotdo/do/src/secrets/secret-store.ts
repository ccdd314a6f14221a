// The secret store of a tenant: named secrets, such as the password of a mail server, encrypted by AES-GCM. Their values leave it
// only for the connections of the server; no answer, event, file or message has them.

import { assert, ObjectError } from 'digital-objects'
import type { SecretKeys } from './secret-keys.ts'

export interface SecretInfo {
  readonly name: string
  readonly setAtMs: number
  readonly setBy: string
  /** The number of the key that encrypts it. */
  readonly key: number
  /** False if the server has that key no more. */
  readonly isReadable: boolean
}

interface SecretRow extends Record<string, SqlStorageValue> {
  readonly name: string
  readonly key: number
  readonly nonce: ArrayBuffer
  readonly value: ArrayBuffer
  readonly at: number
  readonly actor: string
}

/** The table. It is part of released versions, so it is never edited. */
export const secretsTable = `CREATE TABLE secrets (
    name TEXT PRIMARY KEY,
    key INTEGER NOT NULL,
    nonce BLOB NOT NULL,
    value BLOB NOT NULL,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL
  ) WITHOUT ROWID`

export const secretsMax = 200
/** AES-GCM's own size. */
const nonceBytes = 12
/** Secrets that one step of the rotation encrypts again. */
const rotatedMax = 20

export class SecretStore {
  readonly #sql: SqlStorage
  readonly #keys: SecretKeys | undefined
  readonly #now: () => number
  /** The tenant's name, which each value is bound to, so that a row copied to another database cannot be read. */
  readonly #tenant: () => string
  readonly #imported = new Map<number, Promise<CryptoKey>>()

  /** `now` is the server's clock. Without keys, nothing can be stored or read. */
  constructor(options: {
    readonly sql: SqlStorage
    readonly keys: SecretKeys | undefined
    readonly now: () => number
    readonly tenant: () => string
  }) {
    this.#sql = options.sql
    this.#keys = options.keys
    this.#now = options.now
    this.#tenant = options.tenant
  }

  /** Throws an ObjectError `not_configured` if this server has no key. */
  async set(name: string, { value, actor }: { readonly value: string; readonly actor: string }): Promise<void> {
    const keys = this.#requireKeys()
    const sealed = await this.#seal(keys, name, utf8(value))
    const isNew = this.#sql.exec('SELECT 1 FROM secrets WHERE name = ?', name).toArray().length === 0
    const { count } = this.#sql.exec<{ count: number }>('SELECT count(*) AS count FROM secrets').one()
    if (isNew && count >= secretsMax) {
      const message = `a tenant has at most ${secretsMax} secrets: remove one first`
      throw new ObjectError({ code: 'payload_too_large', field: 'name', message })
    }
    const row = [name, keys.newest, sealed.nonce, sealed.value, this.#now(), actor] as const
    this.#sql.exec('INSERT OR REPLACE INTO secrets VALUES (?, ?, ?, ?, ?, ?)', ...row)
  }

  /** Returns whether there was one. */
  remove(name: string): boolean {
    return this.#sql.exec('DELETE FROM secrets WHERE name = ?', name).rowsWritten > 0
  }

  list(): readonly SecretInfo[] {
    const query = 'SELECT name, key, at, actor FROM secrets ORDER BY name'
    return this.#sql
      .exec<Pick<SecretRow, 'name' | 'key' | 'at' | 'actor'>>(query)
      .toArray()
      .map(({ name, key, at, actor }) => ({
        name,
        key,
        setAtMs: at,
        setBy: actor,
        isReadable: this.#keys?.bytes.has(key) === true,
      }))
  }

  /** Returns undefined if there is none, or its key is missing or wrong. For connections only. */
  async read(name: string): Promise<string | undefined> {
    const [row] = this.#sql.exec<SecretRow>('SELECT * FROM secrets WHERE name = ?', name).toArray()
    const value = row === undefined ? undefined : await this.#open(row)
    return value === undefined ? undefined : new TextDecoder().decode(value)
  }

  /** Whether the rotation has something to encrypt again. */
  get isStale(): boolean {
    return this.#stale(1).length > 0
  }

  /** Encrypts some secrets of older keys by the newest. A secret that was set meanwhile stays as it is. */
  async rotate(): Promise<void> {
    const keys = this.#requireKeys()
    for (const row of this.#stale(rotatedMax)) {
      const value = await this.#open(row)
      if (value === undefined) throw new Error(`the secret '${row.name}' cannot be decrypted by key ${row.key}`)
      const sealed = await this.#seal(keys, row.name, value)
      const query = 'UPDATE secrets SET key = ?, nonce = ?, value = ? WHERE name = ? AND nonce = ?'
      this.#sql.exec(query, keys.newest, sealed.nonce, sealed.value, row.name, row.nonce)
    }
  }

  /** Rows of an older key that this server has. */
  #stale(limit: number): readonly SecretRow[] {
    const keys = this.#keys
    if (keys === undefined || keys.bytes.size < 2) return []
    const older = [...keys.bytes.keys()].filter((number) => number !== keys.newest)
    const query = 'SELECT * FROM secrets WHERE key IN (SELECT value FROM json_each(?)) ORDER BY name LIMIT ?'
    return this.#sql.exec<SecretRow>(query, JSON.stringify(older), limit).toArray()
  }

  async #seal(
    keys: SecretKeys,
    name: string,
    bytes: Uint8Array<ArrayBuffer>,
  ): Promise<{ readonly nonce: ArrayBuffer; readonly value: ArrayBuffer }> {
    const key = await this.#import(keys, keys.newest)
    assert(key !== undefined, 'the newest key is one of the keys')
    const nonce = crypto.getRandomValues(new Uint8Array(nonceBytes))
    const algorithm = { name: 'AES-GCM', iv: nonce, additionalData: this.#binding(name) }
    return { nonce: nonce.buffer, value: await crypto.subtle.encrypt(algorithm, key, bytes) }
  }

  async #open(row: SecretRow): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const key = this.#keys && (await this.#import(this.#keys, row.key))
    if (key === undefined) return undefined
    const algorithm = { name: 'AES-GCM', iv: row.nonce, additionalData: this.#binding(row.name) }
    try {
      return new Uint8Array(await crypto.subtle.decrypt(algorithm, key, row.value))
    } catch {
      // Another key under this number, or a damaged row: which of them, AES-GCM does not say.
      return undefined
    }
  }

  async #import({ bytes }: SecretKeys, number: number): Promise<CryptoKey | undefined> {
    const raw = bytes.get(number)
    if (raw === undefined) return undefined
    const known =
      this.#imported.get(number) ?? crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt'])
    this.#imported.set(number, known)
    return known
  }

  #binding(name: string): Uint8Array<ArrayBuffer> {
    return utf8(JSON.stringify([this.#tenant(), name]))
  }

  #requireKeys(): SecretKeys {
    if (this.#keys !== undefined) return this.#keys
    const message = 'this server has no key for secrets (SECRETS_KEYS)'
    throw new ObjectError({ code: 'not_configured', field: 'SECRETS_KEYS', message })
  }
}

function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new TextEncoder().encode(text))
}
