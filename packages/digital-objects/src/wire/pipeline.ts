// The steps of a pipeline, which the server applies to a list before it sends the result: `find(…).map(…).filter(…)`.

import type { JsonValue } from '../base/entity.ts'
import type { Callback } from './expression.ts'

/** `given` holds the values that the callback receives beside the item: `filter((deal, { least }) => …, { least })`. */
export type PipelineStep =
  | {
      readonly step: 'map' | 'flatMap' | 'filter' | 'find' | 'some' | 'every'
      readonly callback: Callback
      readonly given?: JsonValue
    }
  | { readonly step: 'reduce'; readonly callback: Callback; readonly initial: JsonValue; readonly given?: JsonValue }
  /** Sorts as strings if there is no callback, as in JavaScript. */
  | { readonly step: 'sort'; readonly callback?: Callback; readonly given?: JsonValue }
  /** The range is half-open; a negative index counts from the end. */
  | { readonly step: 'slice'; readonly start: number; readonly end?: number }
  /** Takes a field, the entity or entities at the other end of a relation, or `length`. */
  | { readonly step: 'member'; readonly name: string }

/** Limits the steps of one pipeline. A chain written by hand is shorter. */
export const pipelineStepsMax = 50
