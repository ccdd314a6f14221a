// The caller's part of a change: who makes it, for whom, with which key, and over which interface.

import type { Change } from '@dotdo/do'
import type { Caller } from '../answers/caller.ts'

export function changedBy({
  authority: { who: actor, onBehalfOf, through },
  via,
  causedBy,
}: Caller): Pick<Change, 'actor' | 'onBehalfOf' | 'key' | 'via' | 'causedBy'> {
  return {
    actor,
    via,
    ...(onBehalfOf === undefined ? {} : { onBehalfOf }),
    ...(through === undefined ? {} : { key: through.id }),
    ...(causedBy === undefined ? {} : { causedBy }),
  }
}
