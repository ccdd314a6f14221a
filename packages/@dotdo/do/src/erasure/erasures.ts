// The erasures of a tenant as its callers see them: asked for, previewed, listed, and found again after a restore.

import type { ObjectStore } from '@dotdo/db'
import { ObjectError, parseId } from 'digital-objects'
import type { TenantMeta } from '../log/tenant-meta.ts'
import type { ErasedEntities } from '../state/erased-entities.ts'
import type { StorageHandler } from '../state/storage-handler.ts'
import type { TenantCatalog } from '../state/tenant-catalog.ts'
import {
  erasedMax,
  type ErasureEntity,
  type ErasureStore,
  type RemovedOf,
  type StoredErasure,
  tooManyErased,
} from './erasure-store.ts'
import { personalReferrers } from './personal-referrers.ts'
import { readRecorded } from './recorded-erasures.ts'

export interface ErasuresOptions {
  readonly storage: DurableObjectStorage
  readonly sql: SqlStorage
  readonly store: ErasureStore
  readonly state: StorageHandler
  readonly erased: ErasedEntities
  readonly catalog: TenantCatalog
  readonly meta: TenantMeta
  readonly files: ObjectStore | undefined
  readonly makeId: () => string
  readonly now: () => number
  /** Sets the alarm for the job. */
  readonly changed: () => void
}

export interface AskedErasure {
  /** Ids of the person, and of further entities that have values of the person. */
  readonly ids: readonly string[]
  readonly actor: string
  readonly reason: string | undefined
}

/** Entities of one step of a search. */
const searchedTogether = 100
/** Limits the entities of a preview. */
const previewMax = 10_000

export class Erasures {
  readonly #options: ErasuresOptions
  /** Whether the state may have values of erasures that have begun before it was opened. */
  #isClosed = false

  constructor(options: ErasuresOptions) {
    this.#options = options
  }

  /** Call it when the state is opened. An erasure that is not over may be one of a restored backup. */
  closeUntilErased(): void {
    this.#isClosed = true
  }

  /** Whether the state may have values that were erased, so that nobody may read it yet. A job erases them again. */
  get isClosed(): boolean {
    this.#isClosed &&= this.#options.store.open().some(({ stage }) => stage === 'entities')
    return this.#isClosed
  }

  /** The refusal of all calls while the state is closed. */
  get refusal(): ObjectError | undefined {
    if (!this.isClosed) return undefined
    return new ObjectError({
      code: 'overloaded',
      message: 'persons that were erased since this backup was made are erased again: try again in a moment',
      detail: { retryAfterSeconds: 1 },
    })
  }

  /** Records an erasure, which a job performs. One that is open for the same ids is returned instead. Throws an ObjectError. */
  ask({ ids, actor, reason }: AskedErasure): StoredErasure {
    const { storage, store, erased, makeId, now, changed } = this.#options
    const roots = this.#existing(ids)
    return storage.transactionSync(() => {
      const open = store.open().find((each) => JSON.stringify(each.roots) === JSON.stringify(ids))
      if (open !== undefined) return open
      const id = makeId()
      store.add({ id, roots: ids, actor, reason: reason ?? null, askedMs: now() }, roots)
      erased.reload()
      changed()
      return this.#found(id)
    })
  }

  /** Lists what an erasure of these entities would reach now: for each Noun, its entities and personal fields. Changes nothing. */
  preview(ids: readonly string[]): Readonly<Record<string, Pick<RemovedOf, 'entities' | 'fields'>>> {
    const { erased } = this.#options
    const nouns: Record<string, { entities: number; fields: readonly string[] }> = {}
    for (const { noun } of this.#reach(this.#existing(ids))) {
      const fields = nouns[noun]?.fields ?? [...erased.marksOf(noun).values.keys()].toSorted()
      nouns[noun] = { entities: (nouns[noun]?.entities ?? 0) + 1, fields }
    }
    return nouns
  }

  #reach(roots: readonly ErasureEntity[]): Iterable<ErasureEntity> {
    const reached = new Map(roots.map((entity) => [entity.id, entity]))
    for (let waiting = [...reached.keys()]; waiting.length > 0;) {
      const ids = waiting.splice(0, searchedTogether)
      for (const entity of personalReferrers(this.#options, { ids, limit: erasedMax + 1 })) {
        if (reached.has(entity.id)) continue
        reached.set(entity.id, entity)
        waiting.push(entity.id)
        if (reached.size > previewMax) throw tooManyErased()
      }
    }
    return reached.values()
  }

  /** Returns the event up to which each of these entities was erased; those that were not are missing. */
  among(ids: readonly string[]): ReadonlyMap<string, number> {
    return this.#options.erased.among(ids)
  }

  find(id: string): StoredErasure | undefined {
    return this.#options.store.find(id)
  }

  list(limit: number): readonly StoredErasure[] {
    return this.#options.store.list(limit)
  }

  entities(id: string, page: { readonly after: string; readonly limit: number }): readonly ErasureEntity[] {
    return this.#options.store.entities(id, page)
  }

  /** Takes over erasures that the lake records and this database does not, since it comes from an older backup. */
  async followRecorded(): Promise<void> {
    const { files, meta, store, storage, erased, changed } = this.#options
    const tenant = meta.get('tenant')
    if (files === undefined || tenant === undefined) return
    const unknown = (await readRecorded(files, tenant)).filter(({ id }) => store.find(id) === undefined)
    if (unknown.length === 0) return
    storage.transactionSync(() => {
      for (const { id, roots, actor, askedAt, entities } of unknown)
        store.add({ id, roots, actor, reason: null, askedMs: Date.parse(askedAt) }, entities)
      this.closeUntilErased()
      erased.reload()
      changed()
    })
  }

  #found(id: string): StoredErasure {
    const found = this.find(id)
    if (found === undefined) throw new Error(`the erasure '${id}' was recorded`)
    return found
  }

  /** Throws an ObjectError `not_found` for an id that no entity has or had. */
  #existing(ids: readonly string[]): readonly ErasureEntity[] {
    const { state, erased, catalog } = this.#options
    const byPrefix = new Map(
      [...state.nounsWithTables(), ...catalog.current.nouns.map(({ name }) => name)].flatMap((noun) => {
        const schema = erased.schemaOf(noun)
        return schema === undefined ? [] : [[schema.idPrefix, schema] as const]
      }),
    )
    return ids.map((id) => {
      const schema = byPrefix.get(parseId(id)?.prefix ?? '')
      const table = schema === undefined || !state.hasTable(schema.name) ? undefined : state.tableOf(schema)
      const isKnown = table !== undefined && (state.exists(table, id) || state.getDeleted(table, id) !== undefined)
      if (schema !== undefined && isKnown) return { id, noun: schema.name }
      throw new ObjectError({ code: 'not_found', field: 'ids', message: `there is no entity '${id.slice(0, 64)}'` })
    })
  }
}
