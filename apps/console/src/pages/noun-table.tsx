// The table of a list: cells with the values of the type's fields, editing in place, and what can be done with selected rows.

import { lazy, type ReactNode, Suspense, useState } from 'react'
import { go, Link, usePlace } from '../base/navigation.tsx'
import { fieldLabel, nounLabel, type Words } from '../base/names.ts'
import { useSettings } from '../base/settings-context.tsx'
import { useToast } from '../base/toast-context.ts'
import type { Entity } from '../data/entity.ts'
import { type FieldInfo, type NounInfo, titleField } from '../data/noun-schema.ts'
import { useChange } from '../data/use-change.ts'
import type { Rows } from '../data/use-rows.ts'
import { changeableField, isDeletable } from '../data/offered-fields.ts'
import { useScene } from '../data/workspace-context.tsx'
import { CellEditor } from '../ui/cell-editor.tsx'
import { DataGrid } from '../ui/data-grid.tsx'
import type { GridColumn } from '../ui/grid-head.tsx'
import { Empty, Failed, Loading } from '../ui/states.tsx'
import { Title, Value } from '../ui/value.tsx'

const BulkBar = lazy(async () => ({ default: (await import('./bulk-bar.tsx')).BulkBar }))

interface NounTableProps {
  readonly info: NounInfo
  readonly columns: readonly string[]
  readonly rows: Rows
}

export function NounTable({ info, columns, rows }: NounTableProps): ReactNode {
  const { say, language, errorText } = useSettings()
  const place = usePlace()
  const { workspace, at } = useScene()
  const { change } = useChange()
  const tell = useToast()
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
  const fields = new Map(info.fields.map((field) => [field.name, field]))
  const title = titleField(info)
  const shown = columns.flatMap((name) =>
    columnOf(fields.get(name), { label: fieldLabel(name, language.words, info.name), isTitle: name === title }),
  )
  if (rows.error !== null && rows.rows.length === 0) return <Failed error={rows.error} retry={rows.retry} />
  if (rows.isPending) return <Loading rows={12} />
  if (rows.rows.length === 0)
    return place.search.f === undefined ? (
      <Empty title={say('list.empty')} hint={say('list.emptyHint')} />
    ) : (
      <Empty title={say('list.none')} hint={say('list.noneHint')} />
    )
  const remove = (row: Entity): void => {
    if (at !== undefined || info.disabled.includes('delete') || !isDeletable(info, row)) return
    change({ noun: info.name, id: row.$id, verb: 'delete' }).catch((error: unknown) =>
      tell({ kind: 'failed', text: errorText(error) }),
    )
  }
  return (
    <>
      <DataGrid
        label={nounLabel(info.name, language.words, 'many')}
        columns={[...(title === undefined ? [nameColumn(info, language.words)] : []), ...shown]}
        rows={rows.rows}
        total={rows.total ?? rows.rows.length}
        sort={place.search.sort}
        onSort={(sort) => go({ ...place, search: { ...place.search, sort } }, { replace: true })}
        reach={rows.reach}
        selected={selected}
        onSelect={setSelected}
        renderCell={(column, row) => <Cell info={info} column={column} field={fields.get(column)} row={row} />}
        renderEditor={(column, row, editing) => {
          const shownField = fields.get(column)
          if (at !== undefined || shownField === undefined || info.disabled.includes('update')) return undefined
          const field = changeableField(info, shownField, row)
          if (field === undefined) return undefined
          return (
            <CellEditor noun={info.name} field={field} entity={row} {...editing}>
              <Cell info={info} column={column} field={field} row={row} />
            </CellEditor>
          )
        }}
        onOpen={(row) => go({ tenant: workspace.tenant, noun: info.name, id: row.$id, search: {} })}
        onDelete={remove}
      />
      {selected.size === 0 || at !== undefined ? null : (
        <Suspense fallback={null}>
          <BulkBar info={info} selected={[...selected]} onClear={() => setSelected(new Set())} />
        </Suspense>
      )}
    </>
  )
}

/** A type without names of its own, such as Payment, has a column with the name of what each is about. */
const nameOfOthers = '$id'

function nameColumn({ name, about }: NounInfo, words: Words): GridColumn {
  const label = nounLabel(name, words)
  return { name: nameOfOthers, label, description: about, width: titleWidth, isNumber: false, isSortable: false }
}

interface CellProps {
  readonly info: NounInfo
  readonly column: string
  readonly field: FieldInfo | undefined
  readonly row: Entity
}

function Cell({ info, column, field, row }: CellProps): ReactNode {
  const { workspace } = useScene()
  const isName = column === nameOfOthers || column === titleField(info)
  if (!isName) return field === undefined ? null : <Value field={field} entity={row} info={info} />
  return (
    <Link
      to={{ tenant: workspace.tenant, noun: info.name, id: row.$id, search: {} }}
      tabIndex={-1}
      className="row-title"
    >
      <Title entity={row} />
    </Link>
  )
}

const numberTypes = ['number', 'integer', 'money']
const titleWidth = 230
/** The width of a letter of a label, about, and the space around it. */
const [letterWidth, aroundLabel] = [8, 32]

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
    ? titleWidth
    : kind === 'enum'
      ? 130
      : isNumber || type === 'date' || type === 'boolean'
        ? Math.max(110, label.length * letterWidth + aroundLabel)
        : type === 'datetime'
          ? 150
          : 170
  return [
    {
      name,
      label,
      description,
      noun: field.noun,
      width,
      isNumber,
      isSortable: kind !== 'reverse' && !many && type !== 'json',
    },
  ]
}
