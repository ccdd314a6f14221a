// Runs of agents: the task, for whom, what it cost, the conversation, what the run wrote, and its undo.

import type { ReactNode } from 'react'
import { go, Link, usePlace } from '../base/navigation.tsx'
import { useSettings } from '../base/settings-context.tsx'
import { useToolTexts } from '../base/tool-texts.ts'
import type { Entity } from '../data/entity.ts'
import { titleOf } from '../data/noun-schema.ts'
import { useAsk } from '../data/use-ask.ts'
import { useScene } from '../data/workspace-context.tsx'
import { Loaded, Panel } from '../ui/panel.tsx'
import { PlainTable } from '../ui/plain-table.tsx'
import { Pill, Reference } from '../ui/value.tsx'
import { runTones, taskOf } from './run-task.ts'
import { AgentWork } from './agent-work.tsx'
import { RunDetail } from './run-detail.tsx'

const runsMax = 100

export function AgentRuns(): ReactNode {
  const say = useToolTexts()
  const { search } = usePlace()
  const { workspace, reading } = useScene()
  const agent = search.f
  const runs = useAsk({
    of: 'AgentRun',
    name: ['runs', agent, reading],
    isOn: workspace.types.has('AgentRun'),
    read: async ({ entity }, signal) =>
      entity('AgentRun').find(agent === undefined ? {} : { agent }, {
        limit: runsMax,
        include: ['agent'],
        signal,
        ...reading,
      }),
  })
  return (
    <>
      <Panel title={say('agents.runs')} hint={say('runs.hint')} tools={<AgentChoice />}>
        <Loaded of={runs}>{(rows) => <RunTable rows={rows} />}</Loaded>
      </Panel>
      {search.view === undefined ? <AgentWork agent={agent} /> : <RunDetail key={search.view} id={search.view} />}
    </>
  )
}

function AgentChoice(): ReactNode {
  const say = useToolTexts()
  const place = usePlace()
  const { data = [] } = useAsk({
    of: 'Agent',
    name: ['names'],
    read: async ({ entity }, signal) => entity('Agent').find({}, { limit: 100, strong: true, signal }),
  })
  return (
    <label>
      <span className="visually-hidden">{say('agents.agent')}</span>
      <select
        className="small"
        value={place.search.f ?? ''}
        onChange={({ target }) => go({ ...place, search: { ...place.search, f: target.value, view: '' } })}
      >
        <option value="">{say('runs.allAgents')}</option>
        {data.map((agent) => (
          <option key={agent.$id} value={agent.$id}>
            {titleOf(agent)}
          </option>
        ))}
      </select>
    </label>
  )
}

function RunTable({ rows }: { readonly rows: readonly Entity[] }): ReactNode {
  const say = useToolTexts()
  const { format } = useSettings()
  const place = usePlace()
  const numberOf = (value: unknown): string => (typeof value === 'number' ? format.number(value, 4) : '–')
  return (
    <PlainTable
      label={say('agents.runs')}
      rows={rows}
      keyOf={({ $id }) => $id}
      empty={say('runs.none')}
      columns={[
        {
          label: say('runs.task'),
          cell: (run) => (
            <Link to={{ ...place, search: { ...place.search, view: run.$id } }}>{taskOf(run) || run.$id}</Link>
          ),
        },
        { label: say('agents.agent'), cell: ({ agent }) => <Reference value={agent} /> },
        {
          label: say('agents.status'),
          cell: ({ status }) => <Pill text={String(status)} tone={runTones[String(status)] ?? 'plain'} />,
        },
        { label: say('runs.started'), cell: ({ $createdAt }) => format.time($createdAt) },
        { label: say('agents.tokens'), isNumber: true, cell: ({ tokens }) => numberOf(tokens) },
        { label: say('agents.cost'), isNumber: true, cell: ({ cost }) => numberOf(cost) },
      ]}
    />
  )
}
