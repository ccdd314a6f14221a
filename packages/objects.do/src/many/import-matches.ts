// The existing entities that the rows of one commit are, by the field that rows match on. One query finds those of all rows, since
// a query of its own would cost each row about as much as its change.

import type { FindPage, TenantStore, Written } from '@dotdo/do'
import {
  canonicalText,
  hasCanonicalText,
  isPlainObject,
  type JsonValue,
  type NounLookup,
  type NounSchema,
  ObjectError,
  parseFilter,
  tryParseJson,
} from 'digital-objects'
import type { Reader } from '../entities/reader.ts'

export interface MatchingParts {
  readonly store: TenantStore
  /** Reads by the caller's own eyes: entities that it may not see are none, however many there are. */
  readonly reader: Reader
  readonly lookup: NounLookup
  readonly noun: NounSchema
  readonly tenant: string
}

/** Two entities are ambiguous already. */
const idsMax = 2

export class MatchedEntities {
  readonly #parts: MatchingParts
  readonly #field: string
  /** Ids by value at the start of the commit; undefined if each value has to be asked for. */
  readonly #found: ReadonlyMap<string, readonly string[]> | undefined
  /** Values that rows of this commit had before or after their change. */
  readonly #touched = new Set<string>()
  /** The last event of which is known which values it touched. */
  #head: number

  /** `values` are those of all rows. Call it inside the commit, whose state then changes only by it. */
  constructor(field: string, values: readonly JsonValue[], parts: MatchingParts) {
    this.#field = field
    this.#parts = parts
    this.#head = parts.store.events.head
    this.#found = this.#findAll(values)
  }

  /** Returns the ids of at most two entities. Throws an ObjectError for a value that the field cannot have. */
  idsOf(value: JsonValue): readonly string[] {
    const key = this.#keyOf(value)
    const isKnown = key !== undefined && this.#head === this.#parts.store.events.head && !this.#touched.has(key)
    if (this.#found === undefined || !isKnown)
      return this.#page({ [this.#field]: value }, idsMax).versions.map(({ id }) => id)
    return this.#found.get(key) ?? []
  }

  /** Call it after the change of a row. Effects, which are further events, may have changed any entity. */
  wrote(value: JsonValue | undefined, { row, isUnchanged }: Written): void {
    if (isUnchanged || this.#found === undefined) return
    if (this.#parts.store.events.head === this.#head + 1) this.#head++
    // A hook may have given the entity another value.
    const entity = tryParseJson(row.data)
    const written = isPlainObject(entity) ? entity[this.#field] : undefined
    for (const one of [value, written]) {
      const key = this.#keyOf(one)
      if (key !== undefined) this.#touched.add(key)
    }
  }

  /** The value as entities have it; undefined for one that is asked for by itself. */
  #keyOf(value: unknown): string | undefined {
    const field = this.#parts.noun.fields[this.#field]
    if (typeof value !== 'string' || field?.kind !== 'data' || !['string', 'email'].includes(field.type))
      return undefined
    if (!value.isWellFormed() || value.includes('\0')) return undefined
    return hasCanonicalText(field) ? canonicalText(value) : value
  }

  #findAll(values: readonly JsonValue[]): ReadonlyMap<string, readonly string[]> | undefined {
    const keys = [...new Set(values.flatMap((value) => this.#keyOf(value) ?? []))]
    if (keys.length === 0) return undefined
    try {
      const { versions, hasMore } = this.#page({ [this.#field]: { $in: keys } }, keys.length * idsMax)
      // Large entities, and many of one value, leave no room for others.
      if (hasMore) return undefined
      const byValue = Map.groupBy(versions, ({ fields }) => String(fields[this.#field]))
      return new Map([...byValue].map(([value, own]) => [value, own.map(({ id }) => id)]))
    } catch (error) {
      if (!(error instanceof ObjectError)) throw error
      return undefined
    }
  }

  #page(condition: Readonly<Record<string, JsonValue>>, limit: number): FindPage {
    const { noun, lookup, reader, tenant } = this.#parts
    const filter = parseFilter(condition, { schema: noun, lookup })
    const request = {
      noun,
      filter,
      sort: undefined,
      limit,
      cursor: undefined,
      isCounted: false,
      asOfMs: undefined,
      shape: { includes: [], fields: undefined },
    }
    return reader.page(request, tenant)
  }
}
