// Runs a stored function over events of the past, and shows what it would have done. Nothing is written or sent.

import type { Backtest, BacktestRun } from '@headlessly/sdk'
import { useMutation } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { Link } from '../base/navigation.tsx'
import { useSettings } from '../base/settings-context.tsx'
import { useToolTexts } from '../base/tool-texts.ts'
import { useScene } from '../data/workspace-context.tsx'
import { Fault, Panel } from '../ui/panel.tsx'
import { PlainTable } from '../ui/plain-table.tsx'
import { shown } from '../ui/shown.ts'
import { Pill } from '../ui/value.tsx'

interface FunctionBacktestProps {
  readonly name: string
  /** Only a function that runs before or after changes can be tested so. */
  readonly isTriggered: boolean
}

const monthMs = 30 * 86_400_000

export function FunctionBacktest({ name, isTriggered }: FunctionBacktestProps): ReactNode {
  const say = useToolTexts()
  const { functions } = useScene().workspace.client
  const [since, setSince] = useState(() => new Date(Date.now() - monthMs).toISOString().slice(0, 10))
  const test = useMutation({
    mutationFn: (cursor: string | undefined) =>
      functions.backtest(name, cursor === undefined ? { since: `${since}T00:00:00Z` } : { cursor }),
  })
  if (!isTriggered) return null
  return (
    <Panel title={say('functions.backtest')} hint={say('functions.backtestHint')}>
      <div className="tool-form">
        <label>
          {say('functions.since')}
          <input type="date" required value={since} onChange={({ target }) => setSince(target.value)} />
        </label>
        <button type="button" className="button" disabled={test.isPending} onClick={() => test.mutate(undefined)}>
          {say('functions.test')}
        </button>
      </div>
      <Fault error={test.error} />
      {test.data === undefined ? null : <Outcome test={test.data} onMore={test.mutate} />}
    </Panel>
  )
}

interface OutcomeProps {
  readonly test: Backtest
  readonly onMore: (cursor: string) => void
}

function Outcome({ test, onMore }: OutcomeProps): ReactNode {
  const say = useToolTexts()
  const { format } = useSettings()
  const { workspace } = useScene()
  const failed = test.results.filter(({ ok }) => !ok).length
  return (
    <div role="status">
      <p>{say('functions.tested', { count: test.results.length, failed })}</p>
      <PlainTable
        label={say('functions.backtest')}
        rows={test.results}
        keyOf={({ event }) => event}
        columns={[
          {
            label: say('functions.event'),
            cell: ({ type, target }) => (
              <Link to={{ tenant: workspace.tenant, noun: type.split('.')[0], id: target, search: {} }}>{type}</Link>
            ),
          },
          { label: say('functions.at'), cell: ({ timestamp }) => format.time(timestamp) },
          {
            label: say('functions.outcome'),
            cell: (run) => (
              <>
                <Pill text={say(run.ok ? 'functions.ok' : 'functions.failed')} tone={run.ok ? 'good' : 'bad'} />{' '}
                {outcomeOf(run)}
              </>
            ),
          },
        ]}
      />
      {test.cursor === null ? null : (
        <button type="button" className="button small" onClick={() => onMore(test.cursor ?? '')}>
          {say('app.more')}
        </button>
      )}
    </div>
  )
}

function outcomeOf({ error, line, changes, events, requests, logs }: BacktestRun): string {
  return [
    ...(error === undefined ? [] : [line === undefined ? error : `${error} (${line})`]),
    ...(changes === undefined ? [] : [shown(changes)]),
    ...(events ?? []).map(({ type, target }) => `${type} ${target}`),
    ...(requests ?? []).map(({ method, url }) => `${method} ${url}`),
    ...logs,
  ].join(' · ')
}
