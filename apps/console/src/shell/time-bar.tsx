// The slider that shows the whole console as of a past moment. It moves between the first event of the tenant and now.

import { type ReactNode, useEffect, useState } from 'react'
import { go, usePlace } from '../base/navigation.tsx'
import { useSettings } from '../base/settings-context.tsx'
import { useCounts } from '../data/use-home.ts'
import { useScene } from '../data/workspace-context.tsx'
import { Icon } from '../ui/icon.tsx'

const steps = 1_000
/** A drag passes many positions; the page follows when it rests. */
const restMs = 120

export function TimeBar(): ReactNode {
  const { say, format } = useSettings()
  const { at } = useScene()
  const place = usePlace()
  const { data: status } = useCounts()
  const span = spanOf(status)
  const shown = at === undefined ? steps : positionOf(at, span)
  const [dragged, setDragged] = useState<number | undefined>(undefined)
  useEffect(() => {
    if (dragged === undefined) return undefined
    const timer = setTimeout(() => {
      const moment = dragged >= steps ? undefined : momentOf(dragged, span)
      go({ ...place, search: { ...place.search, at: moment ?? '' } })
      setDragged(undefined)
    }, restMs)
    return () => clearTimeout(timer)
    // The span grows with each event, which is no reason to navigate again.
  }, [dragged])
  // Whoever goes to another moment meanwhile, such as back to now, stays there.
  useEffect(() => setDragged(undefined), [at])
  const position = dragged ?? shown
  // A position stands for many moments, of which the page shows one.
  const moment = dragged === undefined && at !== undefined ? at : momentOf(position, span)
  const isNow = dragged === undefined ? at === undefined : dragged >= steps
  const text = isNow ? say('time.now') : format.time(moment)
  return (
    <div className={at === undefined ? 'time-bar' : 'time-bar past'}>
      <Icon name="clock" />
      <input
        type="range"
        min={0}
        max={steps}
        value={position}
        disabled={span.endMs <= span.startMs}
        aria-label={say('time.label')}
        aria-valuetext={text}
        onChange={({ target }) => setDragged(Number(target.value))}
      />
      <output>{text}</output>
    </div>
  )
}

interface Span {
  readonly startMs: number
  readonly endMs: number
}

function spanOf(status: { readonly oldest: string | null; readonly newest: string | null } | undefined): Span {
  const startMs = Date.parse(status?.oldest ?? '')
  const endMs = Date.parse(status?.newest ?? '')
  return Number.isNaN(startMs) || Number.isNaN(endMs) ? { startMs: 0, endMs: 0 } : { startMs, endMs }
}

function positionOf(at: string, { startMs, endMs }: Span): number {
  if (endMs <= startMs) return steps
  const part = (Date.parse(at) - startMs) / (endMs - startMs)
  return Math.round(Math.min(1, Math.max(0, part)) * steps)
}

function momentOf(position: number, { startMs, endMs }: Span): string {
  return new Date(Math.round(startMs + ((endMs - startMs) * position) / steps)).toISOString()
}
