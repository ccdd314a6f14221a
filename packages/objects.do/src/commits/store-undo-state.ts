// The tenant's state as the plan of an undo asks about it. It sees everything, whoever undoes, since an undo destroys
// nobody's changes; `undo-refusal.ts` says what of it the caller gets to know.

import { deliveriesOf, findTouched, type NounTable, referringPairs, type TenantStore } from '@dotdo/do'
import { type EntityFields, type NounSchema, systemNoun } from 'digital-objects'
import type { FieldValue, Gap, LaterEvent, PresentEntity, Referrer, UndoState } from './undo-state.ts'
import type { EntityKey } from './undone-event.ts'

/** Later events of one entity that are examined one by one. */
const laterEventsMax = 1_000
/** References of one field that are examined. */
const referrersMax = 10_000

export class StoreUndoState implements UndoState {
  readonly #store: TenantStore

  constructor(store: TenantStore) {
    this.#store = store
  }

  schema(noun: string): NounSchema | undefined {
    return systemNoun(noun) ?? this.#store.catalog.current.lookup(noun)
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

  referrers(
    keys: readonly EntityKey[],
    except: readonly string[],
  ): { readonly referrers: readonly Referrer[]; readonly isCut: boolean } {
    const { sql, state, catalog } = this.#store
    if (keys.length === 0) return { referrers: [], isCut: false }
    const nouns = new Set(keys.map(({ noun }) => noun))
    const asked = { ids: JSON.stringify(keys.map(({ id }) => id)), except: JSON.stringify(except), limit: referrersMax }
    let isCut = false
    const referrers = catalog.current.nouns.flatMap((schema) =>
      Object.values(schema.fields).flatMap((field) => {
        if (field.kind !== 'reference' || !field.to.some((name) => nouns.has(name))) return []
        const pairs = referringPairs({ sql, state }, { schema, field }, asked)
        isCut ||= pairs.length === referrersMax
        return pairs.map((pair) => ({ noun: schema.name, field: field.name, ...pair }))
      }),
    )
    return { referrers, isCut }
  }

  #table(noun: string): NounTable | undefined {
    const { state } = this.#store
    return state.hasTable(noun) ? state.table(noun) : undefined
  }
}
