// Lists events, oldest first: all of the tenant, of one entity, or by one actor.

import { checkOptions } from '../base/check-options.ts'
import type { CallOptions } from '../calls/call-options.ts'
import { Listing } from '../calls/listing.ts'
import { parsePage } from '../calls/parse-answer.ts'
import { type ReadInput, toParameters } from '../calls/read-parameters.ts'
import type { Session } from '../calls/session.ts'

const pageMax = 100
const optionKinds = {
  type: 'string',
  entity: 'string',
  actor: 'string',
  limit: 'number',
  after: 'number',
  signal: 'signal',
} as const

export interface EventListOptions extends CallOptions {
  /** 100 by default, at most 1,000. */
  readonly limit?: number | undefined
  /** Starts after this `seq`. */
  readonly after?: number | undefined
}

/** Lists events of the whole log. The session is requested only when rows are. */
export function listEvents<Event>(
  session: () => Session,
  options: EventListOptions & Pick<ReadInput, 'type' | 'entity' | 'actor'>,
): Listing<Event> {
  const { signal, ...choice } = options
  return readEvents({
    ...choice,
    read: async (parameters) => {
      checkOptions(options, { what: 'events.list', kinds: optionKinds })
      return (await session().send({ kind: 'read', read: 'events', parameters }, signal)).body
    },
  })
}

/** The log does not report a total, so it is null. */
export function readEvents<Event>(options: {
  readonly limit?: number | undefined
  readonly after?: number | undefined
  readonly type?: string | undefined
  readonly entity?: string | undefined
  readonly actor?: string | undefined
  readonly read: (parameters: Readonly<Record<string, string>>) => Promise<unknown>
}): Listing<Event> {
  const { limit, after = 0, type, entity, actor, read } = options
  return new Listing<Event>({
    pageMax,
    limitFallback: pageMax,
    limit,
    cursor: String(after),
    read: async (at) => {
      const { parameters } = toParameters('events.list', { type, entity, actor, limit: at.limit })
      return parsePage<Event>(await read({ ...parameters, after: at.cursor ?? '0' }))
    },
  })
}
