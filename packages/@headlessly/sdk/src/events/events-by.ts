// A method per verb of a Noun, such as `qualifiedBy`, that lists the verb's events by one actor.

import type { NounSchema } from 'digital-objects'
import { HeadlesslyError } from '../base/headlessly-error.ts'
import type { Listing } from '../calls/listing.ts'
import { type EventListOptions, listEvents } from './read-events.ts'
import type { Session } from '../calls/session.ts'

export type ListEventsBy = (actor: string, options?: EventListOptions) => Listing<unknown>

/** Keyed by name, `qualifiedBy`. Verbs that the Noun disables have none. */
export function makeEventsBy(
  { name, verbs }: NounSchema,
  session: () => Session,
): Readonly<Record<string, ListEventsBy>> {
  return Object.fromEntries(
    Object.values(verbs).map(({ by, event }) => {
      const list: ListEventsBy = (actor, options) => {
        // As with any list, a refusal comes when rows are requested.
        const checked = (): Session => {
          checkActor(`${name}.${by}`, actor)
          return session()
        }
        return listEvents(checked, { ...options, type: `${name}.${event}`, actor })
      }
      return [by, list]
    }),
  )
}

/** Without an actor it would list everybody's events. */
function checkActor(called: string, actor: unknown): void {
  if (typeof actor === 'string' && actor !== '') return
  const got = actor === '' ? 'an empty string' : actor === null ? 'null' : typeof actor
  const message = `${called} expects the id of an actor, got ${got}`
  throw new HeadlesslyError({ code: 'invalid_parameter', field: 'actor', message })
}
