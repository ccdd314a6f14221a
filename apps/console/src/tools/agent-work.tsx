// Changes that agents have made, newest first: by tasks, or as programs with keys of their own.

import type { ObjectEvent } from '@headlessly/sdk'
import type { ReactNode } from 'react'
import { useToolTexts } from '../base/tool-texts.ts'
import { lastSeq, readWorkOf } from '../data/read-log.ts'
import { useAsk } from '../data/use-ask.ts'
import { useScene } from '../data/workspace-context.tsx'
import { Loaded, Panel } from '../ui/panel.tsx'
import { EventTable } from './event-log.tsx'

/** Each agent is a read of the log. */
const agentsMax = 10
const eventsMax = 20

interface AgentWorkProps {
  /** The id of an agent; by default the newest ones. */
  readonly agent?: string | undefined
}

export function AgentWork({ agent }: AgentWorkProps): ReactNode {
  const say = useToolTexts()
  const { reading, at } = useScene()
  const work = useAsk({
    of: '*',
    name: ['agent-work', agent, reading],
    read: async ({ client, entity }, signal) => {
      const agents =
        agent === undefined
          ? await entity('Agent').find({}, { limit: agentsMax, signal, ...reading })
          : [{ $id: agent }]
      return readWorkOf<ObjectEvent>({
        list: (options) => client.events.list({ ...options, signal }),
        end: await lastSeq(client, { at, signal }),
        actors: agents.map(({ $id }) => $id),
        limit: eventsMax,
      })
    },
  })
  return (
    <Panel title={say('agents.work')} hint={say('agents.workHint', { count: eventsMax })}>
      <Loaded of={work}>
        {(events) =>
          events.length === 0 ? <p className="soft">{say('agents.noWork')}</p> : <EventTable events={events} />
        }
      </Loaded>
    </Panel>
  )
}
