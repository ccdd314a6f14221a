// A message that belongs to no ticket, with the others of its thread, or of its contact.

import { type ReactNode, useState } from 'react'
import { Link } from '../base/navigation.tsx'
import { useToolTexts } from '../base/tool-texts.ts'
import { type Entity, idOf } from '../data/entity.ts'
import { titleOf } from '../data/noun-schema.ts'
import { useAct } from '../data/use-act.ts'
import { useAsk } from '../data/use-ask.ts'
import { useScene } from '../data/workspace-context.tsx'
import { useMay } from '../ui/granted.tsx'
import { Fault, Loaded, Panel } from '../ui/panel.tsx'
import { linesPerPage, MessageLines } from './message-lines.tsx'
import { ReplyForm } from './reply-form.tsx'

export function MessageThread({ message }: { readonly message: Entity }): ReactNode {
  const say = useToolTexts()
  const { workspace, at, reading } = useScene()
  const { thread, contact, sender, recipient, direction, channel, subject } = message
  const same =
    thread === undefined ? (contact === undefined ? { $id: message.$id } : { contact: idOf(contact) }) : { thread }
  const [shown, setShown] = useState(linesPerPage)
  const talk = useAsk({
    of: 'Message',
    name: ['thread', same, shown, reading],
    read: async ({ entity }, signal) => {
      const options = { limit: shown, sort: '-$createdAt', include: ['sender'], signal, ...reading }
      const newest = await entity('Message').find(same, options)
      return { lines: newest.toReversed(), hasMore: newest.hasMore }
    },
  })
  const { act, isActing, error } = useAct()
  const may = useMay()
  const other = direction === 'Inbound' ? (sender ?? contact) : (recipient ?? contact)
  return (
    <Panel
      title={titleOf(message)}
      tools={
        at !== undefined ||
        !['Sent', 'Delivered'].includes(String(message['status'])) ||
        !may({ verb: 'read', of: 'Message' }) ? null : (
          <button
            type="button"
            className="button small"
            data-key="e"
            disabled={isActing}
            onClick={() => act({ work: () => workspace.entity('Message').perform('read', message.$id) })}
          >
            {say('inbox.markRead')}
          </button>
        )
      }
    >
      <p className="small">
        <Link to={{ tenant: workspace.tenant, noun: 'Message', id: message.$id, search: {} }}>
          {say('inbox.record')}
        </Link>
      </p>
      <Fault error={error} />
      <Loaded of={talk}>{(page) => <MessageLines {...page} onMore={() => setShown(shown + linesPerPage)} />}</Loaded>
      <ReplyForm
        to={{
          ...(thread === undefined ? {} : { thread }),
          ...(subject === undefined ? {} : { subject }),
          ...(contact === undefined ? {} : { contact: idOf(contact) }),
          ...(other === undefined ? {} : { recipient: idOf(other) }),
        }}
        channel={channel}
      />
    </Panel>
  )
}
