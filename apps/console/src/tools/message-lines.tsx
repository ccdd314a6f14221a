// Messages of a conversation, oldest first: those of the business at one side, those of the others at the other.

import type { ReactNode } from 'react'
import { useSettings } from '../base/settings-context.tsx'
import type { Entity } from '../data/entity.ts'
import { Reference } from '../ui/value.tsx'

export function MessageLines({ messages }: { readonly messages: readonly Entity[] }): ReactNode {
  const { format } = useSettings()
  return (
    <ol className="talk-lines">
      {messages.map(({ $id, $createdAt, body, direction, sender, channel, status, author }) => (
        <li key={$id} className={direction === 'Inbound' ? undefined : 'ours'}>
          <header>
            <Reference value={sender ?? author ?? ''} />
            <span>{[channel, status].filter(Boolean).join(' · ')}</span>
            <time dateTime={$createdAt}>{format.time($createdAt)}</time>
          </header>
          {String(body)}
        </li>
      ))}
    </ol>
  )
}
