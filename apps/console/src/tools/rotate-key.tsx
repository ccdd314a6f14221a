// Replaces a key: a new one that may do the same is made and shown once, and then the old one is revoked. Both work in between, so that
// programs can be given the new key first.

import { type ReactNode, useState } from 'react'
import { useToolTexts } from '../base/tool-texts.ts'
import { type Entity, idOf } from '../data/entity.ts'
import { titleOf } from '../data/noun-schema.ts'
import { useAct } from '../data/use-act.ts'
import { useScene } from '../data/workspace-context.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Fault } from '../ui/panel.tsx'
import { ShownOnce } from '../ui/shown-once.tsx'

/** Each of them limits what the key may do, or says what it is for. */
const sameFields = new Set(['name', 'scopes', 'kind', 'level', 'expiresAt', 'tags'])

export function RotateKey({ apiKey }: { readonly apiKey: Entity }): ReactNode {
  const say = useToolTexts()
  const [isOpen, setIsOpen] = useState(false)
  const name = say('keys.rotateOf', { name: titleOf(apiKey) })
  return (
    <>
      <button
        type="button"
        className="button small"
        aria-label={name}
        disabled={apiKey['status'] !== 'Active'}
        onClick={() => setIsOpen(true)}
      >
        {say('keys.rotate')}
      </button>
      {isOpen ? <Steps apiKey={apiKey} title={name} onClose={() => setIsOpen(false)} /> : null}
    </>
  )
}

interface StepsProps {
  readonly apiKey: Entity
  readonly title: string
  readonly onClose: () => void
}

function Steps({ apiKey, title, onClose }: StepsProps): ReactNode {
  const say = useToolTexts()
  const { workspace } = useScene()
  const [secret, setSecret] = useState<string | undefined>(undefined)
  const { act, isActing, error } = useAct()
  const keys = workspace.entity('ApiKey')
  const make = async (): Promise<void> => {
    const { owner } = apiKey
    const given = Object.entries(apiKey).filter(([field]) => sameFields.has(field))
    const same = { ...Object.fromEntries(given), ...(owner === undefined ? {} : { owner: idOf(owner) }) }
    setSecret(String((await keys.perform('create', same))?.['key'] ?? ''))
  }
  return (
    <Dialog title={title} onClose={onClose}>
      {secret === undefined ? (
        <p>{say('keys.rotateHint')}</p>
      ) : (
        <>
          <ShownOnce title={say('keys.once')} value={secret} />
          <p>{say('keys.revokeEnds')}</p>
        </>
      )}
      <Fault error={error} />
      <div className="actions">
        {secret === undefined ? (
          <button type="button" className="button primary" disabled={isActing} onClick={() => act({ work: make })}>
            {say('keys.create')}
          </button>
        ) : (
          <button
            type="button"
            className="button danger"
            disabled={isActing}
            onClick={() =>
              act({ work: () => keys.perform('revoke', apiKey.$id), done: say('keys.revoked'), then: onClose })
            }
          >
            {say('keys.revokeOld')}
          </button>
        )}
      </div>
    </Dialog>
  )
}
