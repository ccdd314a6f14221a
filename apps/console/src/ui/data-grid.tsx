// The one table of the console: virtual rows, a roving focus over the cells, selection, sorting and editing in place. It is a
// grid for screen readers, with one stop for the Tab key.

import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react'
import { useSettings } from '../base/settings-context.tsx'
import type { Entity } from '../data/entity.ts'
import { titleOf } from '../data/noun-schema.ts'
import { GridHead, type GridColumn } from './grid-head.tsx'

interface Editing {
  readonly onClose: (how: 'left' | 'saved') => void
  /** Gives the keys back to the grid while the editor waits for the server. */
  readonly onSaving: () => void
}

export interface DataGridProps {
  readonly label: string
  readonly columns: readonly GridColumn[]
  /** The rows that are there; the others are placeholders until they come. */
  readonly rows: readonly Entity[]
  readonly total: number
  readonly sort: string | undefined
  readonly onSort: (sort: string) => void
  readonly reach: (index: number) => void
  readonly selected: ReadonlySet<string>
  readonly onSelect: (selected: ReadonlySet<string>) => void
  readonly renderCell: (column: string, row: Entity) => ReactNode
  /** Returns undefined for a cell that cannot be changed. */
  readonly renderEditor: (column: string, row: Entity, editing: Editing) => ReactNode
  readonly onOpen: (row: Entity) => void
  readonly onDelete: (row: Entity) => void
}

interface Cell {
  readonly row: number
  readonly column: number
}

const rowHeight = 36
const overscanRows = 12

export function DataGrid(props: DataGridProps): ReactNode {
  const { label, columns, rows, total, reach, sort, onSort, selected, onSelect } = props
  const scroller = useRef<HTMLDivElement>(null)
  const [active, setActive] = useState<Cell>({ row: 0, column: 0 })
  const [editing, setEditing] = useState<Cell | undefined>(undefined)
  const [isSaving, setIsSaving] = useState(false)
  const virtualizer = useVirtualizer({
    count: Math.max(total, rows.length),
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: overscanRows,
  })
  const items = virtualizer.getVirtualItems()
  const last = items.at(-1)?.index ?? 0
  useEffect(() => reach(last), [last, reach])
  const template = `40px ${columns.map(({ width }) => `minmax(${width}px, ${width}fr)`).join(' ')}`
  const focusCell = (cell: Cell): void => {
    setActive(cell)
    virtualizer.scrollToIndex(cell.row)
    const find = (): HTMLElement | null | undefined =>
      scroller.current?.querySelector<HTMLElement>(`[data-cell="${cell.row}.${cell.column}"]`)
    const element = find()
    // A row out of sight is drawn first. One in sight gets the focus at once, before the next key.
    if (element) element.focus()
    else requestAnimationFrame(() => find()?.focus())
  }
  const edit = (cell: Cell | undefined): void => {
    setIsSaving(false)
    setEditing(cell)
  }
  const close = (how: 'left' | 'saved'): void => {
    edit(undefined)
    // While it was saved, the person may have gone on to another cell.
    if (how === 'left') focusCell(active)
  }
  const saving = (): void => {
    setIsSaving(true)
    focusCell(active)
  }
  const press = useKeys({
    ...props,
    active,
    isEditing: editing !== undefined && !isSaving,
    focusCell,
    edit,
    pageRows: items.length - overscanRows,
  })
  return (
    <div
      className="grid"
      role="grid"
      aria-label={label}
      aria-rowcount={total + 1}
      aria-colcount={columns.length + 1}
      ref={scroller}
      // A cell with the focus that is scrolled out of sight is removed.
      tabIndex={-1}
      data-keeps-focus=""
      onKeyDown={press}
    >
      <GridHead
        columns={columns}
        template={template}
        sort={sort}
        onSort={onSort}
        rows={rows}
        selected={selected}
        onSelect={onSelect}
      />
      <div role="rowgroup" className="grid-body" style={{ height: virtualizer.getTotalSize() }}>
        {items.map(({ index, start }) => (
          <GridRow
            key={rows[index]?.$id ?? index}
            {...props}
            index={index}
            start={start}
            template={template}
            activeColumn={active.row === index ? active.column : undefined}
            editingColumn={editing?.row === index ? editing.column : undefined}
            onActive={(column) => setActive({ row: index, column })}
            onEdit={(column) => (setActive({ row: index, column }), edit({ row: index, column }))}
            editing={{ onClose: close, onSaving: saving }}
          />
        ))}
      </div>
    </div>
  )
}

