// A run of an agent: the answer, the conversation, and the commits that it made, which can be taken back together.

import type { ObjectEvent } from '@headlessly/sdk'
import type { ReactNode } from 'react'
import { Link } from '../base/navigation.tsx'
import { useSettings } from '../base/settings-context.tsx'
import { useToolTexts } from '../base/tool-texts.ts'
import type { Entity } from '../data/entity.ts'
import { eventsOfWrites, linesOf, writesOfRun } from '../data/run-writes.ts'
import { useAct } from '../data/use-act.ts'
import { useAsk } from '../data/use-ask.ts'
import type { Workspace } from '../data/workspace.ts'
import { useScene } from '../data/workspace-context.tsx'
import { EventPreview } from '../ui/event-preview.tsx'
import { Fault, Loaded, Panel } from '../ui/panel.tsx'
import { shown } from '../ui/shown.ts'
import { Pill, Reference } from '../ui/value.tsx'
import { runTones, taskOf } from './run-task.ts'

export function RunDetail({ id }: { readonly id: string }): ReactNode {
  const say = useToolTexts()
  const run = useAsk({
    of: 'AgentRun',
    name: ['run', id],
    read: ({ entity }, signal) => entity('AgentRun').get(id, { include: ['agent'], strong: true, signal }),
  })
  return (
    <Loaded of={run}>
      {(found) => (found === null ? <p className="soft">{say('runs.missing')}</p> : <KnownRun run={found} />)}
    </Loaded>
  )
}

function KnownRun({ run }: { readonly run: Entity }): ReactNode {
  const say = useToolTexts()
  const { format } = useSettings()
  const { workspace } = useScene()
  const status = String(run['status'])
  return (
    <div className="panels run-detail">
      <Panel title={taskOf(run)}>
        <p>
          <Pill text={status} tone={runTones[status] ?? 'plain'} /> <Reference value={run['agent']} />{' '}
          <span className="soft">{format.time(run.$createdAt)}</span>
        </p>
        {run['answer'] === undefined ? null : <pre>{String(run['answer'])}</pre>}
        <Fault error={run['error']} />
        <Proposals proposals={run['proposals']} />
        <p>
          <Link to={{ tenant: workspace.tenant, noun: 'AgentRun', id: run.$id, search: {} }}>{say('runs.record')}</Link>
        </p>
        <Conversation messages={run['messages']} />
      </Panel>
      <RunWrites run={run} />
    </div>
  )
}

/** Each names its approval, if a person has to decide. */
function Proposals({ proposals }: { readonly proposals: unknown }): ReactNode {
  const say = useToolTexts()
  const { workspace } = useScene()
  if (!Array.isArray(proposals) || proposals.length === 0) return null
  return (
    <>
      <h3>{say('runs.proposals')}</h3>
      <ul>
        {proposals.map((proposal: unknown, at) => (
          <li key={at}>
            <code>{shown(proposal)}</code>
          </li>
        ))}
      </ul>
      <Link to={{ tenant: workspace.tenant, noun: 'agents', id: 'approvals', search: {} }}>
        {say('agents.approvals')}
      </Link>
    </>
  )
}

function Conversation({ messages }: { readonly messages: unknown }): ReactNode {
  const say = useToolTexts()
  const lines = linesOf(messages)
  if (lines.length === 0) return null
  return (
    <details>
      <summary>{say('runs.conversation', { count: lines.length })}</summary>
      <ol className="talk-lines">
        {lines.map(({ role, text }, at) => (
          <li key={at} className={role === 'assistant' ? 'ours' : undefined}>
            <header>{role}</header>
            {text}
          </li>
        ))}
      </ol>
    </details>
  )
}

function RunWrites({ run }: { readonly run: Entity }): ReactNode {
  const say = useToolTexts()
  const { workspace } = useScene()
  const writes = useAsk({
    of: '*',
    name: ['run-writes', run.$id],
    read: (open, signal) => writesOf(open, run, signal),
  })
  const { act, isActing, error } = useAct()
  const undo = async (events: readonly ObjectEvent[]): Promise<void> => {
    // A later commit may build on an earlier one, so the newest goes first.
    for (const commit of [...new Set(events.map((event) => event.commit))].toSorted((a, b) => b - a))
      await workspace.client.commits.undo(commit)
  }
  return (
    <Panel title={say('runs.wrote')} hint={say('runs.wroteHint')}>
      <Loaded of={writes}>
        {(events) => (
          <>
            {events.length === 0 ? <p className="soft">{say('runs.wroteNothing')}</p> : null}
            <EventPreview events={events} />
            <Fault error={error} />
            {events.length === 0 ? null : (
              <button
                type="button"
                className="button small"
                disabled={isActing}
                onClick={() => act({ work: () => undo(events), done: say('agents.undone') })}
              >
                {say('runs.undo')}
              </button>
            )}
          </>
        )}
      </Loaded>
    </Panel>
  )
}

const eventsMax = 1_000

async function writesOf(
  { client, entity }: Workspace,
  run: Entity,
  signal: AbortSignal,
): Promise<readonly ObjectEvent[]> {
  const writes = writesOfRun(run['messages'])
  if (writes.length === 0) return []
  const agent = typeof run['agent'] === 'object' ? (run['agent'] as Entity).$id : String(run['agent'])
  const [started] = await entity('AgentRun').history(run.$id, { limit: 1, signal })
  if (started === undefined) return []
  const events = await client.events.list({ after: started.seq, limit: eventsMax, signal })
  return eventsOfWrites(events, { writes, keys: [run.$id, agent] })
}
