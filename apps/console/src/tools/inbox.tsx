// The inbox: tickets that wait, or messages that belong to none, with the conversation of the one that is open. All by keys: j and k
// move, r replies, a assigns, e closes.

import { type ReactNode, useEffect, useRef } from 'react'
import { isTyping } from '../base/is-typing.ts'
import { go, Link, usePlace } from '../base/navigation.tsx'
import { useSettings } from '../base/settings-context.tsx'
import { type ToolSay, useToolTexts } from '../base/tool-texts.ts'
import type { Entity } from '../data/entity.ts'
import type { Filter } from '../data/filter-terms.ts'
import { titleOf } from '../data/noun-schema.ts'
import { useAsk } from '../data/use-ask.ts'
import { useScene } from '../data/workspace-context.tsx'
import { Loaded } from '../ui/panel.tsx'
import { Pill, type Tone } from '../ui/value.tsx'
import { MessageThread } from './message-thread.tsx'
import { TicketThread } from './ticket-thread.tsx'
import { ToolPage } from './tool-page.tsx'

const shownMax = 100
const waiting = { $nin: ['Resolved', 'Closed'] }

/** Boxes of tickets by the name that the address has. */
const boxes = ['open', 'mine', 'unassigned', 'overdue', 'all'] as const
type Box = (typeof boxes)[number]

const pages = {
  tickets: () => <Conversations noun="Ticket" />,
  messages: () => <Conversations noun="Message" />,
}

export function InboxPage(): ReactNode {
  const say = useToolTexts()
  return <ToolPage tool="inbox" title={say('inbox.title')} note={say('inbox.keys')} pages={pages} />
}

function Conversations({ noun }: { readonly noun: 'Ticket' | 'Message' }): ReactNode {
  const say = useToolTexts()
  const place = usePlace()
  const { workspace, reading } = useScene()
  const box = boxes.find((name) => name === place.search.f) ?? 'open'
  const filter = noun === 'Message' ? { ticket: null } : filterOf(box, workspace.whoami.actor)
  const list = useAsk({
    of: noun,
    name: ['inbox', filter, reading],
    isOn: workspace.types.has(noun),
    read: async ({ entity }, signal) =>
      entity(noun).find(filter, {
        limit: shownMax,
        sort: '-$updatedAt',
        include: noun === 'Ticket' ? ['requester', 'assignee'] : ['sender', 'recipient', 'contact'],
        signal,
        ...reading,
      }),
  })
  const open = list.data?.find(({ $id }) => $id === place.search.view) ?? list.data?.[0]
  useInboxKeys(list.data ?? [], open)
  return (
    <div className="side-by-side">
      <div>
        {noun === 'Ticket' ? <BoxChoice box={box} /> : null}
        <Loaded of={list}>
          {(rows) =>
            rows.length === 0 ? <p className="soft">{say('inbox.empty')}</p> : <Rows rows={rows} open={open} />
          }
        </Loaded>
      </div>
      {open === undefined ? null : noun === 'Ticket' ? (
        <TicketThread key={open.$id} ticket={open} />
      ) : (
        <MessageThread key={open.$id} message={open} />
      )}
    </div>
  )
}

function filterOf(box: Box, me: string): Filter {
  switch (box) {
    case 'open':
      return { status: waiting }
    case 'mine':
      return { status: waiting, assignee: me }
    case 'unassigned':
      return { status: waiting, assignee: null }
    case 'overdue':
      return { status: waiting, slaBreachedAt: { $exists: true } }
    case 'all':
      return {}
    default:
      return box satisfies never
  }
}

function BoxChoice({ box }: { readonly box: Box }): ReactNode {
  const say = useToolTexts()
  const place = usePlace()
  return (
    <label className="tool-form">
      <span className="visually-hidden">{say('inbox.box')}</span>
      <select
        value={box}
        onChange={({ target }) => go({ ...place, search: { ...place.search, f: target.value, view: '' } })}
      >
        {boxes.map((name) => (
          <option key={name} value={name}>
            {say(`inbox.${name}`)}
          </option>
        ))}
      </select>
    </label>
  )
}

interface RowsProps {
  readonly rows: readonly Entity[]
  readonly open: Entity | undefined
}

function Rows({ rows, open }: RowsProps): ReactNode {
  const say = useToolTexts()
  const { format } = useSettings()
  const place = usePlace()
  const list = useRef<HTMLUListElement>(null)
  const { view = '' } = place.search
  useEffect(() => {
    if (view !== '') showConversation(list.current)
  }, [view])
  return (
    <ul className="choice-list" ref={list}>
      {rows.map((row) => (
        <li key={row.$id}>
          <Link
            to={{ ...place, search: { ...place.search, view: row.$id } }}
            aria-current={row.$id === open?.$id ? 'true' : undefined}
          >
            <strong>{titleOf(row)}</strong>
            <span className="soft small">
              <Pill text={String(row['status'])} tone={toneOf(row)} /> {whoOf(row, say)} · {format.date(row.$updatedAt)}
            </span>
          </Link>
        </li>
      ))}
    </ul>
  )
}

/** On a phone the conversation is below the list, out of sight. */
function showConversation(list: HTMLElement | null): void {
  const conversation = list?.closest('.side-by-side')?.lastElementChild
  if (!list || !conversation) return
  const isBelow = conversation.getBoundingClientRect().top > list.getBoundingClientRect().bottom
  if (isBelow) conversation.scrollIntoView({ block: 'start' })
}

function toneOf({ status, slaBreachedAt, priority }: Entity): Tone {
  if (status === 'Resolved' || status === 'Closed' || status === 'Read') return 'good'
  return slaBreachedAt !== undefined || priority === 'Urgent' ? 'bad' : 'open'
}

function whoOf({ requester, sender, contact }: Entity, say: ToolSay): string {
  const who = requester ?? sender ?? contact
  return typeof who === 'object' && who !== null ? titleOf({ ...who }) : say('inbox.nobody')
}

function useInboxKeys(rows: readonly Entity[], open: Entity | undefined): void {
  const place = usePlace()
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (isTyping(event) || event.ctrlKey || event.metaKey || event.altKey) return
      const at = rows.findIndex(({ $id }) => $id === open?.$id)
      const next = event.key === 'j' ? rows[at + 1] : event.key === 'k' ? rows[at - 1] : undefined
      const target = { r: '[data-key="r"]', a: '[data-key="a"]', e: '[data-key="e"]' }[event.key]
      if (next !== undefined) go({ ...place, search: { ...place.search, view: next.$id } }, { replace: true })
      else if (target === undefined) return
      else if (event.key !== 'r') document.querySelector<HTMLElement>(target)?.click()
      else document.querySelector<HTMLElement>(target)?.focus()
      event.preventDefault()
    }
    globalThis.addEventListener('keydown', press)
    return () => globalThis.removeEventListener('keydown', press)
  }, [rows, open, place])
}
