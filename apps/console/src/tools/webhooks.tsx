// Webhooks: where events are sent, how that goes, and sending again.

import type { StoredWebhook } from '@headlessly/sdk'
import { type FormEvent, type ReactNode, useState } from 'react'
import { Link, usePlace } from '../base/navigation.tsx'
import { useSettings } from '../base/settings-context.tsx'
import { useToolTexts } from '../base/tool-texts.ts'
import { useAct } from '../data/use-act.ts'
import { useAsk } from '../data/use-ask.ts'
import { useScene } from '../data/workspace-context.tsx'
import { Granted } from '../ui/granted.tsx'
import { Fault, Loaded, Panel } from '../ui/panel.tsx'
import { PlainTable } from '../ui/plain-table.tsx'
import { ShownOnce } from '../ui/shown-once.tsx'
import { Pill, type Tone } from '../ui/value.tsx'
import { WebhookDetail } from './webhook-detail.tsx'

export const webhookTones: Readonly<Record<StoredWebhook['status'], Tone>> = {
  Active: 'good',
  Failing: 'warn',
  Disabled: 'bad',
}

export function Webhooks(): ReactNode {
  const { translate } = useSettings()
  const say = useToolTexts()
  const place = usePlace()
  const webhooks = useAsk({
    of: 'Webhook',
    name: ['list'],
    read: ({ client }, signal) => client.webhooks.list({ signal }),
  })
  const open = webhooks.data?.find(({ $id }) => $id === place.search.view)
  return (
    <div className="panels">
      <Panel title={say('operate.webhooks')} isWide>
        <Loaded of={webhooks}>
          {(all) => (
            <PlainTable
              label={say('operate.webhooks')}
              rows={all}
              keyOf={({ $id }) => $id}
              empty={say('webhooks.none')}
              columns={[
                {
                  label: say('webhooks.address'),
                  cell: ({ $id, url, name }) => <Link to={{ ...place, search: { view: $id } }}>{name ?? url}</Link>,
                },
                { label: say('webhooks.events'), cell: ({ events }) => events.join(', ') },
                {
                  label: say('agents.status'),
                  cell: ({ status, reason }) => (
                    <>
                      <Pill text={status} tone={webhookTones[status]} />{' '}
                      {reason === undefined ? null : translate(reason)}
                    </>
                  ),
                },
              ]}
            />
          )}
        </Loaded>
      </Panel>
      {open === undefined ? null : <WebhookDetail key={open.$id} webhook={open} />}
      <Granted need="everything">
        <NewWebhook />
      </Granted>
    </div>
  )
}

function NewWebhook(): ReactNode {
  const say = useToolTexts()
  const { webhooks } = useScene().workspace.client
  const [secret, setSecret] = useState<string | undefined>(undefined)
  const { act, isActing, error } = useAct()
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const form = event.currentTarget
    const given = new FormData(form)
    const events = String(given.get('events'))
      .split(/[\s,]+/)
      .filter((pattern) => pattern !== '')
    act({
      work: async () => setSecret((await webhooks.create({ url: String(given.get('url')), events })).secret),
      then: () => form.reset(),
    })
  }
  return (
    <Panel title={say('webhooks.new')} hint={say('webhooks.hint')}>
      <form className="tool-form" onSubmit={submit}>
        <label className="grow">
          {say('webhooks.address')}
          <input name="url" type="url" required placeholder="https://example.com/hook" />
        </label>
        <label className="grow">
          {say('webhooks.events')}
          <input name="events" required placeholder="Contact.created, Deal.*" />
        </label>
        <button type="submit" className="button primary" disabled={isActing}>
          {say('webhooks.create')}
        </button>
      </form>
      <Fault error={error} />
      {secret === undefined ? null : <ShownOnce title={say('webhooks.secret')} value={secret} />}
    </Panel>
  )
}
