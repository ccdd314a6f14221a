// What `makeEventsBy` makes, to the compiler: `Contact.qualifiedBy(actor)` lists `Contact.Qualified` events.

import type { EventTypeOf, NounName } from 'digital-objects'
import type { EventFor } from '../types/event-types.ts'
import type { Listing } from '../calls/listing.ts'
import type { NounOf } from '../types/noun-of.ts'
import type { EventListOptions } from './read-events.ts'

export type EventsBy<Name extends NounName> = {
  /** The events of this verb by this actor, oldest first. */
  readonly [Type in EventTypeOf<NounOf<Name>> as ByOf<Type>]: (
    actor: string,
    options?: EventListOptions,
  ) => Listing<EventFor<Type>>
}

/** `'Contact.Qualified'` -> `'qualifiedBy'`. */
type ByOf<Type extends string> = Type extends `${string}.${infer Event}` ? `${Uncapitalize<Event>}By` : never
