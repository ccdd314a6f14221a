// The caller's part of a change: who makes it, for whom, with which key, and over which interface.

import type { Change } from '@dotdo/do'
import { callerKindOf } from 'digital-objects'
import type { Caller } from '../answers/caller.ts'

export function changedBy({
  authority,
  via,
  causedBy,
  origin,
}: Caller): Pick<Change, 'actor' | 'onBehalfOf' | 'key' | 'via' | 'caller' | 'causedBy' | 'origin'> {
  const { who: actor, onBehalfOf, through } = authority
  const caller = callerKindOf(authority, via)
  return {
    actor,
    via,
    ...(caller === undefined ? {} : { caller }),
    ...(onBehalfOf === undefined ? {} : { onBehalfOf }),
    ...(through === undefined ? {} : { key: through.id }),
    ...(causedBy === undefined ? {} : { causedBy }),
    ...(origin === undefined ? {} : { origin }),
  }
}
