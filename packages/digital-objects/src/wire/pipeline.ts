// What is done to a list where it is, one step after the other, before anything of it is sent: `find(…).map(…).filter(…)`.

import type { JsonValue } from '../base/entity.ts'
import type { Callback } from './expression.ts'

/** `given` is what the caller hands to the callback beside the item: `filter((deal, { least }) => …, { least })`. */
export type PipelineStep =
  | {
      readonly step: 'map' | 'flatMap' | 'filter' | 'find' | 'some' | 'every'
      readonly callback: Callback
      readonly given?: JsonValue
    }
  | { readonly step: 'reduce'; readonly callback: Callback; readonly initial: JsonValue; readonly given?: JsonValue }
  /** Without a callback as JavaScript sorts: as texts. */
  | { readonly step: 'sort'; readonly callback?: Callback; readonly given?: JsonValue }
  /** Half-open; negative counts from the end. */
  | { readonly step: 'slice'; readonly start: number; readonly end?: number }
  /** What the value has under this name: a field, the entity or entities at the other end of a relation, `length`. */
  | { readonly step: 'member'; readonly name: string }
  /**
   * The items with those of their relations that have one of these names, and those of the entities there, three deep,
   * for who goes on with them itself and knows no other Noun: `{ items, relations }` (`item` of what is no list), where
   * `relations` lists all that the types which occur have, so that one that was not loaded can be told from a field. The
   * last step.
   */
  | { readonly step: 'load'; readonly names: readonly string[] }

/** What `load` gives for each item. */
export interface LoadedItem {
  /** An entity as `find` answers it, or what else the item is. */
  readonly row: JsonValue
  /** Those of the tree. A reference that is not set has no key; one whose entity is gone is null. */
  readonly relations: { readonly [relation: string]: LoadedItem | readonly LoadedItem[] | null }
}

/** Relations behind one another that `load` follows. */
export const loadDepthMax = 3

/** As many as anybody chains by hand, and some. */
export const pipelineStepsMax = 50
