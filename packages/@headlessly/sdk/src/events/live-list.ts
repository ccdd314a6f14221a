// `$.Deal.live(filter, listener)`: the entities that match a filter, and then what each commit changes in them.

import { checkOptions } from '../base/check-options.ts'
import { HeadlesslyError } from '../base/headlessly-error.ts'
import type { Listing } from '../calls/listing.ts'
import { toParameters } from '../calls/read-parameters.ts'
import type { Session } from '../calls/session.ts'
import type { LiveListener, LiveRows } from './live-rows.ts'
import { subscribe, type SubscribeOptions, type Unsubscribe } from './subscription.ts'

export type LiveOptions = Pick<SubscribeOptions, 'onError'>

interface LiveParts {
  /** `Deal`. */
  readonly noun: string
  readonly session: Session
  readonly list: (filter: object) => Listing<unknown>
}

export function liveList(
  { noun, session, list }: LiveParts,
  { filter, listener, options = {} }: { filter: object; listener: LiveListener<unknown>; options?: LiveOptions },
): Unsubscribe {
  const what = `${noun}.live`
  if (typeof listener !== 'function') {
    const message = `${what} expects a function as listener, got ${typeof listener}`
    throw new HeadlesslyError({ code: 'validation_error', field: 'listener', message })
  }
  checkOptions(options, { what, kinds: { onError: 'function' } })
  const { parameters, links } = toParameters(what, { filter })
  if (links.length > 0) {
    const message = `${what} expects a filter without pending results: await them first`
    throw new HeadlesslyError({ code: 'invalid_filter', field: 'filter', message })
  }
  let rows: LiveRows | undefined
  return subscribe(session, {
    feed: { path: `${noun}/live`, parameters },
    ...options,
    begin: async (state) => {
      const later = await import('../later.ts')
      rows ??= new later.LiveRows({ what, listener })
      await rows.reset(list(filter), state)
    },
    tell: async (message, state) => rows?.tell(message, state),
  })
}
