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
  | { readonly step: 'length' }
  /** The items with these of their relations, for who goes on with them itself. The last step. */
  | { readonly step: 'load'; readonly relations: RelationTree }

/** `{ deals: { contact: {} } }`: the deals, and the contact of each. */
export interface RelationTree {
  readonly [relation: string]: RelationTree
}

/** As many as anybody chains by hand, and some. */
export const pipelineStepsMax = 50
