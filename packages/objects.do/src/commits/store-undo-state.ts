// The tenant's state as the plan of an undo asks about it. It sees everything, whoever undoes, since an undo destroys
// nobody's changes; `undo-refusal.ts` says what of it the caller gets to know.

import { deliveriesOf, findTouched, type NounTable, type TenantStore } from '@dotdo/do'
import { type EntityFields, fullVisibility, type NounSchema, schemaNoun } from 'digital-objects'
import { Reader } from '../entities/reader.ts'
import type { FieldValue, Gap, LaterEvent, PresentEntity, Referrer, UndoState } from './undo-state.ts'
import type { EntityKey } from './undone-event.ts'

/** Later events of one entity that are examined one by one. */
const laterEventsMax = 1_000
/** Referring entities of one Noun that are examined. */
const referrersMax = 100

export class StoreUndoState implements UndoState {
  readonly #store: TenantStore
  readonly #reader: Reader

  constructor(store: TenantStore) {
    this.#store = store
    const { lookup } = store.catalog.current
    this.#reader = new Reader({ store, visibility: fullVisibility(lookup), wholeLookup: lookup, context: '' })
  }

  schema(noun: string): NounSchema | undefined {
    return noun === schemaNoun.name ? schemaNoun : this.#store.catalog.current.lookup(noun)
  }

  present({ noun, id }: EntityKey): PresentEntity | undefined {
    const { state } = this.#store
    const table = this.#table(noun)
    if (table === undefined) return undefined
    const live = state.get(table, id)
    if (live !== undefined) return { fields: live.fields, lastVersion: live.version }
    const deleted = state.getDeleted(table, id)
    // A deletion takes a version too.
    return deleted === undefined ? undefined : { fields: undefined, lastVersion: deleted.version.version + 1 }
  }

  /** Whether the entity existed after an event, also if its Noun has no definition now. */
  wasLive({ noun, id }: EntityKey, seq: number): boolean {
    const { state, catalog } = this.#store
    const schema = this.schema(noun) ?? catalog.at(seq).lookup(noun)
    if (schema === undefined || !state.hasTable(noun)) return false
    return state.getAsOf(state.tableOf(schema), id, seq) !== undefined
  }

  fieldsAt({ noun, id }: EntityKey, seq: number): EntityFields | undefined {
    const table = this.#table(noun)
    return table === undefined ? undefined : this.#store.state.getAsOf(table, id, seq)?.fields
  }

  touched({ noun, id }: EntityKey, gap: Gap, values: readonly FieldValue[]): readonly string[] {
    const table = this.#table(noun)
    if (table === undefined) return []
    return findTouched({ sql: this.#store.sql, table, id, gap, values: new Map(values) })
  }

  laterEvents(
    { noun, id }: EntityKey,
    { after, before }: Gap,
  ): { readonly events: readonly LaterEvent[]; readonly isCut: boolean } {
    const { state, events: log } = this.#store
    const table = this.#table(noun)
    if (table === undefined) return { events: [], isCut: false }
    const seqs = state.eventSeqs(table, { id, after, limit: laterEventsMax + 1 }).filter((seq) => seq < before)
    if (seqs.length <= laterEventsMax) return { events: log.commitsOf(seqs), isCut: false }
    const version = before === Number.MAX_SAFE_INTEGER ? state.get(table, id) : state.getAsOf(table, id, before - 1)
    return { events: log.commitsOf([version?.seq ?? seqs.at(-1) ?? after]), isCut: true }
  }

  deliveries(seqs: readonly number[]): readonly { readonly seq: number; readonly handler: string }[] {
    return deliveriesOf(this.#store.sql, seqs)
  }

  referrers({ noun, id }: EntityKey): readonly Referrer[] {
    const { nouns } = this.#store.catalog.current
    return nouns.flatMap((schema) =>
      Object.values(schema.fields)
        .filter((field) => field.kind === 'reference' && field.to.includes(noun))
        .flatMap(({ name: field }) =>
          this.#reader
            .referring(schema, { by: field, id, limit: referrersMax, charactersMax: Number.POSITIVE_INFINITY })
            .map((version) => ({ noun: schema.name, id: version.id, field })),
        ),
    )
  }

  #table(noun: string): NounTable | undefined {
    const { state } = this.#store
    return state.hasTable(noun) ? state.table(noun) : undefined
  }
}
