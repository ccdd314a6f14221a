// Payments: connects the business to Stripe, and shows how the connection is, what runs, and what a person has to decide.

import { HeadlesslyError, type PaymentsStatus } from '@headlessly/sdk'
import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Link } from '../base/navigation.tsx'
import { useSettings } from '../base/settings-context.tsx'
import { useToolTexts } from '../base/tool-texts.ts'
import { useAct } from '../data/use-act.ts'
import { useAsk } from '../data/use-ask.ts'
import { useScene } from '../data/workspace-context.tsx'
import { AskFirst } from '../ui/ask-first.tsx'
import { Fault, Loaded, Panel } from '../ui/panel.tsx'
import { Pill } from '../ui/value.tsx'
import { ConnectStripe } from './connect-stripe.tsx'
import { PaymentRuns } from './payment-runs.tsx'
import { WebhookAddress } from './webhook-address.tsx'

/** Objects that changed at Stripe wait without an event here, so a connection is asked again. */
const everyMs = 5_000

/** The status is null if the business is not connected. */
function usePayments(options: { readonly everyMs?: number } = {}): UseQueryResult<PaymentsStatus | null> {
  return useAsk({
    of: '*',
    name: ['payments'],
    read: async ({ client }, signal) => client.payments.status({ signal }).catch(nullIfNotConnected),
    ...options,
  })
}

export function Payments(): ReactNode {
  const status = usePayments()
  return (
    <div className="panels">
      <Loaded of={status}>
        {(connection) =>
          connection === null ? (
            <ConnectStripe />
          ) : (
            <>
              <Connection of={connection} />
              <Work />
              <PaymentRuns />
            </>
          )
        }
      </Loaded>
    </div>
  )
}

function nullIfNotConnected(error: unknown): null {
  if (error instanceof HeadlesslyError && error.code === 'not_connected') return null
  throw error
}

function Connection({ of: status }: { readonly of: PaymentsStatus }): ReactNode {
  const say = useToolTexts()
  const { format } = useSettings()
  const { client, tenant } = useScene().workspace
  const disconnecting = useAct()
  usePayments({ everyMs })
  const { account, mode, eventsListedUntil, waitingFromStripe, waitingToStripe, openFindings } = status
  const open = { tenant, noun: 'PaymentFinding', search: { f: JSON.stringify({ status: 'Open' }) } }
  return (
    <Panel title={say('payments.connection')}>
      <p>
        {say('payments.account', { account: account ?? '–' })}{' '}
        <Pill text={mode ?? '–'} tone={mode === 'live' ? 'good' : 'warn'} />
      </p>
      <p>
        {eventsListedUntil === null
          ? say('payments.noEvents')
          : say('payments.events', { time: format.time(eventsListedUntil) })}
      </p>
      <p>{say('payments.waiting', { from: format.number(waitingFromStripe), to: format.number(waitingToStripe) })}</p>
      <p>
        {openFindings === 0 ? (
          say('payments.noFindings')
        ) : (
          <Link to={open}>{say('payments.findings', { count: format.number(openFindings) })}</Link>
        )}
      </p>
      <WebhookAddress />
      <div className="actions">
        <AskFirst
          label={say('payments.disconnect')}
          title={say('payments.disconnect')}
          ends={say('payments.disconnectEnds')}
          acting={disconnecting}
          work={() => client.payments.disconnect()}
          done={say('payments.disconnected')}
        />
      </div>
    </Panel>
  )
}

/** Each begins a run, which goes on after the page is closed. */
function Work(): ReactNode {
  const say = useToolTexts()
  const { payments } = useScene().workspace.client
  const { act, isActing, error } = useAct()
  const done = say('payments.begun')
  const syncs = [
    { label: say('payments.rehearse'), kind: 'Rehearsal' },
    { label: say('payments.sync'), kind: 'Sync' },
    { label: say('payments.gaps'), kind: 'Gaps' },
  ] as const
  return (
    <Panel title={say('payments.work')} hint={say('payments.workHint')}>
      <div className="actions">
        {syncs.map(({ label, kind }) => (
          <button
            key={kind}
            type="button"
            className="button"
            disabled={isActing}
            onClick={() => act({ work: () => payments.sync({ kind }), done })}
          >
            {label}
          </button>
        ))}
      </div>
      <form
        className="tool-form"
        onSubmit={(event) => {
          event.preventDefault()
          const day = String(new FormData(event.currentTarget).get('day'))
          act({ work: () => payments.reconcile(day === '' ? {} : { day }), done })
        }}
      >
        <label>
          {say('payments.day')}
          <input name="day" type="date" />
        </label>
        <button type="submit" className="button" disabled={isActing}>
          {say('payments.compare')}
        </button>
      </form>
      <Fault error={error} />
    </Panel>
  )
}
