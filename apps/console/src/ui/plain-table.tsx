// A table that is read, not edited: it scrolls sideways where it does not fit.

import type { ReactNode } from 'react'
import type { Need } from '../base/rights.ts'
import { useSettings } from '../base/settings-context.tsx'
import { useMay } from './granted.tsx'

export interface PlainColumn<Row> {
  readonly label: string
  readonly cell: (row: Row) => ReactNode
  readonly isNumber?: boolean
  /** The column is left out for who has not what it needs, such as one of buttons. */
  readonly needs?: Need
}

interface PlainTableProps<Row> {
  readonly label: string
  readonly columns: readonly PlainColumn<Row>[]
  readonly rows: readonly Row[]
  readonly keyOf: (row: Row, at: number) => string
  /** Said when there are no rows. */
  readonly empty?: string
}

export function PlainTable<Row>({ label, columns: all, rows, keyOf, empty }: PlainTableProps<Row>): ReactNode {
  const { say } = useSettings()
  const may = useMay()
  if (rows.length === 0) return <p className="soft">{empty ?? say('app.none')}</p>
  const columns = all.filter(({ needs }) => needs === undefined || may(needs))
  return (
    <div className="table-scroll" role="group" aria-label={label} tabIndex={0}>
      <table className="plain-table">
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.label} scope="col" className={column.isNumber === true ? 'number' : undefined}>
                {column.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, at) => (
            <tr key={keyOf(row, at)}>
              {columns.map((column) => (
                <td key={column.label} className={column.isNumber === true ? 'number' : undefined}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
