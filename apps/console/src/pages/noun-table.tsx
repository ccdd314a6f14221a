// The table of a list: cells with the values of the type's fields, editing in place, and what can be done with selected rows.

import { type ReactNode, useState } from 'react'
import { go, Link, usePlace } from '../base/navigation.tsx'
import { fieldLabel, nounLabel } from '../base/names.ts'
import { momentOf } from '../base/search.ts'
import { useSettings } from '../base/settings-context.tsx'
import { useToast } from '../base/toast-context.ts'
import type { Entity } from '../data/entity.ts'
import { type FieldInfo, type NounInfo, titleField, titleOf } from '../data/noun-schema.ts'
import { useChange } from '../data/use-change.ts'
import type { Rows } from '../data/use-rows.ts'
import { useScene } from '../data/workspace-context.tsx'
import { CellEditor } from '../ui/cell-editor.tsx'
import { DataGrid } from '../ui/data-grid.tsx'
import type { GridColumn } from '../ui/grid-head.tsx'
import { Empty, errorText, Failed, Loading } from '../ui/states.tsx'
import { Value } from '../ui/value.tsx'
import { BulkBar } from './bulk-bar.tsx'

interface NounTableProps {
  readonly info: NounInfo
  readonly columns: readonly string[]
  readonly rows: Rows
}

export function NounTable({ info, columns, rows }: NounTableProps): ReactNode {
  const { say, language } = useSettings()
  const place = usePlace()
  const { workspace, at } = useScene()
  const { change } = useChange()
  const tell = useToast()
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
  const fields = new Map(info.fields.map((field) => [field.name, field]))
  if (rows.error !== null && rows.rows.length === 0) return <Failed error={rows.error} retry={rows.retry} />
  if (rows.isPending) return <Loading rows={12} />
  if (rows.rows.length === 0) return <Empty title={say('list.none')} hint={say('list.noneHint')} />
  const remove = (row: Entity): void => {
    if (at !== undefined || info.disabled.includes('delete')) return
    change({ noun: info.name, id: row.$id, verb: 'delete' }).catch((error: unknown) =>
      tell({ kind: 'failed', text: errorText(error) }),
    )
  }
  return (
    <>
      <DataGrid
        label={nounLabel(info.name, language.words, 'many')}
        columns={columns.flatMap((name) =>
          columnOf(fields.get(name), { label: fieldLabel(name, language.words), isTitle: name === titleField(info) }),
        )}
        rows={rows.rows}
        total={rows.total ?? rows.rows.length}
        sort={place.search.sort}
        onSort={(sort) => go({ ...place, search: { ...place.search, sort } }, { replace: true })}
        reach={rows.reach}
        selected={selected}
        onSelect={setSelected}
        renderCell={(column, row) => <Cell info={info} field={fields.get(column)} row={row} />}
        renderEditor={(column, row, close) => {
          const field = fields.get(column)
          if (at !== undefined || field === undefined || info.disabled.includes('update')) return undefined
          return <CellEditor noun={info.name} field={field} entity={row} onClose={close} />
        }}
        onOpen={(row) => go({ tenant: workspace.tenant, noun: info.name, id: row.$id, search: momentOf(place.search) })}
        onDelete={remove}
      />
      {selected.size === 0 || at !== undefined ? null : (
        <BulkBar info={info} selected={[...selected]} onClear={() => setSelected(new Set())} />
      )}
    </>
  )
}

function Cell({
  info,
  field,
  row,
}: {
  readonly info: NounInfo
  readonly field: FieldInfo | undefined
  readonly row: Entity
}): ReactNode {
  const { workspace } = useScene()
  const { search } = usePlace()
  if (field === undefined) return null
  if (field.name !== titleField(info)) return <Value field={field} entity={row} info={info} />
  return (
    <Link
      to={{ tenant: workspace.tenant, noun: info.name, id: row.$id, search: momentOf(search) }}
      tabIndex={-1}
      className="row-title"
    >
      {titleOf(row)}
    </Link>
  )
}

const numberTypes = ['number', 'integer', 'money']

interface ColumnLook {
  readonly label: string
  readonly isTitle: boolean
}

function columnOf(field: FieldInfo | undefined, { label, isTitle }: ColumnLook): readonly GridColumn[] {
  if (field === undefined) return []
  const { name, kind, type, many, description } = field
  const isNumber = type !== undefined && numberTypes.includes(type)
  // People find a row by its title, which a narrow column would cut.
  const width = isTitle
    ? 230
    : kind === 'enum'
      ? 130
      : isNumber || type === 'date' || type === 'boolean'
        ? 110
        : type === 'datetime'
          ? 150
          : 170
  return [{ name, label, description, width, isNumber, isSortable: kind !== 'reverse' && !many && type !== 'json' }]
}
