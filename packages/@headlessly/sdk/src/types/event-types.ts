// Event patterns, and the type of the events that match one.

import type { EventTypeOf, KnownName, ObjectEvent } from 'digital-objects'
import type { EventOf, NameOfKey, NounKey, NounOf } from './noun-of.ts'

type EventType<Keys extends NounKey> = Keys extends NounKey ? EventTypeOf<NounOf<Keys>> : never
type IdOf<Name extends string> = `${Lowercase<Name>}_${string}`

/** `*`, `Deal.*`, `Deal.Closed`, `*.Created`, an entity's id, or several of these separated by commas. */
export type EventPattern = PatternOf<KnownName>

/** The same for these Nouns. */
export type PatternOf<Keys extends NounKey> =
  | '*'
  | EventType<Keys>
  | `${NameOfKey<Keys>}.*`
  | `*.${string}`
  | IdOf<NameOfKey<Keys>>
  | `${string},${string}`

/** An event that matches the pattern, as far as the compiler can tell. */
export type EventFor<Pattern extends string> = EventLike<KnownName, Pattern>

/** The same for these Nouns. */
export type EventLike<Keys extends NounKey, Pattern extends string> = Pattern extends `${infer Name}.${infer Event}`
  ? [KeyNamed<Keys, Name>] extends [never]
    ? ObjectEvent
    : Event extends '*'
      ? EventOf<KeyNamed<Keys, Name>>
      : Omit<EventOf<KeyNamed<Keys, Name>>, 'type'> & { readonly type: Pattern }
  : ObjectEvent

type KeyNamed<Keys extends NounKey, Name extends string> = Keys extends NounKey
  ? Name extends NameOfKey<Keys>
    ? Keys
    : never
  : never
