// Events with the difference that each makes: what a dry run, an approval or an undo would write.

import type { ReactNode } from 'react'
import { fieldLabel } from '../base/names.ts'
import { useSettings } from '../base/settings-context.tsx'
import { shown } from './shown.ts'

export interface PreviewedEvent {
  readonly type: string
  readonly target: string
  readonly changes: Readonly<Record<string, { readonly from: unknown; readonly to: unknown }>>
}

const eventsMax = 50

export function EventPreview({ events }: { readonly events: readonly PreviewedEvent[] }): ReactNode {
  const { language } = useSettings()
  return (
    <ul className="event-preview">
      {events.slice(0, eventsMax).map((event, at) => (
        <li key={at}>
          <strong>{event.type}</strong> <span className="soft">{event.target}</span>
          <ul>
            {Object.entries(event.changes).map(([field, { from, to }]) => (
              <li key={field}>
                {fieldLabel(field, language.words)}: {from === null ? '–' : <del>{shown(from)}</del>} →{' '}
                <ins>{shown(to)}</ins>
              </li>
            ))}
          </ul>
        </li>
      ))}
      {events.length > eventsMax ? <li className="soft">+{events.length - eventsMax}</li> : null}
    </ul>
  )
}
