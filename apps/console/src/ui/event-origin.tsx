// The author of a change, with the key, the way, and the person who agreed to it.

import type { ObjectEvent } from '@headlessly/sdk'
import type { ReactNode } from 'react'
import { useSettings } from '../base/settings-context.tsx'
import { Actor } from './value.tsx'

export function EventOrigin({ event }: { readonly event: ObjectEvent }): ReactNode {
  const { say } = useSettings()
  const { actor, onBehalfOf, key, via, undoes, causedBy, approvedBy } = event
  const parts: readonly (readonly [label: string, who?: string])[] = [
    [say('history.by'), actor],
    ...(onBehalfOf === undefined ? [] : [[say('history.onBehalfOf'), onBehalfOf] as const]),
    ...(key === undefined ? [] : [[say('history.key'), key] as const]),
    // A consequence came by the way of its cause.
    causedBy === undefined ? [say('history.via', { via })] : [say('history.causedBy')],
    ...(undoes === undefined ? [] : [[say('history.undoes', { commit: undoes })] as const]),
    ...(approvedBy === undefined ? [] : [[say('history.approvedBy'), approvedBy] as const]),
  ]
  return (
    <>
      {parts.map(([label, who], at) => (
        <span key={label}>
          {at === 0 ? '' : ' · '}
          {label}
          {who === undefined ? null : (
            <>
              {' '}
              <Actor id={who} />
            </>
          )}
        </span>
      ))}
    </>
  )
}
