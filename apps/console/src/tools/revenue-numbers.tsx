// Recurring revenue: its months, the customers that came and went in each, and how many of those who began in a month stayed.

import type { MetricSeries } from '@headlessly/sdk'
import type { ReactNode } from 'react'
import { Link } from '../base/navigation.tsx'
import { useSettings } from '../base/settings-context.tsx'
import { useToolTexts } from '../base/tool-texts.ts'
import type { Filter } from '../data/filter-terms.ts'
import { createdAt, monthFilter } from '../data/month-filter.ts'
import { useAsk } from '../data/use-ask.ts'
import { useCounts } from '../data/use-home.ts'
import { useScene } from '../data/workspace-context.tsx'
import { LineChart } from '../ui/line-chart.tsx'
import { Loaded, Panel } from '../ui/panel.tsx'
import { PlainTable } from '../ui/plain-table.tsx'
import { Figures, useFigureText } from './figures.tsx'

export function RevenueNumbers(): ReactNode {
  return (
    <div className="panels">
      <Figures groups={['revenue']} />
      <Movements />
      <Retention />
    </div>
  )
}

const moved = ['mrr_new', 'mrr_expansion', 'mrr_contraction', 'mrr_churn', 'mrr_reactivation'] as const
const shownMetrics = ['mrr', ...moved, 'new_customers', 'cancellations', 'churn', 'nrr'] as const

function Movements(): ReactNode {
  const say = useToolTexts()
  const { format } = useSettings()
  const { at } = useScene()
  const { data: status } = useCounts()
  const end = (at ?? status?.newest ?? '').slice(0, 10)
  const series = useAsk({
    of: '*',
    name: ['revenue-series', at, end],
    isOn: end !== '',
    read: ({ client }, signal) => {
      const from = `${Number(end.slice(0, 4)) - 1}${end.slice(4, 7)}-01`
      const options = { step: 'month', from, to: end, signal, ...(at === undefined ? {} : { asOf: at }) } as const
      return Promise.all(shownMetrics.map((name) => client.metrics.get(name, options)))
    },
  })
  return (
    <Panel title={say('numbers.movements')} isWide>
      <Loaded of={series}>
        {([mrr, ...others]) => (
          <>
            <LineChart
              title={say('numbers.mrr')}
              points={(mrr?.history ?? []).map(({ date, value }) => ({ label: format.month(date), value: value ?? 0 }))}
              formatValue={(value) => format.money(Math.round(value), mrr?.currency ?? 'USD')}
            />
            {mrr === undefined ? null : <MonthTable mrr={mrr} others={others} />}
          </>
        )}
      </Loaded>
    </Panel>
  )
}

interface MonthTableProps {
  readonly mrr: MetricSeries
  readonly others: readonly MetricSeries[]
}

function MonthTable({ mrr, others }: MonthTableProps): ReactNode {
  const say = useToolTexts()
  const { format } = useSettings()
  const { workspace } = useScene()
  const { tenant, timeZone } = workspace
  const show = useFigureText(mrr.currency ?? 'USD')
  const valueOf = (name: string, at: number): number | null =>
    others.find((series) => series.name === name)?.history[at]?.value ?? null
  const rows = mrr.history.map(({ date, value }, at) => ({
    date,
    at,
    value: value ?? 0,
    change: (value ?? 0) - (mrr.history[at - 1]?.value ?? 0),
  }))
  const linkTo = (noun: string, filter: Filter, text: string): ReactNode => (
    <Link to={{ tenant, noun, search: { f: JSON.stringify(filter) } }}>{text}</Link>
  )
  return (
    <PlainTable
      label={say('numbers.movements')}
      rows={rows.toReversed()}
      keyOf={({ date }) => date}
      columns={[
        { label: say('numbers.month'), cell: ({ date }) => <time dateTime={date}>{format.month(date)}</time> },
        { label: say('numbers.mrr'), isNumber: true, cell: ({ value }) => show('mrr', value) },
        {
          label: say('numbers.change'),
          isNumber: true,
          cell: ({ change, at }) => (at === 0 ? '–' : show('mrr', change)),
        },
        ...moved.map((name) => ({
          label: say(`numbers.${name}`),
          isNumber: true,
          cell: ({ at }: { readonly at: number }) => signed(show('mrr', valueOf(name, at)), valueOf(name, at)),
        })),
        {
          label: say('numbers.newCustomers'),
          isNumber: true,
          cell: ({ date, at }) =>
            linkTo(
              'Customer',
              monthFilter(createdAt, date, timeZone),
              show('new_customers', valueOf('new_customers', at)),
            ),
        },
        {
          label: say('numbers.cancelled'),
          isNumber: true,
          cell: ({ date, at }) =>
            linkTo(
              'Subscription',
              { status: 'Cancelled', ...monthFilter({ name: 'canceledAt' }, date, timeZone) },
              show('cancellations', valueOf('cancellations', at)),
            ),
        },
        { label: say('numbers.churn'), isNumber: true, cell: ({ at }) => show('churn', valueOf('churn', at)) },
        { label: say('numbers.nrr'), isNumber: true, cell: ({ at }) => show('nrr', valueOf('nrr', at)) },
      ]}
    />
  )
}

function signed(text: string, value: number | null): ReactNode {
  if (value === null || value === 0) return <span className="soft">–</span>
  return value > 0 ? `+${text}` : text
}

function Retention(): ReactNode {
  const say = useToolTexts()
  const { format } = useSettings()
  const { workspace, reading } = useScene()
  const { tenant, timeZone: zone } = workspace
  const cohorts = useAsk({
    of: 'Subscription',
    name: ['cohorts', reading],
    isOn: workspace.types.has('Subscription'),
    read: async ({ entity }, signal) => {
      const options = { by: 'month($createdAt)', zone, limit: 100, signal, ...reading }
      const [all, active] = await Promise.all([
        entity('Subscription').aggregate({}, options),
        entity('Subscription').aggregate({ status: 'Active' }, options),
      ])
      const monthOf = (by: Readonly<Record<string, unknown>>): string => String(by['month($createdAt)'])
      const stay = new Map(active.map(({ by, count }) => [monthOf(by), count]))
      return all.map(({ by, count }) => ({ month: monthOf(by), began: count, stayed: stay.get(monthOf(by)) ?? 0 }))
    },
  })
  return (
    <Panel title={say('numbers.retention')} hint={say('numbers.retentionHint')} isWide>
      <Loaded of={cohorts}>
        {(rows) => (
          <PlainTable
            label={say('numbers.retention')}
            rows={rows.toReversed()}
            keyOf={({ month }) => month}
            columns={[
              { label: say('numbers.month'), cell: ({ month }) => format.month(month) },
              {
                label: say('numbers.began'),
                isNumber: true,
                cell: ({ month, began }) => (
                  <Link
                    to={{
                      tenant,
                      noun: 'Subscription',
                      search: { f: JSON.stringify(monthFilter(createdAt, month, zone)) },
                    }}
                  >
                    {format.number(began)}
                  </Link>
                ),
              },
              { label: say('numbers.stayed'), isNumber: true, cell: ({ stayed }) => format.number(stayed) },
              {
                label: say('numbers.share'),
                isNumber: true,
                cell: ({ began, stayed }) => format.percent((100 * stayed) / began),
              },
            ]}
          />
        )}
      </Loaded>
    </Panel>
  )
}
