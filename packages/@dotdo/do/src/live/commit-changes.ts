// The entities that one commit has changed, before and after it. All live queries share them: an entity is read once, and a
// filter is evaluated once, however many subscribers there are.

import type { Entity } from 'digital-objects'
import type { EventHead } from '../log/event-heads.ts'
import type { StateReader } from '../state/state-reader.ts'
import { versionToEntity } from '../state/version-to-entity.ts'

export interface Matched {
  readonly was: boolean
  readonly is: boolean
}

export class EntityChange {
  readonly id: string
  /** Is undefined if it did not exist. */
  readonly before: Entity | undefined
  /** Is undefined if it was deleted. */
  readonly after: Entity | undefined
  readonly #matched = new Map<string, Matched>()
  #text: string | undefined

  constructor(id: string, before: Entity | undefined, after: Entity | undefined) {
    this.id = id
    this.before = before
    this.after = after
  }

  /** The entity's version after the commit, also of one that was deleted. */
  get version(): number {
    return this.after?.$version ?? (this.before?.$version ?? 0) + 1
  }

  /** `key` stands for the predicate. */
  matched(key: string, predicate: (entity: Entity) => boolean): Matched {
    const known = this.#matched.get(key) ?? {
      was: this.before !== undefined && predicate(this.before),
      is: this.after !== undefined && predicate(this.after),
    }
    this.#matched.set(key, known)
    return known
  }

  /** The entity after the commit as JSON, for those who see all of it. */
  get text(): string {
    this.#text ??= JSON.stringify(this.after)
    return this.#text
  }
}

export interface CommitRange {
  readonly commit: number
  /** Its last `seq`. */
  readonly end: number
  readonly heads: readonly EventHead[]
}

export class CommitChanges {
  readonly commit: number
  readonly end: number
  readonly #heads: readonly EventHead[]
  readonly #parts: { readonly state: StateReader; readonly context: string }
  readonly #byNoun = new Map<string, readonly EntityChange[]>()

  constructor({ commit, end, heads }: CommitRange, parts: { readonly state: StateReader; readonly context: string }) {
    this.commit = commit
    this.end = end
    this.#heads = heads
    this.#parts = parts
  }

  of(noun: string): readonly EntityChange[] {
    const known = this.#byNoun.get(noun) ?? this.#read(noun)
    this.#byNoun.set(noun, known)
    return known
  }

  #read(noun: string): readonly EntityChange[] {
    const { state, context } = this.#parts
    const table = state.table(noun)
    if (table === undefined) return []
    const at = (id: string, seq: number): Entity | undefined => {
      const version = state.getAsOf(table, id, seq)
      return version === undefined ? undefined : versionToEntity(noun, version, context)
    }
    const ids = new Set(this.#heads.filter(({ type }) => type.startsWith(`${noun}.`)).map(({ target }) => target))
    return [...ids].map((id) => new EntityChange(id, at(id, this.commit - 1), at(id, this.end)))
  }
}
