// The state of the business: its numbers, what needs attention, and what has changed.

import { lazy, type ReactNode, Suspense } from 'react'
import type { Status } from '@headlessly/sdk'
import { fillIn } from '../base/language.ts'
import { valueLabel } from '../base/names.ts'
import { Link, type Place } from '../base/navigation.tsx'
import type { MessageName } from '../base/messages-en.ts'
import { useSettings } from '../base/settings-context.tsx'
import { inOrderOf, useNounInfo } from '../data/noun-schema.ts'
import { rowsOfMetric } from '../data/metric-rows.ts'
import { isOfVisits } from '../data/kept-types.ts'
import { useChangesSince, useLastVisit } from '../data/use-visit.ts'
import { useCommits, useOpenDeals, useRevenueByMonth, useStatus } from '../data/use-home.ts'
import { useTour } from '../data/tour.ts'
import { useScene } from '../data/workspace-context.tsx'
import { CommitList } from '../ui/commit-list.tsx'
import { Granted } from '../ui/granted.tsx'
import { Icon } from '../ui/icon.tsx'
import { LineChart } from '../ui/line-chart.tsx'
import { Failed, Loading } from '../ui/states.tsx'

const FirstSteps = lazy(async () => ({ default: (await import('./first-steps.tsx')).FirstSteps }))

export function HomePage(): ReactNode {
  const { say, format } = useSettings()
  const { at } = useScene()
  const { data: status, error, refetch } = useStatus()
  if (error !== null) return <Failed error={error} retry={() => void refetch()} />
  if (status === undefined) return <Loading />
  const { currency } = status
  const asOf = status.asOf ?? at ?? new Date().toISOString()
  return (
    <div className="home">
      <header className="page-head">
        <h1>{say('home.title')}</h1>
        <span className="soft">{say('home.asOf', { time: format.time(asOf) })}</span>
      </header>
      <Tour events={status.events} />
      <Numbers metrics={status.metrics ?? {}} currency={currency} asOf={asOf} />
      <div className="home-columns">
        <div>
          <Granted need={{ read: 'Subscription' }}>
            <Revenue newest={status.newest} currency={currency} />
          </Granted>
          {at === undefined ? <Changes events={status.events} newest={status.newest} /> : null}
        </div>
        <div>
          <Alerts alerts={status.alerts ?? []} asOf={asOf} />
          <Granted need={{ read: 'Deal' }}>
            <Pipeline currency={currency} />
          </Granted>
        </div>
      </div>
    </div>
  )
}

function Tour({ events }: { readonly events: number }): ReactNode {
  const tour = useTour(events)
  if (tour === undefined) return null
  return (
    <Suspense fallback={null}>
      <FirstSteps {...tour} />
    </Suspense>
  )
}

type Values = Readonly<Record<string, Readonly<Record<string, number | null>>>>

interface Tile {
  readonly group: string
  readonly metric: string
  readonly unit: 'money' | 'number'
}

const tiles: readonly Tile[] = [
  { group: 'revenue', metric: 'mrr', unit: 'money' },
  { group: 'pipeline', metric: 'pipeline', unit: 'money' },
  { group: 'revenue', metric: 'active_customers', unit: 'number' },
  { group: 'revenue', metric: 'revenue', unit: 'money' },
  { group: 'revenue', metric: 'receivables', unit: 'money' },
  { group: 'support', metric: 'tickets_open', unit: 'number' },
]

/** The way to the records that a metric counts; undefined for a metric of one's own, and for records that one may not see. */
function useWayToRows(asOf: string): (metric: string) => Place | undefined {
  const { workspace } = useScene()
  return (metric) => {
    const rows = rowsOfMetric(metric, asOf)
    if (rows === undefined || !workspace.types.has(rows.noun)) return undefined
    const { noun, filter } = rows
    return { tenant: workspace.tenant, noun, search: { f: JSON.stringify(filter) } }
  }
}

interface NumbersProps {
  readonly metrics: Values
  readonly currency: string
  readonly asOf: string
}

function Numbers({ metrics, currency, asOf }: NumbersProps): ReactNode {
  const { say, format } = useSettings()
  const wayTo = useWayToRows(asOf)
  const textOf = (value: number | null | undefined, unit: Tile['unit']): string => {
    if (value === null || value === undefined) return '–'
    return unit === 'money' ? format.money(Math.round(value), currency) : format.number(value, 0)
  }
  return (
    <ul className="tiles">
      {tiles.map(({ group, metric, unit }) => {
        const to = wayTo(metric)
        return to === undefined ? null : (
          <li key={metric}>
            <Link to={to}>
              <span className="tile-label">{say(`metric.${metric}` as MessageName)}</span>
              <span className="tile-value">{textOf(metrics[group]?.[metric], unit)}</span>
            </Link>
          </li>
        )
      })}
    </ul>
  )
}

