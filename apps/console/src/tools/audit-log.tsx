// The audit log: who signed in or was refused, and who changed what callers may do.

import type { AuditEntry } from '@headlessly/sdk'
import { useInfiniteQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { fieldLabel } from '../base/names.ts'
import { go, usePlace } from '../base/navigation.tsx'
import { useSettings } from '../base/settings-context.tsx'
import { useToolTexts } from '../base/tool-texts.ts'
import { useScene } from '../data/workspace-context.tsx'
import { Loaded, Panel } from '../ui/panel.tsx'
import { PlainTable } from '../ui/plain-table.tsx'
import { Actor, Reference } from '../ui/value.tsx'

const pageEntries = 100

export function AuditLog(): ReactNode {
  const say = useToolTexts()
  const place = usePlace()
  const { workspace } = useScene()
  const actor = place.search.f
  const log = useInfiniteQuery({
    queryKey: [workspace.tenant, '*', 'audit', actor],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam: cursor, signal }) =>
      workspace.client.access.audit({ limit: pageEntries, cursor, actor, signal }),
    getNextPageParam: ({ cursor }) => cursor ?? undefined,
  })
  return (
    <Panel
      title={say('operate.audit')}
      hint={say('audit.hint')}
      tools={
        <label>
          <span className="visually-hidden">{say('audit.actor')}</span>
          <input
            key={actor}
            defaultValue={actor ?? ''}
            placeholder={say('audit.actor')}
            onKeyDown={({ key, currentTarget }) =>
              key === 'Enter' && go({ ...place, search: { f: currentTarget.value } })
            }
          />
        </label>
      }
    >
      <Loaded of={log}>{({ pages }) => <Entries entries={pages.flatMap(({ results }) => results)} />}</Loaded>
      {log.hasNextPage ? (
        <button type="button" className="button small" onClick={() => void log.fetchNextPage()}>
          {say('app.more')}
        </button>
      ) : null}
    </Panel>
  )
}

function Entries({ entries }: { readonly entries: readonly AuditEntry[] }): ReactNode {
  const say = useToolTexts()
  const { format, language, translate } = useSettings()
  return (
    <PlainTable
      label={say('operate.audit')}
      rows={entries}
      keyOf={({ at, about }, index) => `${at}.${about}.${index}`}
      columns={[
        { label: say('functions.at'), cell: ({ at }) => format.time(at) },
        { label: say('audit.kind'), cell: ({ kind }) => fieldLabel(kind, language.words) },
        {
          label: say('functions.by'),
          cell: ({ actor, onBehalfOf }) => (
            <>
              {actor === undefined ? '–' : <Actor id={actor} />}
              {onBehalfOf === undefined ? null : (
                <>
                  , <Actor id={onBehalfOf} />
                </>
              )}
            </>
          ),
        },
        { label: say('audit.about'), cell: ({ about }) => about },
        {
          label: say('audit.target'),
          cell: ({ target, reason }) => (
            <>
              {target === undefined ? null : <Reference value={target} />}
              {target === undefined || reason === undefined ? '' : ': '}
              {reason === undefined ? null : translate(reason)}
            </>
          ),
        },
        { label: say('audit.count'), isNumber: true, cell: ({ count }) => format.number(count) },
      ]}
    />
  )
}
