// Any metric over the months of a year, those of one's own included. Its address restores it, and leads to the records of now.

import type { ReactNode } from 'react'
import { go, Link, usePlace } from '../base/navigation.tsx'
import { useSettings } from '../base/settings-context.tsx'
import { useToolTexts } from '../base/tool-texts.ts'
import { rowsOfMetric } from '../data/metric-rows.ts'
import { useAsk } from '../data/use-ask.ts'
import { useStatus } from '../data/use-home.ts'
import { useScene } from '../data/workspace-context.tsx'
import { LineChart } from '../ui/line-chart.tsx'
import { Loaded, Panel } from '../ui/panel.tsx'
import { useFigureText, useMetricLabel } from './figures.tsx'

/** The address holds the metric as `cols`. */
export function MetricChart(): ReactNode {
  const say = useToolTexts()
  const place = usePlace()
  const label = useMetricLabel()
  const status = useStatus()
  const chosen = place.search.cols ?? 'mrr'
  return (
    <Panel title={say('numbers.metricChart')} hint={say('numbers.metricChartHint')} isWide>
      <Loaded of={status}>
        {({ metrics = {}, asOf, newest }) => {
          const names = Object.values(metrics).flatMap((group) => Object.keys(group))
          const end = (asOf ?? newest ?? '').slice(0, 10)
          return (
            <>
              <div className="tool-form">
                <label>
                  {say('numbers.metric')}
                  <select
                    value={chosen}
                    onChange={({ target }) =>
                      go({ ...place, search: { ...place.search, cols: target.value } }, { replace: true })
                    }
                  >
                    {names.map((name) => (
                      <option key={name} value={name}>
                        {label(name)}
                      </option>
                    ))}
                  </select>
                </label>
              </div>
              {names.includes(chosen) && end !== '' ? <Series metric={chosen} end={end} asOf={asOf} /> : null}
            </>
          )
        }}
      </Loaded>
    </Panel>
  )
}

interface SeriesProps {
  readonly metric: string
  /** The last day. */
  readonly end: string
  readonly asOf: string | undefined
}

function Series({ metric, end, asOf }: SeriesProps): ReactNode {
  const say = useToolTexts()
  const label = useMetricLabel()
  const { format } = useSettings()
  const { workspace, at } = useScene()
  const show = useFigureText(workspace.currency)
  const series = useAsk({
    of: '*',
    name: ['metric', metric, at, end],
    read: ({ client }, signal) => {
      const from = `${Number(end.slice(0, 4)) - 1}${end.slice(4, 7)}-01`
      const options = { step: 'month', from, to: end, signal, ...(at === undefined ? {} : { asOf: at }) } as const
      return client.metrics.get(metric, options)
    },
  })
  const rows = asOf === undefined ? undefined : rowsOfMetric(metric, asOf)
  return (
    <Loaded of={series}>
      {({ history }) => (
        <>
          <LineChart
            title={label(metric)}
            points={history.map(({ date, value }) => ({ label: format.month(date), value: value ?? 0 }))}
            formatValue={(value) => show(metric, value)}
          />
          {rows === undefined || !workspace.types.has(rows.noun) ? null : (
            <p>
              <Link
                to={{
                  tenant: workspace.tenant,
                  noun: rows.noun,
                  search: { f: JSON.stringify(rows.filter) },
                }}
              >
                {say('numbers.metricRows')}
              </Link>
            </p>
          )}
        </>
      )}
    </Loaded>
  )
}
