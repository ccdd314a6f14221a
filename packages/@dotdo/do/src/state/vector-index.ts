// Vectors of the texts of entities, for search by meaning. A service makes the vectors; this index says which texts need one,
// keeps them, and ranks them. It follows the log from a stored mark, has the present only, and can be made again at any time: a
// text whose vector is there is recognized by its hash.

import { hash } from 'node:crypto'
import { assert, type NounSchema } from 'digital-objects'
import type { EventHead } from '../log/event-heads.ts'
import type { TenantMeta } from '../log/tenant-meta.ts'
import type { Slices } from './slices.ts'
import type { StorageHandler } from './storage-handler.ts'
import { VectorRanking } from './vector-ranking.ts'

/** Limits the vectors of a tenant, since a search reads all of a type. Entities beyond it get none. */
export const vectorsMax = 100_000
/** A longer text is cut: models read about this much. */
export const vectorTextCharactersMax = 8_000
/** Limits the events of one step, to about 10 ms of work. */
const stepMax = 250
/** Rows that one step deletes, and that are looked at for texts. */
const rowsTogether = 200
/** Numbers and vectors that are compared in one slice, to about 10 ms of work. */
const numbersPerSlice = 1_500_000
const vectorsPerSlice = 2_000

export interface VectorIndexOptions {
  readonly storage: DurableObjectStorage
  readonly state: Pick<StorageHandler, 'table' | 'get'>
  readonly meta: TenantMeta
  readonly log: {
    readonly head: number
    heads(range: { readonly after: number; readonly through: number }): readonly EventHead[]
  }
}

/** The text of an entity that has no vector of it. */
export interface DueText {
  readonly noun: string
  readonly id: string
  readonly text: string
  readonly hash: string
}

/** A text with its vector of length 1, or null for a text of which the model makes none. */
export type Settled = Pick<DueText, 'noun' | 'id' | 'hash'> & { readonly vector: Float32Array | null }

/** A Noun whose texts get vectors. */
export type SearchedNoun = Pick<NounSchema, 'name' | 'searchable'>

interface Row extends Record<string, SqlStorageValue> {
  readonly noun: string
  readonly id: string
  readonly hash: string | null
}

export class VectorIndex {
  readonly #options: VectorIndexOptions

  constructor(options: VectorIndexOptions) {
    this.#options = options
  }

  /** Names what has made the vectors; undefined without an index. */
  get basis(): string | undefined {
    const basis = this.#options.meta.get('vectorsBasis')
    return basis === '' ? undefined : basis
  }

  /** Whether there is nothing to clear. */
  get isGone(): boolean {
    return this.#options.meta.get('vectorsBasis') === undefined
  }

  /** Begins an empty index. */
  begin(basis: string): void {
    assert(this.basis === undefined, 'an index is cleared before the next one')
    const { storage, meta } = this.#options
    storage.transactionSync(() => {
      storage.sql.exec(
        'CREATE TABLE IF NOT EXISTS vectors (noun TEXT NOT NULL, id TEXT NOT NULL, hash TEXT NOT NULL, vector BLOB, UNIQUE (noun, id))',
      )
      storage.sql.exec(
        'CREATE TABLE IF NOT EXISTS vectors_due (noun TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (noun, id)) WITHOUT ROWID',
      )
      meta.set('vectors', '0')
      meta.set('vectorsFields', '')
      meta.set('vectorsBasis', basis)
    })
  }

  /** Deletes a part of the index, of which nothing is used from the first call on. Returns whether all of it is gone. */
  clear(): boolean {
    const { storage, meta } = this.#options
    if (meta.get('vectorsBasis') === undefined) return true
    return storage.transactionSync(() => {
      meta.set('vectorsBasis', '')
      const rows = `SELECT rowid FROM vectors LIMIT ${rowsTogether}`
      const deleted = storage.sql.exec(`DELETE FROM vectors WHERE rowid IN (${rows}) RETURNING 1`).toArray().length
      if (deleted === rowsTogether) return false
      storage.sql.exec('DROP TABLE IF EXISTS vectors')
      storage.sql.exec('DROP TABLE IF EXISTS vectors_due')
      for (const key of ['vectors', 'vectorsFields', 'vectorsBasis'] as const) meta.delete(key)
      return true
    })
  }

