// A chart of one value over time: an area with its line, a mark under the pointer, and the same values as a table.

import { type ReactNode, useState } from 'react'
import { useSettings } from '../base/settings-context.tsx'

export interface ChartPoint {
  readonly label: string
  readonly value: number
}

interface LineChartProps {
  readonly title: string
  readonly points: readonly ChartPoint[]
  readonly formatValue: (value: number) => string
}

const [width, height, foot] = [600, 160, 6]

export function LineChart(props: LineChartProps): ReactNode {
  const { say } = useSettings()
  const hasValues = props.points.some(({ value }) => value !== 0)
  return hasValues ? <Picture {...props} /> : <p className="soft">{say('chart.empty')}</p>
}

function Picture({ title, points, formatValue }: LineChartProps): ReactNode {
  const [marked, setMarked] = useState<number | undefined>(undefined)
  const max = Math.max(1, ...points.map(({ value }) => value))
  const xOf = (at: number): number => (at / Math.max(1, points.length - 1)) * width
  const yOf = (value: number): number => height - foot - (Math.max(0, value) / max) * (height - 2 * foot)
  // A single value is a level line.
  const drawn = points.length === 1 ? [...points, ...points] : points
  const line = drawn
    .map(({ value }, at) => `${at === 0 ? 'M' : 'L'}${xOf(at).toFixed(1)} ${yOf(value).toFixed(1)}`)
    .join('')
  const shown = points[marked ?? points.length - 1]
  return (
    <figure className="chart">
      <figcaption>
        {shown === undefined ? null : (
          <>
            <span className="soft">{shown.label}</span> <strong>{formatValue(shown.value)}</strong>
          </>
        )}
      </figcaption>
      <span className="chart-top" aria-hidden="true">
        {points.length === 0 ? '' : formatValue(max)}
      </span>
      <svg
        viewBox={`0 0 ${width} ${height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={title}
        onPointerMove={({ nativeEvent, currentTarget }) => {
          const part = nativeEvent.offsetX / currentTarget.clientWidth
          setMarked(Math.round(Math.min(1, Math.max(0, part)) * (points.length - 1)))
        }}
        onPointerLeave={() => setMarked(undefined)}
      >
        {[0.25, 0.5, 0.75, 1].map((part) => (
          <line key={part} x1={0} x2={width} y1={yOf(max * part)} y2={yOf(max * part)} className="chart-grid" />
        ))}
        {points.length === 0 ? null : <path d={`${line}L${width} ${height}L0 ${height}Z`} className="chart-area" />}
        {points.length === 0 ? null : <path d={line} className="chart-line" />}
        {marked === undefined ? null : (
          <line x1={xOf(marked)} x2={xOf(marked)} y1={0} y2={height} className="chart-mark" />
        )}
      </svg>
      <div className="chart-ends" aria-hidden="true">
        <span>{points[0]?.label}</span>
        <span>{points.at(-1)?.label}</span>
      </div>
      <ChartTable points={points} formatValue={formatValue} />
    </figure>
  )
}

function ChartTable({ points, formatValue }: Omit<LineChartProps, 'title'>): ReactNode {
  const { say } = useSettings()
  return (
    <details>
      <summary>{say('chart.table')}</summary>
      <table className="plain-table">
        <thead>
          <tr>
            <th scope="col">{say('chart.period')}</th>
            <th scope="col" className="number">
              {say('chart.value')}
            </th>
          </tr>
        </thead>
        <tbody>
          {points.map(({ label, value }) => (
            <tr key={label}>
              <td>{label}</td>
              <td className="number">{formatValue(value)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  )
}
