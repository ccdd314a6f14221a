// What is done to a list where it is, one step after the other, before anything of it is sent: `find(…).map(…).filter(…)`.

import type { JsonValue } from './entity.ts'
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
   * for who goes on with them itself. The last step.
   */
  | { readonly step: 'load'; readonly names: readonly string[] }

// CHANGED AT WORK, for both helpers (this comment goes away): (1) `length` is gone, `member` is new: it means exactly
// what a `member` node means in a callback, on the value so far (an entity for a pipeline whose source is `get`, a list
// otherwise), so a list step after it needs a list and else refuses. (2) `load` takes names, not a tree: the client
// does not know other Nouns' schemas (one entity's bundle holds no other domain), so it sends the names that occur in
// the callbacks' sources, and the SERVER makes the tree (relations of the row's Noun among the names, to depth 3). Its
// answer: value = { items: [{ row, relations: {...} }…], relations: { Contact: ['organization', 'deals', …], … } }: the
// second one lists ALL relation names of each $type that occurs, so that linkRow can make getters that throw for what
// was not loaded. (3) answerPipeline takes ReadCall of kind 'pipeline' (packages/objects.do/src/call.ts) with an
// optional id: with one the source is `get` (not_found is refused as get refuses it), its value the entity.

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
