// A ticket with its conversation: what was asked, the messages and comments since, and what can be done about it.

import { type ReactNode, useState } from 'react'
import { Link } from '../base/navigation.tsx'
import { verbLabel } from '../base/names.ts'
import { useSettings } from '../base/settings-context.tsx'
import { useToolTexts } from '../base/tool-texts.ts'
import { type Entity, idOf } from '../data/entity.ts'
import { titleOf, useNounInfo } from '../data/noun-schema.ts'
import { verbsOf } from '../data/possible-verbs.ts'
import { newestLines } from '../data/talk-lines.ts'
import { useAct } from '../data/use-act.ts'
import { useAsk } from '../data/use-ask.ts'
import { useScene } from '../data/workspace-context.tsx'
import { VerbDialog } from '../pages/record-verbs.tsx'
import { Fault, Loaded, Panel } from '../ui/panel.tsx'
import { Reference } from '../ui/value.tsx'
import { Assignee } from './assignee.tsx'
import { linesPerPage, MessageLines } from './message-lines.tsx'
import { ReplyForm } from './reply-form.tsx'

export function TicketThread({ ticket }: { readonly ticket: Entity }): ReactNode {
  const say = useToolTexts()
  const { format } = useSettings()
  const { workspace, reading } = useScene()
  const [shown, setShown] = useState(linesPerPage)
  const talk = useAsk({
    of: '*',
    name: ['ticket-talk', ticket.$id, shown, reading],
    read: async ({ entity, types }, signal) => {
      const options = { limit: shown, sort: '-$createdAt', signal, ...reading }
      const messages = await entity('Message').find({ ticket: ticket.$id }, { ...options, include: ['sender'] })
      const comments = types.has('Comment')
        ? await entity('Comment').find({ about: ticket.$id }, { ...options, include: ['author'] })
        : undefined
      const pages = [messages, comments].flatMap((page) => (page === undefined ? [] : [page]))
      return {
        lines: newestLines(pages.map((lines) => ({ lines, hasMore: lines.hasMore }))),
        hasMore: pages.some(({ hasMore }) => hasMore),
      }
    },
  })
  const { requester, description, slaDueAt, slaBreachedAt } = ticket
  return (
    <Panel title={titleOf(ticket)} tools={<TicketActions ticket={ticket} />}>
      <p className="soft small">
        {requester === undefined ? say('inbox.nobody') : <Reference value={requester} />} ·{' '}
        {format.time(ticket.$createdAt)}
        {typeof slaDueAt === 'string' ? ` · ${say('inbox.due', { time: format.time(slaDueAt) })}` : ''}
        {slaBreachedAt === undefined ? '' : ` · ${say('inbox.late')}`} ·{' '}
        <Link to={{ tenant: workspace.tenant, noun: 'Ticket', id: ticket.$id, search: {} }}>{say('inbox.record')}</Link>
      </p>
      {description === undefined ? null : <p className="talk-first">{String(description)}</p>}
      <Loaded of={talk}>{(page) => <MessageLines {...page} onMore={() => setShown(shown + linesPerPage)} />}</Loaded>
      <ReplyForm
        to={{ ticket: ticket.$id, ...(requester === undefined ? {} : { recipient: idOf(requester) }) }}
        channel={ticket['channel']}
      />
    </Panel>
  )
}

/** Resolving and the other verbs show their dry run; closing is one key. */
function TicketActions({ ticket }: { readonly ticket: Entity }): ReactNode {
  const say = useToolTexts()
  const { language } = useSettings()
  const { workspace, at } = useScene()
  const { data: info } = useNounInfo('Ticket')
  const [verb, setVerb] = useState<string | undefined>(undefined)
  const { act, isActing, error } = useAct()
  if (info === undefined || at !== undefined) return null
  const possible = new Set(verbsOf(info, ticket).possible.map((choice) => choice.verb))
  return (
    <span className="row-actions">
      <Assignee ticket={ticket} />
      {['resolve', 'escalate', 'reopen']
        .filter((name) => possible.has(name))
        .map((name) => (
          <button key={name} type="button" className="button small" onClick={() => setVerb(name)}>
            {verbLabel(name, language.words, 'Ticket')}
          </button>
        ))}
      {possible.has('close') ? (
        <button
          type="button"
          className="button small"
          data-key="e"
          disabled={isActing}
          onClick={() =>
            act({ work: () => workspace.entity('Ticket').perform('close', ticket.$id), done: say('inbox.closed') })
          }
        >
          {verbLabel('close', language.words, 'Ticket')}
        </button>
      ) : null}
      <Fault error={error} />
      {verb === undefined ? null : (
        <VerbDialog info={info} entity={ticket} choice={{ verb }} onClose={() => setVerb(undefined)} />
      )}
    </span>
  )
}
