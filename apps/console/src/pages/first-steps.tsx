// The first steps in a new business, which end with a record of one's own that was changed and looked back at. The same step is shown
// for the API, the command line and agents.

import { type ReactNode, useState } from 'react'
import { Link } from '../base/navigation.tsx'
import { useToolTexts } from '../base/tool-texts.ts'
import { useNounInfo } from '../data/noun-schema.ts'
import type { Tour } from '../data/tour.ts'
import { useAsk } from '../data/use-ask.ts'
import { useScene } from '../data/workspace-context.tsx'
import { Granted } from '../ui/granted.tsx'
import { Icon } from '../ui/icon.tsx'
import { Panel } from '../ui/panel.tsx'
import { NewRecord } from './new-record.tsx'

export function FirstSteps({ after, end }: Tour): ReactNode {
  const say = useToolTexts()
  const { workspace } = useScene()
  const [isNew, setIsNew] = useState(false)
  const { data: info } = useNounInfo('Contact')
  const own = after === '' ? {} : { $createdAt: { $gt: after } }
  const { data: first } = useAsk({
    of: 'Contact',
    name: ['first', after],
    isOn: workspace.types.has('Contact'),
    read: async ({ entity }, signal) =>
      (await entity('Contact').find(own, { sort: '-$updatedAt', limit: 1, strong: true, signal }))[0] ?? null,
  })
  const record = first === null ? undefined : first
  const isChanged = record !== undefined && record.$version > 1
  // Created, changed, and changed back.
  const isTakenBack = record !== undefined && record.$version > 2
  const { tenant } = workspace
  return (
    <Panel
      title={say('tour.title')}
      isWide
      tools={
        <button type="button" className="button small quiet" onClick={end}>
          {say('tour.end')}
        </button>
      }
    >
      <ol className="tour">
        <Step isDone={record !== undefined} title={say('tour.add')}>
          <Granted need={{ verb: 'create', of: 'Contact' }}>
            <button type="button" className="button small primary" onClick={() => setIsNew(true)}>
              <Icon name="plus" /> {say('tour.addNow')}
            </button>
          </Granted>
        </Step>
        <Step isDone={isChanged} title={say('tour.change')}>
          {record === undefined ? null : (
            <Link className="button small" to={{ tenant, noun: 'Contact', id: record.$id, search: {} }}>
              {say('tour.open')}
            </Link>
          )}
        </Step>
        <Step isDone={isTakenBack} title={say('tour.look')}>
          {record === undefined ? null : (
            <Link
              className="button small"
              to={{ tenant, noun: 'Contact', id: record.$id, search: { view: 'history' } }}
            >
              {say('tour.history')}
            </Link>
          )}
        </Step>
      </ol>
      <details>
        <summary>{say('tour.same')}</summary>
        <pre>{linesFor(tenant)}</pre>
      </details>
      {isNew && info !== undefined ? <NewRecord info={info} onClose={() => setIsNew(false)} /> : null}
    </Panel>
  )
}

function linesFor(tenant: string): string {
  const { origin } = location
  return [
    `curl ${origin}/~${tenant}/Contact -H 'content-type: application/json' -d '{"name":"Ada Lovelace"}'`,
    `npx headlessly Contact.create --name 'Ada Lovelace' --tenant ${tenant}`,
    `${origin}/~${tenant}/mcp`,
  ].join('\n')
}

interface StepProps {
  readonly isDone: boolean
  readonly title: string
  readonly children: ReactNode
}

function Step({ isDone, title, children }: StepProps): ReactNode {
  const say = useToolTexts()
  return (
    <li className={isDone ? 'done' : undefined}>
      {isDone ? <Icon name="check" /> : null}
      {isDone ? <span className="visually-hidden">{say('tour.done')}</span> : null}
      <span>{title}</span>
      {children}
    </li>
  )
}