interface Keys extends DataGridProps {
  readonly active: Cell
  readonly isEditing: boolean
  readonly focusCell: (cell: Cell) => void
  readonly edit: (cell: Cell) => void
  readonly pageRows: number
}

function useKeys({
  rows,
  columns,
  active,
  isEditing,
  focusCell,
  edit,
  pageRows,
  ...props
}: Keys): (event: KeyboardEvent) => void {
  const moves: Readonly<Record<string, readonly [rows: number, columns: number]>> = {
    ArrowDown: [1, 0],
    ArrowUp: [-1, 0],
    ArrowRight: [0, 1],
    ArrowLeft: [0, -1],
    PageDown: [Math.max(1, pageRows), 0],
    PageUp: [-Math.max(1, pageRows), 0],
    Home: [0, -columns.length],
    End: [0, columns.length],
  }
  return (event) => {
    if (isEditing || event.altKey || event.metaKey || (event.ctrlKey && event.key !== 'Home' && event.key !== 'End'))
      return
    const isGrid = event.target === event.currentTarget
    if (!isGrid && !(event.target instanceof HTMLElement && event.target.dataset['cell'] !== undefined)) return
    const row = rows[active.row]
    const move = moves[event.key]
    if (move !== undefined) {
      const whole = event.ctrlKey ? rows.length : 0
      const to = active.row + move[0] + (event.key === 'Home' ? -whole : event.key === 'End' ? whole : 0)
      focusCell({
        row: Math.min(rows.length - 1, Math.max(0, to)),
        column: Math.min(columns.length, Math.max(0, active.column + move[1])),
      })
    } else if (row === undefined) return
    else if (event.key === 'o' || (isEditKey(event) && active.column === 0)) props.onOpen(row)
    else if (isEditKey(event)) edit(active)
    else if (event.key === ' ') props.onSelect(toggled(props.selected, row.$id))
    else if (event.key === 'Delete') props.onDelete(row)
    else return
    event.preventDefault()
  }
}

function isEditKey({ key }: KeyboardEvent): boolean {
  return key === 'Enter' || key === 'F2'
}

export function toggled(selected: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const next = new Set(selected)
  if (!next.delete(id)) next.add(id)
  return next
}

interface GridRowProps extends DataGridProps {
  readonly index: number
  readonly start: number
  readonly template: string
  readonly activeColumn: number | undefined
  readonly editingColumn: number | undefined
  readonly onActive: (column: number) => void
  readonly onEdit: (column: number) => void
  readonly editing: Editing
}

function GridRow(props: GridRowProps): ReactNode {
  const { index, start, template, rows, columns, activeColumn, editingColumn, selected, onSelect, onActive } = props
  const { say } = useSettings()
  const row = rows[index]
  const style = { transform: `translateY(${start}px)`, gridTemplateColumns: template }
  if (row === undefined)
    return (
      <div role="row" aria-rowindex={index + 2} className="grid-row waiting" style={style}>
        <div role="gridcell" className="grid-cell">
          …
        </div>
      </div>
    )
  const isSelected = selected.has(row.$id)
  return (
    <div role="row" aria-rowindex={index + 2} aria-selected={isSelected} className="grid-row" style={style}>
      <div
        role="gridcell"
        className="grid-cell mark"
        data-cell={`${index}.0`}
        tabIndex={activeColumn === 0 ? 0 : -1}
        onFocus={() => onActive(0)}
      >
        <input
          type="checkbox"
          tabIndex={-1}
          checked={isSelected}
          aria-label={say('list.select', { name: titleOf(row) })}
          onChange={() => onSelect(toggled(selected, row.$id))}
        />
      </div>
      {columns.map(({ name, isNumber }, at) => {
        const column = at + 1
        const editor = editingColumn === column ? props.renderEditor(name, row, props.editing) : undefined
        return (
          <div
            key={name}
            role="gridcell"
            aria-colindex={column + 1}
            className={`grid-cell${isNumber ? ' number' : ''}${editor === undefined ? '' : ' editing'}`}
            data-cell={`${index}.${column}`}
            tabIndex={activeColumn === column ? 0 : -1}
            onFocus={() => onActive(column)}
            onDoubleClick={() => props.onEdit(column)}
          >
            {editor ?? props.renderCell(name, row)}
          </div>
        )
      })}
    </div>
  )
}
