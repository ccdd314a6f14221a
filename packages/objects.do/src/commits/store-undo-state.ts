// The tenant's state as the plan of an undo asks about it. It sees everything, whoever undoes, since an undo destroys
// nobody's changes; `undo-refusal.ts` says what of it the caller gets to know.

import { deliveriesOf, findTouched, type LogRow, type NounTable, referringPairs, type TenantStore } from '@dotdo/do'
import { type EntityFields, type NounSchema, systemNoun } from 'digital-objects'
import type { FieldValue, Gap, LaterEvent, PresentEntity, Referrer, UndoState } from './undo-state.ts'
import { type EntityKey, rowToUndoneEvent, type UndoneEvent } from './undone-event.ts'

/** Later events of one entity that are examined one by one. */
const laterEventsMax = 1_000
/** References of one field that are examined. */
const referrersMax = 10_000

type LaterEvents = readonly LaterEvent[]

export class StoreUndoState implements UndoState {
  readonly #store: TenantStore
  readonly #referrersMax: number
  readonly #isTakenBack: (commit: number) => boolean

  constructor(
    store: TenantStore,
    options: {
      readonly referrersMax?: number
      /** Whether a later commit is no change, since it was taken back or took one back. */
      readonly isTakenBack?: (commit: number) => boolean
    } = {},
  ) {
    this.#store = store
    this.#referrersMax = options.referrersMax ?? referrersMax
    this.#isTakenBack = options.isTakenBack ?? (() => false)
  }

  undoneEvents(rows: readonly LogRow[]): readonly UndoneEvent[] {
    this.#recall(rows)
    return rows.map((row) => {
      const [noun = ''] = row.type.split('.')
      const wasLive = row.version > 1 && this.wasLive({ noun, id: row.target }, row.seq - 1)
      return rowToUndoneEvent(row, wasLive)
    })
  }

  schema(noun: string): NounSchema | undefined {
    return systemNoun(noun) ?? this.#store.catalog.current.lookup(noun)
  }

  present({ noun, id }: EntityKey): PresentEntity | undefined {
    const { state } = this.#store
    const table = this.#table(noun)
    if (table === undefined) return undefined
    const live = state.getToChange(table, id)
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

  /** Returns at most `limit` events of an entity after one, oldest first. */
  eventsOf({ noun, id }: EntityKey, { after, limit }: { readonly after: number; readonly limit: number }): LaterEvents {
    const table = this.#table(noun)
    if (table === undefined) return []
    return this.#store.events.commitsOf(this.#store.state.eventSeqs(table, { id, after, limit }))
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
    if (seqs.length <= laterEventsMax) {
      const events = log.commitsOf(seqs).filter(({ commit }) => !this.#isTakenBack(commit))
      return { events, isCut: false }
    }
    const version = before === Number.MAX_SAFE_INTEGER ? state.get(table, id) : state.getAsOf(table, id, before - 1)
    return { events: log.commitsOf([version?.seq ?? seqs.at(-1) ?? after]), isCut: true }
  }

  deliveries(seqs: readonly number[]): readonly { readonly seq: number; readonly handler: string }[] {
    return deliveriesOf(this.#store.sql, seqs)
  }

  erased(ids: readonly string[]): ReadonlyMap<string, number> {
    return this.#store.erasures.among(ids)
  }

  referrers(
    keys: readonly EntityKey[],
    except: readonly string[],
  ): { readonly referrers: readonly Referrer[]; readonly isCut: boolean } {
    const { sql, state, catalog } = this.#store
    if (keys.length === 0) return { referrers: [], isCut: false }
    const nouns = new Set(keys.map(({ noun }) => noun))
    const asked = {
      ids: JSON.stringify(keys.map(({ id }) => id)),
      except: JSON.stringify(except),
      limit: this.#referrersMax,
    }
    let isCut = false
    const referrers = catalog.current.nouns.flatMap((schema) =>
      Object.values(schema.fields).flatMap((field) => {
        if (field.kind !== 'reference' || !field.to.some((name) => nouns.has(name))) return []
        const pairs = referringPairs({ sql, state }, { schema, field }, asked)
        isCut ||= pairs.length === this.#referrersMax
        return pairs.map((pair) => ({ noun: schema.name, field: field.name, ...pair }))
      }),
    )
    return { referrers, isCut }
  }

  /** Each of the entities will be read several times. */
  #recall(rows: readonly LogRow[]): void {
    const byNoun = Map.groupBy(rows, ({ type }) => type.slice(0, type.indexOf('.')))
    for (const [noun, own] of byNoun) {
      const table = this.#table(noun)
      if (table !== undefined) this.#store.state.recall(table, [...new Set(own.map(({ target }) => target))])
    }
  }

  #table(noun: string): NounTable | undefined {
    const { state } = this.#store
    return state.hasTable(noun) ? state.table(noun) : undefined
  }
}