  /** Whether there are events that the index has not seen, for these Nouns and their texts. */
  isBehind(nouns: readonly SearchedNoun[]): boolean {
    const { meta, log } = this.#options
    return this.#mark < log.head || meta.get('vectorsFields') !== fieldsOf(nouns)
  }

  get hasDue(): boolean {
    if (this.basis === undefined) return false
    return this.#options.storage.sql.exec('SELECT 1 FROM vectors_due LIMIT 1').toArray().length > 0
  }

  /** Makes one bounded step. Entities and mark are written in one transaction. */
  follow(nouns: readonly SearchedNoun[]): void {
    const { storage, meta, log } = this.#options
    const { sql } = storage
    storage.transactionSync(() => {
      if (this.#hasOtherFields(nouns)) return
      const end = Math.min(log.head, this.#mark + stepMax)
      const names = new Set(nouns.map(({ name }) => name))
      const changed = new Map<string, string>()
      for (const { type, target } of log.heads({ after: this.#mark, through: end }))
        changed.set(target, type.slice(0, type.indexOf('.')))
      let room = vectorsMax - this.#count('vectors')
      for (const [id, noun] of changed) {
        if (!names.has(noun)) continue
        // A deletion waits for no model.
        if (!this.#lives(noun, id)) {
          this.forget(noun, id)
          continue
        }
        const isKnown = sql.exec('SELECT 1 FROM vectors WHERE noun = ? AND id = ?', noun, id).toArray().length > 0
        if (!isKnown && room <= 0) continue
        room -= Number(!isKnown)
        sql.exec("INSERT OR IGNORE INTO vectors (noun, id, hash) VALUES (?, ?, '')", noun, id)
        sql.exec('INSERT OR IGNORE INTO vectors_due VALUES (?, ?)', noun, id)
      }
      meta.set('vectors', String(end))
    })
  }

  /** Restarts at the log's beginning if other Nouns or fields are searched, once the vectors of other Nouns are deleted. */
  #hasOtherFields(nouns: readonly SearchedNoun[]): boolean {
    const { storage, meta } = this.#options
    const fields = fieldsOf(nouns)
    const names = JSON.stringify(nouns.map(({ name }) => name))
    if (meta.get('vectorsFields') === fields) return false
    const others = 'noun NOT IN (SELECT value FROM json_each(?))'
    const query = `DELETE FROM vectors WHERE rowid IN (SELECT rowid FROM vectors WHERE ${others} LIMIT ${rowsTogether}) RETURNING 1`
    if (storage.sql.exec(query, names).toArray().length === rowsTogether) return true
    storage.sql.exec(`DELETE FROM vectors_due WHERE ${others}`, names)
    meta.set('vectorsFields', fields)
    meta.set('vectors', '0')
    return true
  }

  /** Lets all texts be looked at again, for example because the state was made again. */
  recheck(): void {
    if (this.basis !== undefined) this.#options.meta.set('vectors', '0')
  }

  /** Returns the first texts that need a vector. What needs none any more is settled, and forgotten with its entity. */
  due({ limit, charactersMax }: { readonly limit: number; readonly charactersMax: number }): readonly DueText[] {
    const { sql } = this.#options.storage
    const query = `SELECT due.noun, due.id, hash FROM vectors_due AS due LEFT JOIN vectors USING (noun, id) LIMIT ${rowsTogether}`
    const found: DueText[] = []
    let characters = 0
    this.#options.storage.transactionSync(() => {
      for (const { noun, id, hash: known } of sql.exec<Row>(query).toArray()) {
        const due = this.#textOf(noun, id)
        if (due === undefined) this.forget(noun, id)
        else if (due.hash === known) sql.exec('DELETE FROM vectors_due WHERE noun = ? AND id = ?', noun, id)
        else if (found.length === 0 || characters + due.text.length <= charactersMax) {
          found.push(due)
          characters += due.text.length
        }
        if (found.length === limit || characters >= charactersMax) break
      }
    })
    return found
  }

  /** Stores vectors of texts, unless an entity has another text by now. */
  settle(settled: readonly Settled[]): void {
    const { sql } = this.#options.storage
    this.#options.storage.transactionSync(() => {
      if (this.basis === undefined) return
      for (const { noun, id, hash: of, vector } of settled) {
        if (this.#textOf(noun, id)?.hash !== of) continue
        const bytes = vector === null ? null : new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength)
        sql.exec('UPDATE vectors SET hash = ?, vector = ? WHERE noun = ? AND id = ?', of, bytes, noun, id)
        sql.exec('DELETE FROM vectors_due WHERE noun = ? AND id = ?', noun, id)
      }
    })
  }

