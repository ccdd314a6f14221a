// Commits as a list: who did what to which record, and when.

import type { Commit } from '@headlessly/sdk'
import type { ReactNode } from 'react'
import { Link } from '../base/navigation.tsx'
import { eventLabel, nounLabel } from '../base/names.ts'
import { useSettings } from '../base/settings-context.tsx'
import { useScene } from '../data/workspace-context.tsx'
import { Actor, EntityName } from './value.tsx'

export function CommitList({
  commits,
  nowMs,
}: {
  readonly commits: readonly Commit[]
  readonly nowMs: number
}): ReactNode {
  return (
    <ol className="commits">
      {commits.map((commit) => (
        <CommitLine key={commit.commit} commit={commit} nowMs={nowMs} />
      ))}
    </ol>
  )
}

function CommitLine({ commit, nowMs }: { readonly commit: Commit; readonly nowMs: number }): ReactNode {
  const { language, format } = useSettings()
  const { workspace } = useScene()
  const [first, ...others] = commit.events
  if (first === undefined) return null
  const [type = '', event = ''] = first.type.split('.')
  const name = nameIn(first) ?? <EntityName id={first.target} />
  const isOpenable = workspace.types.has(type)
  return (
    <li>
      <span className={`event-mark ${markOf(event)}`} aria-hidden="true" />
      <span className="commit-text">
        <span className="soft">{nounLabel(type, language.words)}</span>{' '}
        {isOpenable ? (
          <Link to={{ tenant: workspace.tenant, noun: type, id: first.target, search: {} }}>{name}</Link>
        ) : (
          name
        )}{' '}
        <span className="event">{eventLabel(event, language.words, type)}</span>
        {others.length === 0 ? null : <span className="soft"> +{others.length}</span>}
      </span>
      <span className="soft commit-by">
        <Actor id={commit.actor} />
      </span>
      <time dateTime={commit.timestamp} title={format.time(commit.timestamp)}>
        {format.ago(commit.timestamp, nowMs)}
      </time>
    </li>
  )
}

function nameIn(event: Commit['events'][number]): string | undefined {
  const data: unknown = 'data' in event ? event.data : undefined
  if (typeof data !== 'object' || data === null) return undefined
  for (const field of ['name', 'title', 'subject', 'number', 'key']) {
    const value: unknown = Reflect.get(data, field)
    if (typeof value === 'string' && value !== '') return value
  }
  return undefined
}

function markOf(event: string): string {
  if (event === 'Created') return 'created'
  if (event === 'Deleted') return 'deleted'
  return event === 'Updated' ? 'updated' : 'verb'
}
