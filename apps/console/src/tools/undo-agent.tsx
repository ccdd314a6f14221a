// Takes back everything that an agent has done since a time, after a look at what that would write.

import { type ReactNode, useState } from 'react'
import { useToolTexts } from '../base/tool-texts.ts'
import { dayOf, dayStart, ownZone } from '../data/day-start.ts'
import type { Entity } from '../data/entity.ts'
import { titleOf } from '../data/noun-schema.ts'
import { useAct } from '../data/use-act.ts'
import { useAsk } from '../data/use-ask.ts'
import { useScene } from '../data/workspace-context.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { EventPreview } from '../ui/event-preview.tsx'
import { Fault, Loaded } from '../ui/panel.tsx'

interface UndoAgentProps {
  readonly agent: Entity
  readonly onClose: () => void
}

export function UndoAgent({ agent, onClose }: UndoAgentProps): ReactNode {
  const say = useToolTexts()
  const { workspace } = useScene()
  const { commits } = workspace.client
  const [day, setDay] = useState(() => dayOf(new Date().toISOString(), ownZone()))
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(day)
  const undone = { actor: agent.$id, since: isDay ? dayStart(day, ownZone()) : '' }
  const trial = useAsk({
    of: '*',
    name: ['undo-agent', undone],
    isOn: isDay,
    read: (_, signal) => commits.undo(undone, { dryRun: true, signal }),
  })
  const { act, isActing, error } = useAct()
  return (
    <Dialog title={`${say('agents.undo')}: ${titleOf(agent)}`} onClose={onClose}>
      <label className="tool-form">
        {say('agents.since')}
        <input type="date" value={day} onChange={({ target }) => setDay(target.value)} />
      </label>
      <Loaded of={trial}>
        {({ events, refusals }) => (
          <>
            {refusals.map(({ problem }, at) => (
              <Fault key={at} error={problem.detail} />
            ))}
            {events.length === 0 && refusals.length === 0 ? <p className="soft">{say('agents.nothingDone')}</p> : null}
            <EventPreview events={events} />
          </>
        )}
      </Loaded>
      <Fault error={error} />
      <div className="actions">
        <button
          type="button"
          className="button primary"
          disabled={isActing || (trial.data?.events.length ?? 0) === 0 || trial.data?.refusals.length !== 0}
          onClick={() => act({ work: () => commits.undo(undone), done: say('agents.undone'), then: onClose })}
        >
          {say('agents.undo')}
        </button>
      </div>
    </Dialog>
  )
}
