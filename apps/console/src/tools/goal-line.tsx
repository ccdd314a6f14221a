// A goal in a sentence: how far it is, whether it is reached, and when it is due or was decided.

import type { GoalAnalysis } from '@headlessly/sdk'
import type { ReactNode } from 'react'
import { useSettings } from '../base/settings-context.tsx'
import { useToolTexts } from '../base/tool-texts.ts'
import type { Entity } from '../data/entity.ts'
import { useScene } from '../data/workspace-context.tsx'
import { Pill, type Tone } from '../ui/value.tsx'

interface GoalLineProps {
  readonly goal: Entity
  readonly analysis: GoalAnalysis
}

const tones: Readonly<Record<string, Tone>> = {
  Achieved: 'good',
  Completed: 'good',
  OnTrack: 'good',
  AtRisk: 'warn',
  Behind: 'bad',
  Missed: 'bad',
}

export function GoalLine({ goal, analysis }: GoalLineProps): ReactNode {
  const say = useToolTexts()
  const { format } = useSettings()
  const { current, target, progress, isReached, status } = analysis
  const unit = typeof goal['unit'] === 'string' ? ` ${goal['unit']}` : ''
  // A goal that was decided keeps its state, whatever its value is now.
  const state = String(status === null ? goal['status'] : isReached ? 'Achieved' : status)
  const values = {
    current: current === null ? '–' : format.number(current),
    target: `${format.number(target)}${unit}`,
  }
  return (
    <p>
      {say(goal['direction'] === 'below' ? 'goal.below' : 'goal.above', values)}
      {isReached || progress === null ? '' : ` (${format.percent(progress)})`}{' '}
      <Pill text={state} tone={tones[state] ?? 'plain'} /> <GoalTime goal={goal} isReached={isReached} />
    </p>
  )
}

/** The day on which the goal was decided, else the day on which it is due. */
function GoalTime({ goal, isReached }: { readonly goal: Entity; readonly isReached: boolean }): ReactNode {
  const say = useToolTexts()
  const { format } = useSettings()
  const { at } = useScene()
  const { achievedAt, missedAt, deadline } = goal
  const timeOf = (value: unknown): string => format.date(String(value))
  if (typeof achievedAt === 'string') return say('goal.reachedOn', { time: timeOf(achievedAt) })
  if (typeof missedAt === 'string') return say('goal.missedOn', { time: timeOf(missedAt) })
  if (typeof deadline !== 'string') return isReached ? null : say('goal.noDeadline')
  const isOver = deadline < (at ?? new Date().toISOString())
  return say(isOver ? 'goal.wasDue' : 'goal.due', { time: timeOf(deadline) })
}
