// Who did it: a method for each verb of a Noun, in the verb's fourth form, that lists the events of it by one actor.

import type { NounSchema } from 'digital-objects'
import { HeadlesslyError } from '../base/headlessly-error.ts'
import type { Listing } from '../calls/listing.ts'
import { type EventListOptions, listEvents } from './read-events.ts'
import type { Session } from '../calls/session.ts'

export type ListEventsBy = (actor: string, options?: EventListOptions) => Listing<unknown>

/** By name, `qualifiedBy`. A verb that the Noun takes away has none. */
export function makeEventsBy(
  { name, verbs }: NounSchema,
  session: () => Session,
): Readonly<Record<string, ListEventsBy>> {
  return Object.fromEntries(
    Object.values(verbs).map(({ by, event }) => {
      const list: ListEventsBy = (actor, options) => {
        // As of any list, its refusal comes with its rows.
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

/** Without one it would list what anybody did. */
function checkActor(called: string, actor: unknown): void {
  if (typeof actor === 'string' && actor !== '') return
  const got = actor === '' ? 'an empty text' : actor === null ? 'null' : typeof actor
  const message = `${called} expects the id of who did it, as events name it, got ${got}`
  throw new HeadlesslyError({ code: 'invalid_parameter', field: 'actor', message })
}
