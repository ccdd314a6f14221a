// The history of a record, newest first: who changed what, when, why and by which key, with the difference of each change, the
// way to that time, and the undo of its commit.

import type { ObjectEvent } from '@headlessly/sdk'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { go, usePlace } from '../base/navigation.tsx'
import { eventLabel, fieldLabel } from '../base/names.ts'
import { useSettings } from '../base/settings-context.tsx'
import { useToast } from '../base/toast-context.ts'
import type { NounInfo } from '../data/noun-schema.ts'
import { useHistory } from '../data/use-record.ts'
import { useScene } from '../data/workspace-context.tsx'
import { ChangedValue } from '../ui/changed-value.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { EventOrigin } from '../ui/event-origin.tsx'
import { nounOf } from '../ui/event-preview.tsx'
import { useMay } from '../ui/granted.tsx'
import { Icon } from '../ui/icon.tsx'
import { Failed, Loading } from '../ui/states.tsx'

interface RecordHistoryProps {
  readonly info: NounInfo
  readonly id: string
}

export function RecordHistory({ info, id }: RecordHistoryProps): ReactNode {
  const { say } = useSettings()
  const { at } = useScene()
  const { events, error, isPending, more } = useHistory(info.name, id)
  const [undone, setUndone] = useState<number | undefined>(undefined)
  if (error !== null) return <Failed error={error} />
  if (isPending) return <Loading />
  const then = at === undefined ? events : events.filter(({ timestamp }) => timestamp <= at)
  return (
    <section className="history" aria-label={say('record.history')}>
      {more === undefined ? null : (
        <button type="button" className="button small" onClick={more}>
          {say('history.more')}
        </button>
      )}
      <ol>
        {then.toReversed().map((event) => (
          <HistoryEvent key={event.id} event={event} onUndo={() => setUndone(event.commit)} />
        ))}
      </ol>
      {undone === undefined ? null : <UndoDialog commit={undone} onClose={() => setUndone(undefined)} />}
    </section>
  )
}

interface HistoryEventProps {
  readonly event: ObjectEvent
  readonly onUndo: () => void
}

function HistoryEvent({ event, onUndo }: HistoryEventProps): ReactNode {
  const may = useMay()
  const { say, format, language } = useSettings()
  const { at } = useScene()
  const place = usePlace()
  const [noun = '', name = ''] = event.type.split('.')
  return (
    <li className="card history-event">
      <header>
        <strong>{eventLabel(name, language.words, noun)}</strong>
        <time dateTime={event.timestamp}>{format.time(event.timestamp)}</time>
        <span className="soft">
          <EventOrigin event={event} />
        </span>
        <span className="history-actions">
          <button
            type="button"
            className="button icon-only small quiet"
            aria-label={say('history.at')}
            title={say('history.at')}
            onClick={() => go({ ...place, search: { at: event.timestamp } })}
          >
            <Icon name="clock" />
          </button>
          {at === undefined && may({ verb: 'update', of: nounOf(event) }) ? (
            <button type="button" className="button small quiet" onClick={onUndo}>
              <Icon name="undo" /> {say('history.undo')}
            </button>
          ) : null}
        </span>
      </header>
      {event.reason === undefined ? null : (
        <p>
          {say('history.reason')}: {event.reason}
        </p>
      )}
      <Difference event={event} />
    </li>
  )
}

function Difference({ event }: { readonly event: ObjectEvent }): ReactNode {
  const { say, language } = useSettings()
  const changes = Object.entries(event.changes)
  if (changes.length === 0) return null
  return (
    <table className="plain-table difference">
      <thead>
        <tr>
          <th scope="col">{say('history.field')}</th>
          <th scope="col">{say('history.before')}</th>
          <th scope="col">{say('history.after')}</th>
        </tr>
      </thead>
      <tbody>
        {changes.map(([field, { from, to }]) => (
          <tr key={field}>
            <th scope="row">{fieldLabel(field, language.words, event.type.slice(0, event.type.indexOf('.')))}</th>
            <td>
              {from === null ? (
                '–'
              ) : (
                <del>
                  <ChangedValue noun={nounOf(event)} field={field} value={from} />
                </del>
              )}
            </td>
            <td>
              <ins>
                <ChangedValue noun={nounOf(event)} field={field} value={to} />
              </ins>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** Shows what the undo would write before it is done. */
function UndoDialog({ commit, onClose }: { readonly commit: number; readonly onClose: () => void }): ReactNode {
  const { say, errorText } = useSettings()
  const { workspace } = useScene()
  const queries = useQueryClient()
  const tell = useToast()
  const trial = useQuery({
    queryKey: [workspace.tenant, 'undo', commit],
    gcTime: 0,
    queryFn: () => workspace.client.commits.undo(commit, { dryRun: true }),
  })
  const undoing = useMutation({
    mutationFn: () => workspace.client.commits.undo(commit),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: [workspace.tenant] })
      tell({ kind: 'done', text: say('change.undone') })
      onClose()
    },
  })
  const fault = trial.data?.refusals[0]?.problem.detail ?? trial.error ?? undoing.error ?? undefined
  return (
    <Dialog title={say('history.undo')} onClose={onClose}>
      {trial.data === undefined && fault === undefined ? <Loading rows={2} /> : null}
      {trial.data === undefined || fault !== undefined ? null : (
        <p>{say('history.undoSure', { commit, count: trial.data.events.length })}</p>
      )}
      {fault === undefined ? null : (
        <p className="fault" role="alert">
          {errorText(fault)}
        </p>
      )}
      <div className="actions">
        <button
          type="button"
          className="button primary"
          autoFocus
          disabled={trial.data === undefined || fault !== undefined || undoing.isPending}
          onClick={() => undoing.mutate()}
        >
          {say('history.undo')}
        </button>
        <button type="button" className="button quiet" onClick={onClose}>
          {say('app.cancel')}
        </button>
      </div>
    </Dialog>
  )
}
