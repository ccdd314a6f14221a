// Who did it: a method for each verb of a Noun, in the verb's fourth form, that lists the events of it by one actor.

import type { NounSchema } from 'digital-objects'
import type { EventPattern, Events } from './event-stream.ts'
import { HeadlesslyError } from './headlessly-error.ts'
import { Listing } from './listing.ts'
import type { EventListOptions } from './read-events.ts'

export type ListEventsBy = (actor: string, options?: EventListOptions) => Listing<unknown>

/** By name, `qualifiedBy`. A verb that the Noun takes away has none. */
export function makeEventsBy(
  { name, verbs }: NounSchema,
  events: Pick<Events, 'list'>,
): Readonly<Record<string, ListEventsBy>> {
  return Object.fromEntries(
    Object.values(verbs).map(({ by, event }) => {
      // A Noun's name and an event of its own.
      const type = `${name}.${event}` as EventPattern
      const list: ListEventsBy = (actor, options) =>
        isActor(actor) ? events.list({ ...options, type, actor }) : refused(`${name}.${by}`, actor)
      return [by, list]
    }),
  )
}

/** Without one it would list what anybody did. */
function isActor(actor: unknown): boolean {
  return typeof actor === 'string' && actor !== ''
}

/** As any list, it says so when it is asked for its rows. */
function refused(called: string, actor: unknown): Listing<unknown> {
  const got = actor === '' ? 'an empty text' : actor === null ? 'null' : typeof actor
  const message = `${called} expects the id of who did it, as events name it, got ${got}`
  const read = (): never => {
    throw new HeadlesslyError({ code: 'invalid_parameter', field: 'actor', message })
  }
  return new Listing({ read: async () => read(), limit: undefined, limitFallback: 1, pageMax: 1, cursor: undefined })
}
