// The agents: what each may do by itself, what it has cost, and how to give it a task or to take back what it did.

import { type ReactNode, useState } from 'react'
import { Link } from '../base/navigation.tsx'
import { useSettings } from '../base/settings-context.tsx'
import { useToolTexts } from '../base/tool-texts.ts'
import type { Entity } from '../data/entity.ts'
import { useNounInfo } from '../data/noun-schema.ts'
import { useAsk } from '../data/use-ask.ts'
import { useScene } from '../data/workspace-context.tsx'
import { VerbDialog } from '../pages/record-verbs.tsx'
import { NewRecord } from '../pages/new-record.tsx'
import { Granted } from '../ui/granted.tsx'
import { Loaded, Panel } from '../ui/panel.tsx'
import { PlainTable } from '../ui/plain-table.tsx'
import { Pill, Reference } from '../ui/value.tsx'
import { AgentWork } from './agent-work.tsx'
import { UndoAgent } from './undo-agent.tsx'

const agentsMax = 100

type Open = { readonly kind: 'new' } | { readonly kind: 'task' | 'undo'; readonly agent: Entity } | undefined

export function AgentList(): ReactNode {
  const say = useToolTexts()
  const { reading, at } = useScene()
  const [open, setOpen] = useState<Open>(undefined)
  const { data: info } = useNounInfo('Agent')
  const agents = useAsk({
    of: 'Agent',
    name: ['agents', reading],
    read: async ({ entity }, signal) =>
      entity('Agent').find({}, { limit: agentsMax, include: ['owner'], signal, ...reading }),
  })
  return (
    <>
      <Panel
        title={say('agents.agents')}
        hint={say('agents.hint')}
        tools={
          <Granted need={{ verb: 'create', of: 'Agent' }}>
            <button
              type="button"
              className="button small primary"
              disabled={at !== undefined}
              onClick={() => setOpen({ kind: 'new' })}
            >
              {say('agents.new')}
            </button>
          </Granted>
        }
      >
        <Loaded of={agents}>{(rows) => <AgentTable rows={rows} onOpen={setOpen} />}</Loaded>
        {info === undefined || open === undefined ? null : open.kind === 'new' ? (
          <NewRecord info={info} onClose={() => setOpen(undefined)} />
        ) : open.kind === 'task' ? (
          <VerbDialog info={info} entity={open.agent} choice={{ verb: 'do' }} onClose={() => setOpen(undefined)} />
        ) : (
          <UndoAgent agent={open.agent} onClose={() => setOpen(undefined)} />
        )}
      </Panel>
      <AgentWork />
    </>
  )
}

interface AgentTableProps {
  readonly rows: readonly Entity[]
  readonly onOpen: (open: Open) => void
}

function AgentTable({ rows, onOpen }: AgentTableProps): ReactNode {
  const say = useToolTexts()
  const { format } = useSettings()
  const { workspace, at } = useScene()
  const { tenant } = workspace
  const numberOf = (value: unknown): string => (typeof value === 'number' ? format.number(value) : '–')
  return (
    <PlainTable
      label={say('agents.agents')}
      rows={rows}
      keyOf={({ $id }) => $id}
      empty={say('agents.none')}
      columns={[
        {
          label: say('agents.agent'),
          cell: ({ $id, ...agent }) => (
            <Link to={{ tenant, noun: 'Agent', id: $id, search: {} }}>{String(agent['name'])}</Link>
          ),
        },
        { label: say('agents.mode'), cell: ({ mode }) => say(modeTexts[String(mode)] ?? 'agents.modeUnset') },
        { label: say('agents.status'), cell: ({ status }) => <Pill text={String(status)} tone="plain" /> },
        { label: say('agents.for'), cell: ({ owner }) => (owner ? <Reference value={owner} /> : '–') },
        { label: say('agents.tokens'), isNumber: true, cell: ({ totalTokens }) => numberOf(totalTokens) },
        { label: say('agents.cost'), isNumber: true, cell: ({ totalCost }) => numberOf(totalCost) },
        {
          label: say('agents.actions'),
          cell: (agent) => (
            <span className="row-actions">
              <Link to={{ tenant, noun: 'agents', id: 'runs', search: { f: agent.$id } }}>{say('agents.runs')}</Link>
              <Granted need={{ verb: 'do', of: 'Agent' }}>
                <button
                  type="button"
                  className="button small"
                  disabled={at !== undefined || agent['status'] !== 'Deployed'}
                  title={agent['status'] === 'Deployed' ? undefined : say('agents.deployFirst')}
                  onClick={() => onOpen({ kind: 'task', agent })}
                >
                  {say('agents.task')}
                </button>
              </Granted>
              <Granted need="everything">
                <button
                  type="button"
                  className="button small quiet"
                  disabled={at !== undefined}
                  onClick={() => onOpen({ kind: 'undo', agent })}
                >
                  {say('agents.undo')}
                </button>
              </Granted>
            </span>
          ),
        },
      ]}
    />
  )
}

const modeTexts = {
  Autonomous: 'agents.autonomous',
  Supervised: 'agents.supervised',
  Manual: 'agents.manual',
} as Readonly<Record<string, 'agents.autonomous' | 'agents.supervised' | 'agents.manual' | undefined>>
