// Assignment of units to the variants of an experiment. It depends on the experiment, the unit and the weights alone, so it is
// the same everywhere and needs no record; and a larger allocation only adds units.

import type { Entity, JsonValue, NounSchema } from 'digital-objects'
import { categoryOf } from './product-parts.ts'
import { fractionOf } from './subject.ts'
import { pickVariant, type Variant, variantsOf } from './variants.ts'

/** The reason of an assignment: `paused` units keep their variant, and are counted no more. */
export type AssignmentReason = 'assigned' | 'paused' | 'winner' | 'not_allocated' | 'not_running' | 'no_unit'

export interface Assignment {
  readonly variant: Variant | undefined
  readonly reason: AssignmentReason
}

export function assign(noun: NounSchema, experiment: Entity, unit: string | undefined): Assignment {
  const variants = variantsOf(experiment['variants'])
  const category = categoryOf(noun, experiment)
  const { winner } = experiment
  if (category === 'done' && winner !== undefined)
    return { variant: variants.find(({ key }) => key === winner), reason: 'winner' }
  if (category !== 'running' && category !== 'paused') return { variant: undefined, reason: 'not_running' }
  if (unit === undefined) return { variant: undefined, reason: 'no_unit' }
  const salt = experiment.$id
  if (fractionOf(salt, 'allocation', unit) * 100 >= percentOf(experiment['trafficAllocation'], 100))
    return { variant: undefined, reason: 'not_allocated' }
  return { variant: pickVariant(variants, salt, unit), reason: category === 'paused' ? 'paused' : 'assigned' }
}

/** A percentage from 0 to 100. */
export function percentOf(value: JsonValue | undefined, fallback: number): number {
  return typeof value === 'number' ? Math.min(100, Math.max(0, value)) : fallback
}