function Revenue({ newest, currency }: { readonly newest: string | null; readonly currency: string }): ReactNode {
  const { say, format } = useSettings()
  const { data, error } = useRevenueByMonth(newest)
  // Of the months before the first event nothing is known.
  const points = (data?.history ?? []).flatMap(({ date, value }) =>
    value === null ? [] : [{ label: format.month(date), value }],
  )
  return (
    <section className="card wide" aria-labelledby="revenue">
      <h2 id="revenue">{say('home.revenue')}</h2>
      {error !== null ? (
        <Failed error={error} />
      ) : (
        <LineChart
          title={say('home.revenue')}
          points={points}
          formatValue={(value) => format.money(Math.round(value), currency)}
        />
      )}
    </section>
  )
}

type Alert = NonNullable<Status['alerts']>[number]

interface AlertsProps {
  readonly alerts: readonly Alert[]
  readonly asOf: string
}

function Alerts({ alerts, asOf }: AlertsProps): ReactNode {
  const { say, format, language } = useSettings()
  const wayTo = useWayToRows(asOf)
  const textOf = ({ metric, value, message }: Alert): string => {
    const known = language.words[`alert.${metric}`]
    return known === undefined ? message : fillIn(known, { count: format.number(value, 1) })
  }
  return (
    <section className="card" aria-labelledby="alerts">
      <h2 id="alerts">{say('home.alerts')}</h2>
      {alerts.length === 0 ? <p className="soft">{say('home.quiet')}</p> : null}
      <ul className="alerts">
        {alerts.map((alert) => {
          const to = wayTo(alert.metric)
          return (
            <li key={alert.id} className={alert.severity}>
              <Icon name="alert" />
              {to === undefined ? textOf(alert) : <Link to={to}>{textOf(alert)}</Link>}
            </li>
          )
        })}
      </ul>
    </section>
  )
}

function Pipeline({ currency }: { readonly currency: string }): ReactNode {
  const { say, format, language } = useSettings()
  const { workspace } = useScene()
  const { data: groups = [] } = useOpenDeals()
  const { data: info } = useNounInfo('Deal')
  const data = inOrderOf(info, 'stage', groups)
  const max = Math.max(1, ...data.map(({ sum }) => sum?.['value'] ?? 0))
  return (
    <section className="card" aria-labelledby="pipeline">
      <h2 id="pipeline">{say('home.pipeline')}</h2>
      {data.length === 0 ? <p className="soft">{say('app.none')}</p> : null}
      <ul className="bars">
        {data.map(({ by, count, sum }) => {
          const stage = String(by['stage'])
          const value = sum?.['value'] ?? 0
          const rows = { f: JSON.stringify({ closedAt: null, stage }) }
          return (
            <li key={stage}>
              <Link to={{ tenant: workspace.tenant, noun: 'Deal', search: rows }}>
                {valueLabel(stage, language.words, 'Deal')} <span className="soft">{count}</span>
              </Link>
              <span className="bar" style={{ width: `${Math.max(2, (value / max) * 100)}%` }} aria-hidden="true" />
              <span className="number">{format.money(value, currency)}</span>
            </li>
          )
        })}
      </ul>
    </section>
  )
}

const shownCommits = 12
/** Visits are commits too, which are not shown. */
const readCommits = 36

function Changes({ events, newest }: { readonly events: number; readonly newest: string | null }): ReactNode {
  const { say } = useSettings()
  const { data: commits } = useCommits(readCommits)
  const shown = commits?.filter((commit) => !commit.events.every(isOfVisits)).slice(0, shownCommits)
  return (
    <section className="card wide" aria-labelledby="changes">
      <h2 id="changes">{say('home.recent')}</h2>
      <p className="soft">
        <SinceLastVisit events={events} />
      </p>
      {/* The clock of a test tenant stands. */}
      {shown === undefined ? <Loading /> : <CommitList commits={shown} nowMs={Date.parse(newest ?? '')} />}
    </section>
  )
}

function SinceLastVisit({ events }: { readonly events: number }): ReactNode {
  const { say, format } = useSettings()
  const { data: visit } = useLastVisit(events)
  const { data: changes } = useChangesSince(visit?.last)
  if (visit === undefined) return null
  const { last } = visit
  if (last === undefined) return say('home.firstVisit')
  if (changes === undefined) return null
  const { count, hasMore } = changes
  const time = format.time(last.at)
  if (count === 0 && !hasMore) return say('home.sinceNone', { time })
  return say(hasMore ? 'home.manyChanges' : 'home.changes', { count: format.number(count), time })
}
