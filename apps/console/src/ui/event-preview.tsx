// Events with the difference that each makes: what a dry run, an approval or an undo would write.

import type { ReactNode } from 'react'
import { changeLabel, fieldLabel } from '../base/names.ts'
import { useSettings } from '../base/settings-context.tsx'
import { titleOf } from '../data/noun-schema.ts'
import { ChangedValue } from './changed-value.tsx'
import { EntityName } from './value.tsx'

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
          <strong>{changeLabel(event.type, language.words)}</strong>{' '}
          <span className="soft">
            <TargetName event={event} />
          </span>
          <ul>
            {Object.entries(event.changes).map(([field, { from, to }]) => (
              <li key={field}>
                {fieldLabel(field, language.words, event.type.slice(0, event.type.indexOf('.')))}:{' '}
                {from === null ? (
                  '–'
                ) : (
                  <del>
                    <ChangedValue noun={nounOf(event)} field={field} value={from} />
                  </del>
                )}{' '}
                →{' '}
                <ins>
                  <ChangedValue noun={nounOf(event)} field={field} value={to} />
                </ins>
              </li>
            ))}
          </ul>
        </li>
      ))}
      {events.length > eventsMax ? <li className="soft">+{events.length - eventsMax}</li> : null}
    </ul>
  )
}

export function nounOf({ type }: { readonly type: string }): string {
  return type.slice(0, type.lastIndexOf('.'))
}

/** An entity that does not exist yet has only the name that it would get. */
function TargetName({ event: { changes, target } }: { readonly event: PreviewedEvent }): ReactNode {
  const name = titleOf(Object.fromEntries(Object.entries(changes).map(([field, { to }]) => [field, to])))
  return name === '' ? <EntityName id={target} /> : name
}
