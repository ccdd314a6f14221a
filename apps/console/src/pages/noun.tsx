// A list of one type: a table or a board of the entities that match the filter of the address.

import { lazy, type ReactNode, Suspense, useEffect, useState } from 'react'
import { isTyping } from '../base/is-typing.ts'
import { laterPage } from '../base/later-page.tsx'
import { go, usePlace } from '../base/navigation.tsx'
import { fieldLabel, nounLabel } from '../base/names.ts'
import { useSettings } from '../base/settings-context.tsx'
import type { PageSearch } from '../base/search.ts'
import { useMay, useWhyNot } from '../ui/granted.tsx'
import { ColumnChooser } from './column-chooser.tsx'
import { type Filter, parseFilter } from '../data/filter-terms.ts'
import { aboutFields, type NounInfo, shownColumns, useNounInfo } from '../data/noun-schema.ts'
import { useRows } from '../data/use-rows.ts'
import { useScene } from '../data/workspace-context.tsx'
import { Icon } from '../ui/icon.tsx'
import { Fault } from '../ui/panel.tsx'
import { Failed, Loading } from '../ui/states.tsx'
import { ListFiles } from './list-files.tsx'
import { NewRecord } from './new-record.tsx'
import { NounTable } from './noun-table.tsx'

const RunningImport = lazy(async () => ({ default: (await import('./running-import.tsx')).RunningImport }))
const filterBar = laterPage(async () => (await import('../ui/filter-bar.tsx')).FilterBar)

const Board = lazy(async () => ({ default: (await import('./board.tsx')).Board }))
const Groups = lazy(async () => ({ default: (await import('./groups.tsx')).Groups }))
const Calendar = lazy(async () => ({ default: (await import('./calendar.tsx')).Calendar }))
const SavedViews = lazy(async () => ({ default: (await import('./saved-views.tsx')).SavedViews }))

export function NounPage({ noun }: { readonly noun: string }): ReactNode {
  const { data: info, error, refetch } = useNounInfo(noun)
  const { workspace } = useScene()
  const place = usePlace()
  if (!workspace.types.has(noun) && error !== null) return <Failed error={error} />
  if (error !== null) return <Failed error={error} retry={() => void refetch()} />
  if (info === undefined) return <Loading />
  const [filter, fault] = readFilter(place.search.f)
  return <NounList info={info} filter={filter} filterFault={fault} />
}

/** An address written by hand may hold a filter that is none. */
function readFilter(text: string | undefined): readonly [Filter, Error | undefined] {
  try {
    return [parseFilter(text), undefined]
  } catch (error) {
    return [{}, error instanceof Error ? error : new Error(String(error))]
  }
}

interface NounListProps {
  readonly info: NounInfo
  readonly filter: Filter
  readonly filterFault: Error | undefined
}

function NounList({ info, filter, filterFault }: NounListProps): ReactNode {
  const place = usePlace()
  const { at } = useScene()
  const [isNew, setIsNew] = useState(false)
  const [showsFilter, setShowsFilter] = useState(Object.keys(filter).length > 0 || filterFault !== undefined)
  const [focusCalls, setFocusCalls] = useState(0)
  const change = (search: Partial<PageSearch>): void =>
    go({ ...place, search: { ...place.search, ...search } }, { replace: true })
  const setFilter = (next: Filter): void => change({ f: Object.keys(next).length === 0 ? '' : JSON.stringify(next) })
  const columns = shownColumns(info, place.search.cols)
  const state = info.fields.find(({ name, kind }) => name === info.state && kind === 'enum')
  const references = new Set(info.fields.filter(({ kind }) => kind === 'reference').map(({ name }) => name))
  const include = [...new Set([...columns.filter((name) => references.has(name)), ...aboutFields(info)])]
  const isTable = (place.search.view ?? '') === ''
  const rows = useRows({ noun: info.name, filter, sort: place.search.sort, include, isLive: isTable })
  useEffect(() => filterBar.fetch(), [])
  const openFilter = (): void => {
    setShowsFilter(true)
    setFocusCalls((calls) => calls + 1)
  }
  useListKeys({ onFilter: openFilter, onNew: () => setIsNew(true) })
  return (
    <div className="list-page">
      <ListHead
        info={info}
        total={rows.total}
        filter={filter}
        showsFilter={showsFilter}
        onFilter={() => setShowsFilter(!showsFilter)}
        onNew={() => setIsNew(true)}
        change={change}
      />
      {at !== undefined || info.disabled.includes('create') ? null : (
        <Suspense fallback={null}>
          <RunningImport noun={info.name} />
        </Suspense>
      )}
      <Fault error={filterFault} />
      {showsFilter ? (
        <Suspense fallback={null}>
          <filterBar.Page info={info} filter={filter} focusCalls={focusCalls} onChange={setFilter} />
        </Suspense>
      ) : null}
      {place.search.group === undefined ? null : (
        <Suspense fallback={null}>
          <Groups info={info} filter={filter} by={place.search.group} onChoose={setFilter} />
        </Suspense>
      )}
      {place.search.view === 'board' && state !== undefined ? (
        <Suspense fallback={<Loading />}>
          <Board info={info} state={state} filter={filter} />
        </Suspense>
      ) : place.search.view?.startsWith('calendar') === true ? (
        <Suspense fallback={<Loading />}>
          <Calendar info={info} filter={filter} view={place.search.view} onView={(view) => change({ view })} />
        </Suspense>
      ) : (
        <NounTable info={info} columns={columns} rows={rows} />
      )}
      {isNew && at === undefined ? <NewRecord info={info} onClose={() => setIsNew(false)} /> : null}
    </div>
  )
}

