// Approvals: commits that wait for the consent of a person, with the difference that each would make, and the rules that demand it.

import type { Approval } from '@headlessly/sdk'
import { type ReactNode, useState } from 'react'
import { useSettings } from '../base/settings-context.tsx'
import { useToolTexts } from '../base/tool-texts.ts'
import { useAct } from '../data/use-act.ts'
import { useAsk } from '../data/use-ask.ts'
import { useScene } from '../data/workspace-context.tsx'
import { EventPreview } from '../ui/event-preview.tsx'
import { Granted } from '../ui/granted.tsx'
import { Fault, Loaded, Panel } from '../ui/panel.tsx'
import { PlainTable } from '../ui/plain-table.tsx'
import { Actor, Pill, type Tone } from '../ui/value.tsx'
import { ApprovalRules } from './approval-rules.tsx'

const tones: Readonly<Record<Approval['status'], Tone>> = {
  Pending: 'warn',
  Approved: 'good',
  Refused: 'bad',
  Outdated: 'plain',
  Expired: 'plain',
}

export function Approvals(): ReactNode {
  const say = useToolTexts()
  const approvals = useAsk({
    of: '*',
    name: ['approvals'],
    // A request that waits is no event.
    everyMs: 5_000,
    read: ({ client }, signal) => client.access.approvals({ signal }),
  })
  return (
    <div className="panels">
      <Panel title={say('approvals.waiting')} hint={say('approvals.hint')} isWide>
        <Loaded of={approvals}>
          {(all) => {
            const waiting = all.filter(({ status }) => status === 'Pending')
            if (waiting.length === 0) return <p className="soft">{say('approvals.none')}</p>
            return waiting.map(({ id }) => <WaitingApproval key={id} id={id} />)
          }}
        </Loaded>
      </Panel>
      <Granted need="everything">
        <ApprovalRules />
      </Granted>
      <Panel title={say('approvals.decided')} isWide>
        <Loaded of={approvals}>{(all) => <Decided all={all.filter(({ status }) => status !== 'Pending')} />}</Loaded>
      </Panel>
    </div>
  )
}

function WaitingApproval({ id }: { readonly id: string }): ReactNode {
  const found = useAsk({
    of: '*',
    name: ['approval', id],
    read: ({ client }, signal) => client.access.approval(id, { signal }),
  })
  return <Loaded of={found}>{(approval) => <Decision approval={approval} />}</Loaded>
}

function Decision({ approval }: { readonly approval: Approval }): ReactNode {
  const say = useToolTexts()
  const { format } = useSettings()
  const { access } = useScene().workspace.client
  const [reason, setReason] = useState('')
  const { act, isActing, error } = useAct()
  const { id, requestedBy, onBehalfOf, via, requestedAt, expiresAt, reasons, eventCount, events = [] } = approval
  return (
    <article className="card approval" aria-label={say('approvals.request', { actor: requestedBy })}>
      <p>
        <strong>
          <Around text={say('approvals.request', { actor: mark })} who={requestedBy} />
        </strong>{' '}
        <span className="soft">
          {onBehalfOf === undefined ? null : (
            <>
              <Around text={say('approvals.for', { actor: mark })} who={onBehalfOf} /> ·{' '}
            </>
          )}
          {via} · {format.time(requestedAt)} · {say('approvals.until', { time: format.time(expiresAt) })}
        </span>
      </p>
      <p>{say('approvals.because', { rules: [...new Set(reasons.map(({ rule }) => rule))].join(', ') })}</p>
      <EventPreview events={events} />
      {eventCount > events.length ? <p className="soft">{say('approvals.events', { count: eventCount })}</p> : null}
      <Fault error={error} />
      <div className="tool-form">
        <Granted need="everything">
          <button
            type="button"
            className="button primary"
            disabled={isActing}
            onClick={() => act({ work: () => access.approve(id), done: say('approvals.approved') })}
          >
            {say('approvals.approve')}
          </button>
        </Granted>
        <label className="grow">
          {say('approvals.reason')}
          <input value={reason} maxLength={500} onChange={({ target }) => setReason(target.value)} />
        </label>
        <button
          type="button"
          className="button danger"
          disabled={isActing}
          onClick={() =>
            act({
              work: () => access.refuse(id, reason === '' ? {} : { reason }),
              done: say('approvals.refused'),
            })
          }
        >
          {say('approvals.refuse')}
        </button>
      </div>
    </article>
  )
}

const mark = '\u0000'

/** A sentence around the name of a caller. */
function Around({ text, who }: { readonly text: string; readonly who: string }): ReactNode {
  const [before, after] = text.split(mark)
  return (
    <>
      {before}
      <Actor id={who} />
      {after}
    </>
  )
}

function Decided({ all }: { readonly all: readonly Approval[] }): ReactNode {
  const say = useToolTexts()
  const { format } = useSettings()
  return (
    <PlainTable
      label={say('approvals.decided')}
      rows={all}
      keyOf={({ id }) => id}
      columns={[
        { label: say('approvals.by'), cell: ({ requestedBy }) => <Actor id={requestedBy} /> },
        { label: say('agents.status'), cell: ({ status }) => <Pill text={status} tone={tones[status]} /> },
        {
          label: say('approvals.decidedBy'),
          cell: ({ decidedBy, note }) => (
            <>
              {decidedBy === undefined ? '–' : <Actor id={decidedBy} />}
              {note === undefined ? '' : `: ${note}`}
            </>
          ),
        },
        { label: say('approvals.when'), cell: ({ decidedAt }) => (decidedAt ? format.time(decidedAt) : '–') },
        { label: say('approvals.commit'), isNumber: true, cell: ({ commit }) => commit ?? '–' },
      ]}
    />
  )
}
