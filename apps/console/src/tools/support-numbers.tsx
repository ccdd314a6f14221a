// Support: tickets by priority, and how many of them missed a target.

import type { ReactNode } from 'react'
import { Link } from '../base/navigation.tsx'
import { valueLabel } from '../base/names.ts'
import { useSettings } from '../base/settings-context.tsx'
import { useToolTexts } from '../base/tool-texts.ts'
import { inOrderOf, useNounInfo } from '../data/noun-schema.ts'
import { useAsk } from '../data/use-ask.ts'
import { useScene } from '../data/workspace-context.tsx'
import { Loaded, Panel } from '../ui/panel.tsx'
import { PlainTable } from '../ui/plain-table.tsx'
import { Figures } from './figures.tsx'

const missed = { slaBreachedAt: { $exists: true } }

export function SupportNumbers(): ReactNode {
  return (
    <div className="panels">
      <Figures groups={['support']} />
      <TargetTable by="priority" />
      <TargetTable by="channel" />
    </div>
  )
}

function TargetTable({ by }: { readonly by: 'priority' | 'channel' }): ReactNode {
  const say = useToolTexts()
  const { format, language } = useSettings()
  const { workspace, reading } = useScene()
  const { data: info } = useNounInfo('Ticket')
  const groups = useAsk({
    of: 'Ticket',
    name: ['targets', by, reading],
    isOn: workspace.types.has('Ticket'),
    read: async ({ entity }, signal) => {
      const [all, late] = await Promise.all([
        entity('Ticket').aggregate({}, { by, signal, ...reading }),
        entity('Ticket').aggregate(missed, { by, signal, ...reading }),
      ])
      const lateOf = new Map(late.map((group) => [group.by[by], group.count]))
      return all.map((group) => ({ ...group, value: group.by[by], late: lateOf.get(group.by[by]) ?? 0 }))
    },
  })
  const linkTo = (filter: object, text: string): ReactNode => {
    const search = { f: JSON.stringify(filter) }
    return <Link to={{ tenant: workspace.tenant, noun: 'Ticket', search }}>{text}</Link>
  }
  const title = say(`numbers.${by}`)
  return (
    <Panel title={title}>
      <Loaded of={groups}>
        {(rows) => (
          <PlainTable
            label={title}
            rows={inOrderOf(info, by, rows)}
            keyOf={({ value }) => String(value)}
            columns={[
              {
                label: title,
                cell: ({ value }) => (typeof value === 'string' ? valueLabel(value, language.words, 'Ticket') : '–'),
              },
              {
                label: say('numbers.tickets'),
                isNumber: true,
                cell: ({ value, count }) => linkTo({ [by]: value ?? null }, format.number(count)),
              },
              {
                label: say('numbers.late'),
                isNumber: true,
                cell: ({ value, late }) => linkTo({ [by]: value ?? null, ...missed }, format.number(late)),
              },
              {
                label: say('numbers.inTime'),
                isNumber: true,
                cell: ({ count, late }) => format.percent((100 * (count - late)) / count),
              },
            ]}
          />
        )}
      </Loaded>
    </Panel>
  )
}
