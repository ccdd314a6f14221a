// The head of the table: names of columns, which sort, and the mark that selects all.

import type { ReactNode } from 'react'
import { useSettings } from '../base/settings-context.tsx'
import type { Entity } from '../data/entity.ts'
import { Icon } from './icon.tsx'

export interface GridColumn {
  readonly name: string
  readonly label: string
  readonly description?: string | undefined
  readonly noun?: string | undefined
  readonly width: number
  readonly isNumber: boolean
  readonly isSortable: boolean
}

interface GridHeadProps {
  readonly columns: readonly GridColumn[]
  readonly template: string
  readonly sort: string | undefined
  readonly onSort: (sort: string) => void
  readonly rows: readonly Entity[]
  readonly selected: ReadonlySet<string>
  readonly onSelect: (selected: ReadonlySet<string>) => void
}

export function GridHead({ columns, template, sort, onSort, rows, selected, onSelect }: GridHeadProps): ReactNode {
  const { say } = useSettings()
  const isWhole = rows.length > 0 && rows.every(({ $id }) => selected.has($id))
  return (
    <div role="rowgroup" className="grid-head">
      <div role="row" aria-rowindex={1} className="grid-row" style={{ gridTemplateColumns: template }}>
        <div role="columnheader" className="grid-cell mark">
          <input
            type="checkbox"
            checked={isWhole}
            aria-label={say('list.selectAll')}
            onChange={() => onSelect(isWhole ? new Set() : new Set(rows.map(({ $id }) => $id)))}
          />
        </div>
        {columns.map((column) => (
          <HeadCell key={column.name} column={column} sort={sort} onSort={onSort} />
        ))}
      </div>
    </div>
  )
}

interface HeadCellProps {
  readonly column: GridColumn
  readonly sort: string | undefined
  readonly onSort: (sort: string) => void
}

function HeadCell({ column, sort, onSort }: HeadCellProps): ReactNode {
  const { say, translate } = useSettings()
  const { name, label, description, noun, isNumber, isSortable } = column
  const direction = sort === name ? 'ascending' : sort === `-${name}` ? 'descending' : 'none'
  const next = direction === 'ascending' ? `-${name}` : name
  return (
    <div
      role="columnheader"
      aria-sort={direction}
      className={`grid-cell${isNumber ? ' number' : ''}`}
      title={translate(description, noun)}
    >
      {isSortable ? (
        <button
          type="button"
          className="sort"
          aria-label={say('list.sort', { name: label })}
          onClick={() => onSort(next)}
        >
          <span>{label}</span>
          {direction === 'none' ? null : <Icon name={direction === 'ascending' ? 'up' : 'down'} />}
        </button>
      ) : (
        <span>{label}</span>
      )}
    </div>
  )
}
