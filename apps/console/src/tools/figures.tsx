// Figures of a group of metrics as they stand, each a link to its records.

import type { ReactNode } from 'react'
import { Link } from '../base/navigation.tsx'
import { fieldLabel } from '../base/names.ts'
import { useSettings } from '../base/settings-context.tsx'
import { useToolTexts } from '../base/tool-texts.ts'
import { dayMetrics, moneyMetrics, percentMetrics, rowsOfMetric, timeMetrics } from '../data/metric-rows.ts'
import { useStatus } from '../data/use-home.ts'
import { useScene } from '../data/workspace-context.tsx'
import { Loaded, Panel } from '../ui/panel.tsx'

const hourMs = 3_600_000
const abbreviations = new Set(['mrr', 'arr', 'nrr', 'arpu', 'ltv', 'cac', 'csat', 'dau', 'mau'])

interface FiguresProps {
  readonly groups: readonly string[]
}

export function Figures({ groups }: FiguresProps): ReactNode {
  const say = useToolTexts()
  const status = useStatus()
  return (
    <Panel title={say('numbers.figures')} isWide>
      <Loaded of={status}>
        {({ metrics = {}, currency, asOf }) => (
          <ul className="figures">
            {groups
              .flatMap((group) => Object.entries(metrics[group] ?? {}))
              .map(([metric, value]) => (
                <Figure key={metric} metric={metric} value={value} currency={currency} asOf={asOf} />
              ))}
          </ul>
        )}
      </Loaded>
    </Panel>
  )
}

interface FigureProps {
  readonly metric: string
  readonly value: number | null
  readonly currency: string
  readonly asOf: string | undefined
}

function Figure({ metric, value, currency, asOf }: FigureProps): ReactNode {
  const { workspace } = useScene()
  const show = useFigureText(currency)
  const rows = asOf === undefined ? undefined : rowsOfMetric(metric, asOf)
  const label = useMetricLabel()(metric)
  const search = rows === undefined ? {} : { f: JSON.stringify(rows.filter) }
  return (
    <li>
      <span className="soft small">{label}</span>
      {rows === undefined || !workspace.types.has(rows.noun) ? (
        <strong>{show(metric, value)}</strong>
      ) : (
        <Link to={{ tenant: workspace.tenant, noun: rows.noun, search }}>
          <strong>{show(metric, value)}</strong>
          <span className="visually-hidden"> {label}</span>
        </Link>
      )}
    </li>
  )
}

export function useMetricLabel(): (metric: string) => string {
  const { language } = useSettings()
  return (metric) =>
    language.words[metric] ?? (abbreviations.has(metric) ? metric.toUpperCase() : fieldLabel(metric, {}))
}

/** Returns the function that writes a metric's value as people read it. */
export function useFigureText(currency: string): (metric: string, value: number | null | undefined) => string {
  const { format } = useSettings()
  const say = useToolTexts()
  return (metric, value) => {
    if (value === null || value === undefined) return '–'
    if (moneyMetrics.has(metric)) return format.money(Math.round(value), currency)
    if (percentMetrics.has(metric)) return format.percent(value)
    if (dayMetrics.has(metric)) return say('numbers.days', { count: format.number(value, 1) })
    if (timeMetrics.has(metric)) return say('numbers.hours', { count: format.number(value / hourMs, 1) })
    return format.number(value, 1)
  }
}