interface ListHeadProps {
  readonly info: NounInfo
  readonly total: number | undefined
  readonly filter: Filter
  readonly showsFilter: boolean
  readonly onFilter: () => void
  readonly onNew: () => void
  readonly change: (search: Partial<PageSearch>) => void
}

function ListHead({ info, total, filter, showsFilter, onFilter, onNew, change }: ListHeadProps): ReactNode {
  const { say, language, format } = useSettings()
  const { at } = useScene()
  const { search } = usePlace()
  const [may, why] = [useMay(), useWhyNot()]
  const create = { verb: 'create', of: info.name }
  const conditions = Object.keys(filter).length
  const groupable = info.fields.filter(
    ({ kind, type, many }) => !many && (kind === 'enum' || kind === 'reference' || type === 'boolean'),
  )
  return (
    <header className="list-head">
      <h1>{nounLabel(info.name, language.words, 'many')}</h1>
      <span className="soft">
        {total === undefined ? '' : total === 1 ? say('list.one') : say('list.count', { count: format.number(total) })}
      </span>
      <div className="list-tools">
        <Suspense fallback={null}>
          <SavedViews noun={info.name} />
        </Suspense>
        <button type="button" className="button small" aria-expanded={showsFilter} onClick={onFilter}>
          <Icon name="filter" /> {say('list.filter')}
          {conditions === 0 ? null : <span className="badge">{conditions}</span>}
        </button>
        <ViewChoice info={info} view={search.view} change={change} />
        <ColumnChooser info={info} cols={search.cols} onChange={(cols) => change({ cols })} />
        <ListFiles info={info} filter={filter} />
        <label>
          <span className="visually-hidden">{say('list.group')}</span>
          <select
            className="small"
            value={search.group ?? ''}
            onChange={({ target }) => change({ group: target.value })}
          >
            <option value="">{say('list.noGroup')}</option>
            {groupable.map(({ name }) => (
              <option key={name} value={name}>
                {say('list.group')} {fieldLabel(name, language.words, info.name)}
              </option>
            ))}
          </select>
        </label>
        <button
          type="button"
          className="button small primary"
          disabled={at !== undefined || info.disabled.includes('create')}
          title={may(create) ? undefined : why(create)}
          onClick={onNew}
        >
          <Icon name="plus" /> {say('list.new')}
        </button>
      </div>
    </header>
  )
}

interface ViewChoiceProps {
  readonly info: NounInfo
  readonly view: string | undefined
  readonly change: (search: Partial<PageSearch>) => void
}

/** A board needs a state, and a calendar a date, which every record has. */
function ViewChoice({ info, view, change }: ViewChoiceProps): ReactNode {
  const { say } = useSettings()
  const views = [
    { name: '', label: say('list.table') },
    ...(info.state === undefined ? [] : [{ name: 'board', label: say('list.board') }]),
    { name: 'calendar', label: say('list.calendar') },
  ]
  const shown = view?.startsWith('calendar') === true ? 'calendar' : (view ?? '')
  return (
    <label>
      <span className="visually-hidden">{say('list.view')}</span>
      <select className="small" value={shown} onChange={({ target }) => change({ view: target.value })}>
        {views.map(({ name, label }) => (
          <option key={name} value={name}>
            {label}
          </option>
        ))}
      </select>
    </label>
  )
}

interface ListKeys {
  readonly onFilter: () => void
  readonly onNew: () => void
}

/** Keys of the list, which mean nothing while somebody types. */
function useListKeys({ onFilter, onNew }: ListKeys): void {
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (isTyping(event)) return
      if (event.key === '/') onFilter()
      else if (event.key === 'c') onNew()
      else return
      event.preventDefault()
    }
    globalThis.addEventListener('keydown', press)
    return () => globalThis.removeEventListener('keydown', press)
  })
}
