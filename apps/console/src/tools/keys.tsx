// Keys with which programs call. The secret of a new one is shown once.

import { type FormEvent, type ReactNode, useState } from 'react'
import { useSettings } from '../base/settings-context.tsx'
import { useToolTexts } from '../base/tool-texts.ts'
import { titleOf } from '../data/noun-schema.ts'
import { useAct } from '../data/use-act.ts'
import { useAsk } from '../data/use-ask.ts'
import { useScene } from '../data/workspace-context.tsx'
import { AskFirst } from '../ui/ask-first.tsx'
import { Granted } from '../ui/granted.tsx'
import { Fault, Loaded, Panel } from '../ui/panel.tsx'
import { PlainTable } from '../ui/plain-table.tsx'
import { CopyLines, ShownOnce } from '../ui/shown-once.tsx'
import { Pill, Reference } from '../ui/value.tsx'
import { RotateKey } from './rotate-key.tsx'

const keysMax = 100

export function Keys(): ReactNode {
  const say = useToolTexts()
  const { format } = useSettings()
  const { workspace } = useScene()
  const revoking = useAct()
  const keys = useAsk({
    of: 'ApiKey',
    name: ['keys'],
    read: async ({ entity }, signal) =>
      entity('ApiKey').find({}, { limit: keysMax, include: ['owner'], strong: true, signal }),
  })
  return (
    <div className="panels">
      <Panel title={say('operate.keys')} isWide>
        <Loaded of={keys}>
          {(all) => (
            <PlainTable
              label={say('operate.keys')}
              rows={all}
              keyOf={({ $id }) => $id}
              empty={say('keys.none')}
              columns={[
                { label: say('keys.name'), cell: (key) => titleOf(key) },
                { label: say('keys.prefix'), cell: ({ keyPrefix }) => <code>{String(keyPrefix ?? '')}…</code> },
                { label: say('keys.scopes'), cell: ({ scopes }) => String(scopes ?? say('keys.everything')) },
                {
                  label: say('keys.owner'),
                  cell: ({ owner }) => (owner === undefined ? '–' : <Reference value={owner} />),
                },
                {
                  label: say('keys.used'),
                  cell: ({ lastUsedAt }) => (typeof lastUsedAt === 'string' ? format.time(lastUsedAt) : '–'),
                },
                {
                  label: say('agents.status'),
                  cell: ({ status }) => <Pill text={String(status)} tone={status === 'Active' ? 'good' : 'bad'} />,
                },
                {
                  label: say('agents.actions'),
                  needs: 'everything',
                  cell: (key) => (
                    <div className="row-actions">
                      <RotateKey apiKey={key} />
                      <AskFirst
                        label={say('keys.revoke')}
                        name={say('keys.revokeOf', { name: titleOf(key) })}
                        title={say('keys.revokeOf', { name: titleOf(key) })}
                        ends={say('keys.revokeEnds')}
                        isDisabled={key['status'] !== 'Active'}
                        acting={revoking}
                        work={() => workspace.entity('ApiKey').perform('revoke', key.$id)}
                        done={say('keys.revoked')}
                      />
                    </div>
                  ),
                },
              ]}
            />
          )}
        </Loaded>
      </Panel>
      <Granted need="everything">
        <NewKey />
      </Granted>
    </div>
  )
}

function NewKey(): ReactNode {
  const say = useToolTexts()
  const { workspace } = useScene()
  const [secret, setSecret] = useState<string | undefined>(undefined)
  const { act, isActing, error } = useAct()
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const form = event.currentTarget
    const given = Object.fromEntries([...new FormData(form)].filter(([, value]) => value !== ''))
    act({
      work: async () => setSecret(String((await workspace.entity('ApiKey').perform('create', given))?.['key'] ?? '')),
      then: () => form.reset(),
    })
  }
  return (
    <Panel title={say('keys.new')} hint={say('keys.hint')}>
      <form className="tool-form" onSubmit={submit}>
        <label className="grow">
          {say('keys.name')}
          <input name="name" required />
        </label>
        <label className="grow">
          {say('keys.scopes')}
          <input name="scopes" placeholder="read,write:content" />
        </label>
        <button type="submit" className="button primary" disabled={isActing}>
          {say('keys.create')}
        </button>
      </form>
      <Fault error={error} />
      {secret === undefined ? null : (
        <>
          <ShownOnce title={say('keys.once')} value={secret} />
          <p>{say('keys.try')}</p>
          <CopyLines
            text={`curl '${location.origin}/~${workspace.tenant}/Contact?limit=3' \\\n  -H 'authorization: Bearer ${secret}'`}
          />
          <p className="small">
            <a href="/docs">{say('keys.docs')}</a> · <a href={`/~${workspace.tenant}/openapi`}>OpenAPI</a>
          </p>
        </>
      )}
    </Panel>
  )
}
