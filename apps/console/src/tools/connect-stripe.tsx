// Connects the business to Stripe by a restricted key, which is tried, stored as a secret, and never shown again.

import { type FormEvent, type ReactNode, useState } from 'react'
import { useToolTexts } from '../base/tool-texts.ts'
import { useAct } from '../data/use-act.ts'
import { useScene } from '../data/workspace-context.tsx'
import { Fault, Panel } from '../ui/panel.tsx'
import { WebhookAddress } from './webhook-address.tsx'

export function ConnectStripe(): ReactNode {
  const say = useToolTexts()
  const { payments } = useScene().workspace.client
  const { act, isActing, error } = useAct()
  const [syncs, setSyncs] = useState(true)
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const form = event.currentTarget
    const given = new FormData(form)
    const text = (name: string): string => String(given.get(name)).trim()
    const secret = text('webhookSecret')
    act({
      work: () =>
        payments.connect({ key: text('key'), sync: syncs, ...(secret === '' ? {} : { webhookSecret: secret }) }),
      done: say('payments.connected'),
      then: () => form.reset(),
    })
  }
  return (
    <Panel title={say('payments.connect')} hint={say('payments.connectHint')} isWide>
      <WebhookAddress />
      <form className="tool-form" autoComplete="off" onSubmit={submit}>
        <label className="grow">
          {say('payments.key')}
          <input name="key" type="password" autoComplete="off" required placeholder="rk_live_…" />
        </label>
        <label className="grow">
          {say('payments.secret')}
          <input name="webhookSecret" type="password" autoComplete="off" placeholder="whsec_…" />
        </label>
        <fieldset>
          <legend>{say('payments.first')}</legend>
          <label>
            <input type="radio" name="first" checked={syncs} onChange={() => setSyncs(true)} />
            {say('payments.firstSync')}
          </label>
          <label>
            <input type="radio" name="first" checked={!syncs} onChange={() => setSyncs(false)} />
            {say('payments.firstWait')}
          </label>
        </fieldset>
        <button type="submit" className="button primary" disabled={isActing}>
          {say('payments.connectNow')}
        </button>
      </form>
      <Fault error={error} />
      <p className="small">
        <a href="/docs/payments">{say('payments.docs')}</a>
      </p>
    </Panel>
  )
}
