// A record: its fields, what is related in both directions, what can be done with it now, what was said about it, and its past.

import { lazy, type ReactNode, Suspense, useEffect } from 'react'
import { isTyping } from '../base/is-typing.ts'
import { go, Link, usePlace } from '../base/navigation.tsx'
import { nounLabel } from '../base/names.ts'
import { useSettings } from '../base/settings-context.tsx'
import type { Entity } from '../data/entity.ts'
import { type NounInfo, titleOf, useNounInfo } from '../data/noun-schema.ts'
import { useRecord } from '../data/use-record.ts'
import { useScene } from '../data/workspace-context.tsx'
import { Empty, Failed, Loading } from '../ui/states.tsx'
import { Pill, Title, toneOf } from '../ui/value.tsx'
import { RecordFields } from './record-fields.tsx'
import { RecordHistory } from './record-history.tsx'
import { RecordRelated } from './record-related.tsx'
import { RecordTalk } from './record-talk.tsx'
import { RecordVerbs } from './record-verbs.tsx'

const RecordGraph = lazy(async () => ({ default: (await import('./record-graph.tsx')).RecordGraph }))

const RecordFiles = lazy(async () => ({ default: (await import('./record-files.tsx')).RecordFiles }))

interface RecordPageProps {
  readonly noun: string
  readonly id: string
}

export function RecordPage({ noun, id }: RecordPageProps): ReactNode {
  const { data: info, error, refetch } = useNounInfo(noun)
  if (error !== null) return <Failed error={error} retry={() => void refetch()} />
  return info === undefined ? <Loading /> : <KnownRecord info={info} id={id} />
}

function KnownRecord({ info, id }: { readonly info: NounInfo; readonly id: string }): ReactNode {
  const { say } = useSettings()
  const place = usePlace()
  const { at } = useScene()
  const { data, error, refetch } = useRecord(info, id)
  useRecordKeys()
  if (error !== null) return <Failed error={error} retry={() => void refetch()} />
  if (data === undefined) return <Loading />
  const shown = data.entity ?? data.deleted
  if (shown === undefined)
    return at === undefined ? (
      <Empty title={say('fail.notFound')} hint={say('fail.notFoundHint')} />
    ) : (
      <Empty title={say('record.notThen')} />
    )
  const view = data.entity === null ? 'history' : (place.search.view ?? '')
  return (
    <article className="record">
      <RecordHead info={info} entity={shown} view={view} />
      {data.entity === null ? <p className="fault">{say('record.deleted')}</p> : null}
      {view === 'history' ? (
        <RecordHistory info={info} id={id} />
      ) : view === 'graph' ? (
        <Suspense fallback={<Loading />}>
          <RecordGraph info={info} entity={shown} />
        </Suspense>
      ) : (
        <RecordBody info={info} entity={shown} />
      )}
    </article>
  )
}

function RecordBody({ info, entity }: { readonly info: NounInfo; readonly entity: Entity }): ReactNode {
  return (
    <div className="record-columns">
      <div>
        <RecordVerbs info={info} entity={entity} />
        <RecordFields info={info} entity={entity} />
      </div>
      <div>
        <RecordTalk info={info} entity={entity} />
        <RecordRelated info={info} entity={entity} />
        {info.fields.some(({ name, kind }) => name === 'files' && kind === 'reverse') ? (
          <Suspense fallback={null}>
            <RecordFiles info={info} entity={entity} />
          </Suspense>
        ) : null}
      </div>
    </div>
  )
}

interface RecordHeadProps {
  readonly info: NounInfo
  readonly entity: Entity
  readonly view: string
}

function RecordHead({ info, entity, view: current }: RecordHeadProps): ReactNode {
  const { say, language } = useSettings()
  const { workspace } = useScene()
  const place = usePlace()
  const state = info.fields.find(({ name }) => name === info.state)
  const value = state === undefined ? undefined : entity[state.name]
  const tabs = [
    { view: '', label: say('record.fields') },
    { view: 'history', label: say('record.history') },
    { view: 'graph', label: say('record.graph') },
  ]
  return (
    <header className="record-head">
      <p className="crumb">
        <Link to={{ tenant: workspace.tenant, noun: info.name, search: {} }}>
          {nounLabel(info.name, language.words, 'many')}
        </Link>
      </p>
      <div className="record-title">
        <h1>
          <Title entity={entity} />
        </h1>
        {state === undefined || value === undefined ? null : (
          <Pill text={String(value)} tone={toneOf(state, value, info)} noun={info.name} />
        )}
      </div>
      <nav className="tabs" aria-label={titleOf(entity)}>
        {tabs.map(({ view, label }) => (
          <button
            key={view}
            type="button"
            aria-current={view === current ? 'page' : undefined}
            onClick={() => go({ ...place, search: { ...place.search, view } })}
          >
            {label}
          </button>
        ))}
      </nav>
    </header>
  )
}

function useRecordKeys(): void {
  const place = usePlace()
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (isTyping(event)) return
      if (event.key === 'e') document.querySelector<HTMLElement>('.field-value.editable')?.click()
      else if (event.key === 'v')
        document.querySelector<HTMLElement>('.verbs button:not([aria-disabled="true"])')?.focus()
      else if (event.key === 'h')
        go({ ...place, search: { ...place.search, view: place.search.view === 'history' ? '' : 'history' } })
      else return
      event.preventDefault()
    }
    globalThis.addEventListener('keydown', press)
    return () => globalThis.removeEventListener('keydown', press)
  })
}
