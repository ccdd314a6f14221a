// Patterns of events, and the events that a pattern gives.

import type { EventTypeOf, NounName, ObjectEvent } from 'digital-objects'
import type { EventOf, NounOf } from './noun-of.ts'

type EventType = { [Name in NounName]: EventTypeOf<NounOf<Name>> }[NounName]
type IdOf<Name extends NounName> = `${Lowercase<Name>}_${string}`

/** `*`, `Deal.*`, `Deal.Closed`, `*.Created`, an entity's id, or several with commas. */
export type EventPattern = '*' | EventType | `${NounName}.*` | `*.${string}` | IdOf<NounName> | `${string},${string}`

/** An event of this pattern, as far as the compiler can tell. */
export type EventFor<Pattern extends string> = Pattern extends `${infer Name extends NounName}.${infer Event}`
  ? Event extends '*'
    ? EventOf<Name>
    : Omit<EventOf<Name>, 'type'> & { readonly type: Pattern }
  : ObjectEvent
