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

/** As many as anybody chains by hand, and some. */
export const pipelineStepsMax = 50
