// The record that a unit has seen a variant: an event, once for each unit of an experiment. Its property `exposure` is unique.

import type { MomentSource } from './unit-moments.ts'
import { sourceOf } from './unit-moments.ts'
import type { ProductParts } from './product-parts.ts'
import type { Subject } from './subject.ts'

const exposureEvent = 'experiment_exposed'

/** What names the exposure of a unit, whoever reports it. */
export function exposureKey(experiment: string, unit: string): string {
  return `${experiment} ${unit}`
}

/** The fields of the event. */
export function exposureFields(
  experiment: string,
  of: { readonly unit: string; readonly variant: string; readonly subject: Subject },
): object {
  const { unit, variant, subject } = of
  const { contact, userId, anonymousId } = subject
  return {
    name: exposureEvent,
    type: 'exposure',
    ...(userId === undefined ? {} : { userId }),
    ...(anonymousId === undefined ? {} : { anonymousId }),
    ...(contact === undefined ? {} : { contact }),
    properties: { experiment, variant, exposure: exposureKey(experiment, unit) },
  }
}

/** The exposures of one experiment. */
export function exposuresOf(parts: ProductParts, experiment: string): MomentSource {
  return sourceOf(parts, { event: exposureEvent, filter: { 'properties.experiment': experiment } })
}

/** The exposure of one unit, if there is one. */
export function exposureOf(parts: ProductParts, experiment: string, unit: string): MomentSource {
  return sourceOf(parts, { filter: { 'properties.exposure': exposureKey(experiment, unit) } })
}