  /** Deletes the vector of an entity. */
  forget(noun: string, id: string): void {
    const { storage, meta } = this.#options
    if (meta.get('vectorsBasis') === undefined) return
    storage.sql.exec('DELETE FROM vectors WHERE noun = ? AND id = ?', noun, id)
    storage.sql.exec('DELETE FROM vectors_due WHERE noun = ? AND id = ?', noun, id)
  }

  /** The numbers of a vector; undefined before the first. */
  get dimensions(): number | undefined {
    if (this.basis === undefined) return undefined
    const query = 'SELECT length(vector) AS bytes FROM vectors WHERE vector IS NOT NULL LIMIT 1'
    const [row] = this.#options.storage.sql.exec<{ bytes: number }>(query).toArray()
    return row === undefined ? undefined : row.bytes / Float32Array.BYTES_PER_ELEMENT
  }

  /** Entities that have a vector or get one, those of them whose text is due, and those of whose text the model makes none. */
  counts(): { readonly entities: number; readonly due: number; readonly refused: number } {
    if (this.basis === undefined) return { entities: 0, due: 0, refused: 0 }
    const [entities, refused] = [this.#count('vectors'), this.#count("vectors WHERE vector IS NULL AND hash <> ''")]
    return { entities, due: this.dueCount, refused }
  }

  /** The number of entities whose text is due. */
  get dueCount(): number {
    return this.basis === undefined ? 0 : this.#count('vectors_due')
  }

  #count(rows: string): number {
    const query = `SELECT count(*) AS count FROM ${rows}`
    return this.#options.storage.sql.exec<{ count: number }>(query).one().count
  }

  /** Compares a vector of length 1 with those of these Nouns. */
  async rank(nouns: readonly string[], vector: Float32Array, slices: Pick<Slices, 'pause'>): Promise<VectorRanking> {
    const ranking = new VectorRanking(vector)
    const rows = Math.max(1, Math.min(vectorsPerSlice, Math.floor(numbersPerSlice / vector.length)))
    const query = 'SELECT id, vector FROM vectors WHERE noun = ? AND id > ? AND vector IS NOT NULL ORDER BY id LIMIT ?'
    for (const noun of nouns) {
      // The index may be cleared between two slices.
      for (let after = ''; this.basis !== undefined;) {
        const found = [...this.#options.storage.sql.exec(query, noun, after, rows).raw<[string, ArrayBuffer]>()]
        ranking.add(noun, found)
        after = found.at(-1)?.[0] ?? after
        await slices.pause()
        if (found.length < rows) break
      }
    }
    return ranking
  }

  get #mark(): number {
    return Number(this.#options.meta.get('vectors') ?? 0)
  }

  #lives(noun: string, id: string): boolean {
    const { state } = this.#options
    const table = state.table(noun)
    return table !== undefined && state.get(table, id) !== undefined
  }

  /** Returns undefined for an entity that does not live or has no text. */
  #textOf(noun: string, id: string): DueText | undefined {
    const { state } = this.#options
    const table = state.table(noun)
    const version = table === undefined ? undefined : state.get(table, id)
    const texts = (table?.schema.searchable ?? []).flatMap((field) => {
      const value = version?.fields[field]
      return typeof value === 'string' && value.trim() !== '' ? [value] : []
    })
    if (texts.length === 0) return undefined
    const text = texts.join('\n').slice(0, vectorTextCharactersMax).toWellFormed()
    return { noun, id, text, hash: hash('sha256', text).slice(0, 32) }
  }
}

function fieldsOf(nouns: readonly SearchedNoun[]): string {
  return JSON.stringify(nouns.map(({ name, searchable }) => [name, searchable]))
}
