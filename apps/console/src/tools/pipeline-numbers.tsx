// Open deals by stage, and the forecast: what is expected to close in each month, as it stands and weighted by probability.

import type { ReactNode } from 'react'
import { Link } from '../base/navigation.tsx'
import { valueLabel } from '../base/names.ts'
import { useSettings } from '../base/settings-context.tsx'
import { useToolTexts } from '../base/tool-texts.ts'
import type { Group } from '../data/entity.ts'
import { monthFilter } from '../data/month-filter.ts'
import { inOrderOf, useNounInfo } from '../data/noun-schema.ts'
import { useAsk } from '../data/use-ask.ts'
import { useScene } from '../data/workspace-context.tsx'
import { Loaded, Panel } from '../ui/panel.tsx'
import { PlainTable } from '../ui/plain-table.tsx'
import { Figures } from './figures.tsx'

const weighted = 'value*probability/100'
const month = 'month(expectedCloseDate)'

export function PipelineNumbers(): ReactNode {
  const say = useToolTexts()
  return (
    <div className="panels">
      <Figures groups={['pipeline']} />
      <DealTable title={say('numbers.byStage')} by="stage" />
      <DealTable title={say('numbers.forecast')} by={month} />
    </div>
  )
}

interface DealTableProps {
  readonly title: string
  readonly by: string
}

function DealTable({ title, by }: DealTableProps): ReactNode {
  const say = useToolTexts()
  const { format } = useSettings()
  const { workspace, reading } = useScene()
  const { currency } = workspace
  const { data: info } = useNounInfo('Deal')
  const groups = useAsk({
    of: 'Deal',
    name: ['pipeline', by, reading],
    isOn: workspace.types.has('Deal'),
    read: async ({ entity }, signal) =>
      entity('Deal').aggregate({ closedAt: null }, { by, sum: `value,${weighted}`, limit: 100, signal, ...reading }),
  })
  const amountOf = ({ sum }: Group, name: string): string => format.money(Math.round(sum?.[name] ?? 0), currency)
  return (
    <Panel title={title}>
      <Loaded of={groups}>
        {(rows) => (
          <PlainTable
            label={title}
            rows={inOrderOf(info, by, rows)}
            keyOf={(row) => String(row.by[by])}
            columns={[
              {
                label: say(by === month ? 'numbers.month' : 'numbers.stage'),
                cell: (row) => <GroupLink row={row} by={by} />,
              },
              { label: say('numbers.deals'), isNumber: true, cell: ({ count }) => format.number(count) },
              { label: say('numbers.value'), isNumber: true, cell: (row) => amountOf(row, 'value') },
              { label: say('numbers.weighted'), isNumber: true, cell: (row) => amountOf(row, weighted) },
            ]}
          />
        )}
      </Loaded>
    </Panel>
  )
}

function GroupLink({ row, by }: { readonly row: Group; readonly by: string }): ReactNode {
  const say = useToolTexts()
  const { format, language } = useSettings()
  const { workspace } = useScene()
  const value = row.by[by]
  const own =
    by !== month
      ? { [by]: value ?? null }
      : typeof value === 'string'
        ? monthFilter({ name: 'expectedCloseDate', type: 'date' }, value, workspace.timeZone)
        : { expectedCloseDate: null }
  const search = { f: JSON.stringify({ closedAt: null, ...own }) }
  const label =
    typeof value !== 'string'
      ? say('numbers.undated')
      : by === month
        ? format.month(value)
        : valueLabel(value, language.words, 'Deal')
  return <Link to={{ tenant: workspace.tenant, noun: 'Deal', search }}>{label}</Link>
}
