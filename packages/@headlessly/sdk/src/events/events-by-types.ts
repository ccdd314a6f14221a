// The type of `makeEventsBy`: `Contact.qualifiedBy(actor)` lists `Contact.Qualified` events.

import type { EventTypeOf } from 'digital-objects'
import type { EventLike } from '../types/event-types.ts'
import type { Listing } from '../calls/listing.ts'
import type { NounKey, NounOf } from '../types/noun-of.ts'
import type { EventListOptions } from './read-events.ts'

export type EventsBy<Key extends NounKey> = {
  /** Returns the events of this verb by this actor, oldest first. */
  readonly [Type in EventTypeOf<NounOf<Key>> as ByOf<Type>]: (
    actor: string,
    options?: EventListOptions,
  ) => Listing<EventLike<Key, Type>>
}

/** Maps `'Contact.Qualified'` to `'qualifiedBy'`. */
type ByOf<Type extends string> = Type extends `${string}.${infer Event}` ? `${Uncapitalize<Event>}By` : never
