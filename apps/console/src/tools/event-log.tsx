// The log of the business, newest first: what happened to which record, who did it and why, and the way to the record's history.

import type { EventPattern, ObjectEvent } from '@headlessly/sdk'
import { useInfiniteQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { changeLabel, fieldLabel, nounLabel } from '../base/names.ts'
import { go, Link, usePlace } from '../base/navigation.tsx'
import { useSettings } from '../base/settings-context.tsx'
import { useToolTexts } from '../base/tool-texts.ts'
import { lastSeq, type LogPage, readLogBack } from '../data/read-log.ts'
import { useScene } from '../data/workspace-context.tsx'
import { EventOrigin } from '../ui/event-origin.tsx'
import { nounOf } from '../ui/event-preview.tsx'
import { Loaded, Panel } from '../ui/panel.tsx'
import { PlainTable } from '../ui/plain-table.tsx'
import { Reference } from '../ui/value.tsx'

const namedFields = 4

export function EventLog(): ReactNode {
  const say = useToolTexts()
  const { format } = useSettings()
  const { search } = usePlace()
  const { workspace, at } = useScene()
  const { view: noun, f: entity } = search
  const log = useInfiniteQuery({
    queryKey: [workspace.tenant, '*', 'log', noun, entity, at],
    initialPageParam: undefined as number | undefined,
    queryFn: async ({ pageParam, signal }): Promise<LogPage> => {
      const { client } = workspace
      // Own types are not among the patterns that the compiler knows.
      const type = noun === undefined ? undefined : (`${noun}.*` as EventPattern)
      return readLogBack({
        list: (options) => client.events.list({ ...options, signal }),
        choice: { type, entity },
        end: pageParam ?? (await lastSeq(client, { at, signal })),
      })
    },
    getNextPageParam: ({ end }) => (end === 0 ? undefined : end),
  })
  return (
    <Panel title={say('operate.events')} hint={say('events.hint')} tools={<Choice />}>
      <Loaded of={log}>
        {({ pages }) => (
          <>
            <EventTable events={pages.flatMap(({ events }) => events)} />
            {log.hasNextPage ? (
              <div className="actions">
                <button
                  type="button"
                  className="button small"
                  disabled={log.isFetchingNextPage}
                  onClick={() => void log.fetchNextPage()}
                >
                  {say('events.older')}
                </button>
                <span className="soft small">
                  {say('events.before', { seq: format.number((pages.at(-1)?.end ?? 0) + 1) })}
                </span>
              </div>
            ) : null}
          </>
        )}
      </Loaded>
    </Panel>
  )
}

/** The choice is in the address, as `view` and `f`. */
function Choice(): ReactNode {
  const say = useToolTexts()
  const { language } = useSettings()
  const place = usePlace()
  const { workspace } = useScene()
  const { view: noun, f: entity } = place.search
  const choose = (chosen: { readonly view?: string | undefined; readonly f?: string | undefined }): void => {
    const { view, f } = { view: noun, f: entity, ...chosen }
    go({
      ...place,
      search: { ...(view ? { view } : {}), ...(f ? { f } : {}) },
    })
  }
  const types = [...workspace.types.keys()]
    .map((name) => ({ name, label: nounLabel(name, language.words, 'many') }))
    .toSorted((one, other) => one.label.localeCompare(other.label, language.locale))
  return (
    <div className="row-actions">
      <label>
        <span className="visually-hidden">{say('events.type')}</span>
        <select value={noun ?? ''} onChange={({ target }) => choose({ view: target.value })}>
          <option value="">{say('events.allTypes')}</option>
          {types.map(({ name, label }) => (
            <option key={name} value={name}>
              {label}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span className="visually-hidden">{say('events.entity')}</span>
        <input
          key={entity}
          defaultValue={entity ?? ''}
          placeholder={say('events.entity')}
          onKeyDown={({ key, currentTarget }) => key === 'Enter' && choose({ f: currentTarget.value.trim() })}
        />
      </label>
    </div>
  )
}

export function EventTable({ events }: { readonly events: readonly ObjectEvent[] }): ReactNode {
  const say = useToolTexts()
  const { format } = useSettings()
  return (
    <PlainTable
      label={say('operate.events')}
      rows={events}
      keyOf={({ id }) => id}
      empty={say('events.none')}
      columns={[
        { label: say('events.seq'), isNumber: true, cell: ({ seq }) => format.number(seq) },
        {
          label: say('functions.at'),
          cell: ({ timestamp }) => <time dateTime={timestamp}>{format.time(timestamp)}</time>,
        },
        { label: say('events.event'), cell: (event) => <EventLink event={event} /> },
        { label: say('events.record'), cell: ({ target }) => <Reference value={target} /> },
        { label: say('events.fields'), cell: (event) => <FieldNames event={event} /> },
        {
          label: say('events.who'),
          cell: (event) => (
            <>
              <EventOrigin event={event} />
              {event.reason === undefined ? null : (
                <>
                  <br />
                  {say('events.reason', { reason: event.reason })}
                </>
              )}
            </>
          ),
        },
      ]}
    />
  )
}

/** Leads to the history of the record, which is there for a deleted one too. */
function EventLink({ event }: { readonly event: ObjectEvent }): ReactNode {
  const { language } = useSettings()
  const { workspace } = useScene()
  const noun = nounOf(event)
  const label = changeLabel(event.type, language.words)
  if (!workspace.types.has(noun)) return <>{label}</>
  return (
    <Link
      to={{
        tenant: workspace.tenant,
        noun,
        id: event.target,
        search: { view: 'history' },
      }}
    >
      {label}
    </Link>
  )
}

function FieldNames({ event }: { readonly event: ObjectEvent }): ReactNode {
  const { language } = useSettings()
  const fields = Object.keys(event.changes)
  if (fields.length === 0) return '–'
  const named = fields.slice(0, namedFields).map((field) => fieldLabel(field, language.words, nounOf(event)))
  return `${named.join(', ')}${fields.length > namedFields ? ` +${fields.length - namedFields}` : ''}`
}
