// Work in the background: imports and other writes of many records with their progress, the server's own jobs, and what has failed.

import type { JobStatus, ListedJob } from '@headlessly/sdk'
import type { ReactNode } from 'react'
import { useSettings } from '../base/settings-context.tsx'
import { useToolTexts } from '../base/tool-texts.ts'
import { useAsk } from '../data/use-ask.ts'
import { Loaded, Panel } from '../ui/panel.tsx'
import { PlainTable } from '../ui/plain-table.tsx'
import { Pill } from '../ui/value.tsx'

const everyMs = 2_000

export function Jobs(): ReactNode {
  const say = useToolTexts()
  const jobs = useAsk({ of: '*', name: ['jobs'], everyMs, read: ({ client }, signal) => client.jobs.list({ signal }) })
  const status = useAsk({ of: '*', name: ['status'], everyMs, read: ({ client }, signal) => client.status({ signal }) })
  return (
    <div className="panels">
      <Panel title={say('jobs.bulk')} hint={say('jobs.bulkHint')} isWide>
        <Loaded of={jobs}>{(all) => <BulkTable all={all} />}</Loaded>
      </Panel>
      <Panel title={say('jobs.errors')} isWide>
        <Loaded of={status}>
          {({ outbox, jobs: own }) => (
            <>
              <p>{say('jobs.outbox', { waiting: outbox.waiting, parked: outbox.parked })}</p>
              <OwnTable all={own.filter(({ failure, parked }) => failure !== null || parked > 0)} />
            </>
          )}
        </Loaded>
      </Panel>
      <Panel title={say('jobs.own')} isWide>
        <Loaded of={status}>{({ jobs: own }) => <OwnTable all={own} />}</Loaded>
      </Panel>
    </div>
  )
}

function BulkTable({ all }: { readonly all: readonly ListedJob[] }): ReactNode {
  const say = useToolTexts()
  const { format, translate } = useSettings()
  return (
    <PlainTable
      label={say('jobs.bulk')}
      rows={all}
      keyOf={({ id }) => id}
      empty={say('jobs.none')}
      columns={[
        { label: say('jobs.what'), cell: ({ kind, noun }) => [kind, noun].filter(Boolean).join(' ') },
        {
          label: say('agents.status'),
          cell: ({ state, error }) => (
            <>
              <Pill text={state} tone={state === 'failed' ? 'bad' : state === 'done' ? 'good' : 'open'} />{' '}
              {error === null ? null : translate(error)}
            </>
          ),
        },
        {
          label: say('jobs.progress'),
          cell: ({ done, total, state, id }) =>
            state === 'running' ? (
              <progress aria-label={id} max={Math.max(total, 1)} value={done} />
            ) : (
              `${format.number(done)} / ${format.number(total)}`
            ),
        },
        { label: say('jobs.refused'), isNumber: true, cell: ({ refused }) => format.number(refused) },
        { label: say('runs.started'), cell: ({ createdAt }) => format.time(createdAt) },
      ]}
    />
  )
}

function OwnTable({ all }: { readonly all: readonly JobStatus[] }): ReactNode {
  const say = useToolTexts()
  const { format, translate } = useSettings()
  return (
    <PlainTable
      label={say('jobs.own')}
      rows={all}
      keyOf={({ name }) => name}
      empty={say('jobs.noErrors')}
      columns={[
        { label: say('jobs.what'), cell: ({ name }) => name },
        {
          label: say('agents.status'),
          cell: ({ state }) => <Pill text={state} tone={state === 'failing' ? 'bad' : 'plain'} />,
        },
        { label: say('jobs.next'), cell: ({ next }) => (next === null ? '–' : format.time(next)) },
        { label: say('jobs.error'), cell: ({ failure }) => (failure === null ? '' : translate(failure.message)) },
        { label: say('jobs.parked'), isNumber: true, cell: ({ parked }) => format.number(parked) },
      ]}
    />
  )
}
