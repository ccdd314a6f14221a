// `$.Deal.live(filter, listener)`: the entities that match a filter, and then what each commit changes in them; and
// `$.Deal.liveChanges(filter, listener)`: the changes alone.

import { checkOptions } from '../base/check-options.ts'
import { HeadlesslyError } from '../base/headlessly-error.ts'
import type { Listing } from '../calls/listing.ts'
import { toParameters } from '../calls/read-parameters.ts'
import type { Session } from '../calls/session.ts'
import type { Feed } from '../wire/transport.ts'
import type { ChangesListener, LiveListener, LiveRows } from './live-rows.ts'
import { subscribe, type SubscribeOptions, subscribeOptions, type Unsubscribe } from './subscription.ts'

export type LiveOptions = Pick<SubscribeOptions, 'onError'>

interface LiveParts {
  /** `Deal`. */
  readonly noun: string
  readonly session: Session
  readonly list: (filter: object) => Listing<unknown>
}

interface Asked<Listener, Options> {
  readonly filter: object
  readonly listener: Listener
  readonly options?: Options
}

export function liveList(
  { noun, session, list }: LiveParts,
  { filter, listener, options = {} }: Asked<LiveListener<unknown>, LiveOptions>,
): Unsubscribe {
  const what = `${noun}.live`
  checkOptions(options, { what, kinds: { onError: 'function' } })
  let rows: LiveRows | undefined
  return subscribe(session, {
    feed: feedOf({ noun, what, filter, listener }),
    ...options,
    begin: async (state) => {
      const later = await import('../later.ts')
      rows ??= new later.LiveRows({ what, listener })
      await rows.reset(list(filter), state)
    },
    tell: async (message, state) => rows?.tell(message, state),
  })
}

export function liveChanges(
  { noun, session }: Omit<LiveParts, 'list'>,
  { filter, listener, options = {} }: Asked<ChangesListener<unknown>, SubscribeOptions>,
): Unsubscribe {
  const what = `${noun}.liveChanges`
  checkOptions(options, { what, kinds: subscribeOptions })
  return subscribe(session, {
    feed: feedOf({ noun, what, filter, listener }),
    ...options,
    tell: async (message, state) => (await import('../later.ts')).tellChanges(message, { listener, state }),
  })
}

interface FeedParts {
  readonly noun: string
  readonly what: string
  readonly filter: object
  readonly listener: unknown
}

function feedOf({ noun, what, filter, listener }: FeedParts): Feed {
  if (typeof listener !== 'function') {
    const message = `${what} expects a function as listener, got ${typeof listener}`
    throw new HeadlesslyError({ code: 'validation_error', field: 'listener', message })
  }
  const { parameters, links } = toParameters(what, { filter })
  if (links.length > 0) {
    const message = `${what} expects a filter without pending results: await them first`
    throw new HeadlesslyError({ code: 'invalid_filter', field: 'filter', message })
  }
  return { path: `${noun}/live`, parameters }
}
