// Values as bars, each a link to its records. The text beside each bar is the chart for those who do not see it.

import type { ReactNode } from 'react'
import { Link, type Place } from '../base/navigation.tsx'

export interface BarRow {
  readonly key: string
  readonly label: ReactNode
  readonly value: number
  /** The value as people read it. */
  readonly text: ReactNode
  readonly note?: string
  readonly to?: Place
}

export function BarRows({ rows }: { readonly rows: readonly BarRow[] }): ReactNode {
  const max = Math.max(...rows.map(({ value }) => Math.abs(value)), Number.MIN_VALUE)
  return (
    <ul className="bars">
      {rows.map(({ key, label, value, text, note, to }) => (
        <li key={key}>
          <span>
            {to === undefined ? label : <Link to={to}>{label}</Link>} <span className="soft">{note}</span>
          </span>
          <span
            className="bar"
            style={{ width: `${Math.max(2, (Math.abs(value) / max) * 100)}%` }}
            aria-hidden="true"
          />
          <span className="number">{text}</span>
        </li>
      ))}
    </ul>
  )
}
