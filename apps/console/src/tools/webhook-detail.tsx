// A webhook: its deliveries, and what can be sent again.

import type { StoredWebhook } from '@headlessly/sdk'
import { type FormEvent, type ReactNode, useState } from 'react'
import { useSettings } from '../base/settings-context.tsx'
import { useToolTexts } from '../base/tool-texts.ts'
import { useAct } from '../data/use-act.ts'
import { useAsk } from '../data/use-ask.ts'
import { useScene } from '../data/workspace-context.tsx'
import { AskFirst } from '../ui/ask-first.tsx'
import { Granted } from '../ui/granted.tsx'
import { Fault, Loaded, Panel } from '../ui/panel.tsx'
import { PlainTable } from '../ui/plain-table.tsx'
import { ShownOnce } from '../ui/shown-once.tsx'
import { Pill } from '../ui/value.tsx'

const everyMs = 5_000

export function WebhookDetail({ webhook }: { readonly webhook: StoredWebhook }): ReactNode {
  const say = useToolTexts()
  const { format } = useSettings()
  const { workspace } = useScene()
  const { webhooks } = workspace.client
  const { $id: id } = webhook
  const { act, isActing, error } = useAct()
  const deliveries = useAsk({
    of: '*',
    name: ['deliveries', id],
    everyMs,
    read: (_, signal) => webhooks.deliveries(id, { signal }),
  })
  return (
    <Panel
      title={webhook.name ?? webhook.url}
      isWide
      tools={
        <Granted need="everything">
          <WebhookActions webhook={webhook} />
        </Granted>
      }
    >
      <Loaded of={deliveries}>
        {(all) => (
          <PlainTable
            label={say('webhooks.deliveries')}
            rows={all.toReversed()}
            keyOf={({ event, timestamp }, at) => `${event}.${timestamp}.${at}`}
            empty={say('webhooks.noDeliveries')}
            columns={[
              { label: say('functions.at'), cell: ({ timestamp }) => format.time(timestamp) },
              { label: say('functions.event'), cell: ({ type }) => type },
              {
                label: say('functions.outcome'),
                cell: (one) => (
                  <>
                    <Pill text={one.status} tone={one.status === 'delivered' ? 'good' : 'bad'} />{' '}
                    {[one.responseStatus, one.error].filter(Boolean).join(' ')}
                  </>
                ),
              },
              { label: say('functions.ms'), isNumber: true, cell: ({ durationMs }) => format.number(durationMs, 0) },
              {
                label: say('agents.actions'),
                needs: 'everything',
                cell: ({ event }) => (
                  <button
                    type="button"
                    className="button small"
                    disabled={isActing}
                    onClick={() => act({ work: () => webhooks.redeliver(id, event), done: say('webhooks.again') })}
                  >
                    {say('webhooks.redeliver')}
                  </button>
                ),
              },
            ]}
          />
        )}
      </Loaded>
      <Fault error={error} />
      <Granted need="everything">
        <Replay id={id} />
      </Granted>
    </Panel>
  )
}

function WebhookActions({ webhook: { $id: id, name, url, status } }: { readonly webhook: StoredWebhook }): ReactNode {
  const say = useToolTexts()
  const { workspace } = useScene()
  const { webhooks } = workspace.client
  const [secret, setSecret] = useState<string | undefined>(undefined)
  const { act, isActing } = useAct({ isTold: true })
  const rotating = useAct()
  const removing = useAct()
  const title = name ?? url
  const isOff = status === 'Disabled'
  return (
    <span className="row-actions">
      <button
        type="button"
        className="button small"
        disabled={isActing}
        onClick={() => act({ work: () => workspace.entity('Webhook').perform(isOff ? 'enable' : 'disable', id) })}
      >
        {say(isOff ? 'webhooks.enable' : 'webhooks.disable')}
      </button>
      <AskFirst
        label={say('webhooks.rotate')}
        title={`${say('webhooks.rotate')}: ${title}`}
        ends={say('webhooks.rotateEnds')}
        acting={rotating}
        work={async () => setSecret((await webhooks.rotate(id)).secret)}
      />
      <AskFirst
        label={say('app.remove')}
        title={`${say('app.remove')}: ${title}`}
        ends={say('webhooks.removeEnds')}
        acting={removing}
        work={() => webhooks.remove(id)}
        done={say('webhooks.removed')}
      />
      {secret === undefined ? null : <ShownOnce title={say('webhooks.secret')} value={secret} />}
    </span>
  )
}

function Replay({ id }: { readonly id: string }): ReactNode {
  const say = useToolTexts()
  const { webhooks } = useScene().workspace.client
  const { act, isActing, error } = useAct()
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const given = new FormData(event.currentTarget)
    const range = { from: Number(given.get('from')), through: Number(given.get('through')) }
    act({ work: () => webhooks.replay(id, range), done: say('webhooks.again') })
  }
  return (
    <form className="tool-form" onSubmit={submit}>
      <label>
        {say('webhooks.from')}
        <input name="from" type="number" min={1} required />
      </label>
      <label>
        {say('webhooks.through')}
        <input name="through" type="number" min={1} required />
      </label>
      <button type="submit" className="button" disabled={isActing}>
        {say('webhooks.replay')}
      </button>
      <Fault error={error} />
    </form>
  )
}
