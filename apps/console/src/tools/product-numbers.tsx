// Funnels with the share that takes each step, experiments with their variants, and goals.

import type { ReactNode } from 'react'
import { Link } from '../base/navigation.tsx'
import { useSettings } from '../base/settings-context.tsx'
import { type ToolSay, useToolTexts } from '../base/tool-texts.ts'
import type { Entity } from '../data/entity.ts'
import { titleOf } from '../data/noun-schema.ts'
import { useAsk } from '../data/use-ask.ts'
import { useScene } from '../data/workspace-context.tsx'
import { BarRows } from '../ui/bar-rows.tsx'
import { Granted } from '../ui/granted.tsx'
import { Loaded, Panel } from '../ui/panel.tsx'
import { PlainTable } from '../ui/plain-table.tsx'
import { Figures } from './figures.tsx'
import { GoalLine } from './goal-line.tsx'

const shownMax = 20
type Role = 'Funnel' | 'Experiment' | 'Goal'

export function ProductNumbers(): ReactNode {
  return (
    <div className="panels">
      <Figures groups={['product', 'engagement', 'goals']} />
      <Analyzed noun="Funnel">{(one) => <Funnel of={one} />}</Analyzed>
      <Analyzed noun="Experiment">{(one) => <Experiment of={one} />}</Analyzed>
      <Analyzed noun="Goal">{(one) => <Goal of={one} />}</Analyzed>
    </div>
  )
}

interface AnalyzedProps {
  readonly noun: Role
  readonly children: (entity: Entity) => ReactNode
}

function Analyzed(props: AnalyzedProps): ReactNode {
  return (
    <Granted need={{ read: props.noun }}>
      <AllOf {...props} />
    </Granted>
  )
}

function AllOf({ noun, children }: AnalyzedProps): ReactNode {
  const say = useToolTexts()
  const { workspace, reading } = useScene()
  const all = useAsk({
    of: noun,
    name: ['analyzed', reading],
    read: async ({ entity }, signal) => entity(noun).find({}, { limit: shownMax, signal, ...reading }),
  })
  return (
    <Panel title={say(`numbers.${noun}`)}>
      <Loaded of={all}>
        {(rows) =>
          rows.length === 0 ? (
            <p className="soft">{say('numbers.none')}</p>
          ) : (
            rows.map((row) => (
              <article key={row.$id}>
                <h3>
                  <Link to={{ tenant: workspace.tenant, noun, id: row.$id, search: {} }}>{titleOf(row)}</Link>
                </h3>
                {children(row)}
              </article>
            ))
          )
        }
      </Loaded>
    </Panel>
  )
}

function Funnel({ of }: { readonly of: Entity }): ReactNode {
  const { format } = useSettings()
  const { at } = useScene()
  const analysis = useAsk({
    of: '*',
    name: ['funnel', of.$id, at],
    read: ({ client }, signal) => client.analysis('Funnel', of.$id, { signal, asOf: at }),
  })
  return (
    <Loaded of={analysis}>
      {({ steps }) => (
        <BarRows
          rows={steps.map(({ name, count, rate }) => ({
            key: name,
            label: name,
            value: count,
            text: `${format.number(count)} · ${format.percent(rate * 100)}`,
          }))}
        />
      )}
    </Loaded>
  )
}

function Experiment({ of }: { readonly of: Entity }): ReactNode {
  const say = useToolTexts()
  const { format } = useSettings()
  const { at } = useScene()
  const analysis = useAsk({
    of: '*',
    name: ['experiment', of.$id, at],
    read: ({ client }, signal) => client.analysis('Experiment', of.$id, { signal, asOf: at }),
  })
  return (
    <Loaded of={analysis}>
      {({ variants, winner, isSignificant }) => (
        <>
          <PlainTable
            label={titleOf(of)}
            rows={variants}
            keyOf={({ key }) => key}
            columns={[
              { label: say('numbers.variant'), cell: ({ name }) => name },
              {
                label: say('numbers.participants'),
                isNumber: true,
                cell: ({ participants }) => format.number(participants),
              },
              {
                label: say('numbers.conversions'),
                isNumber: true,
                cell: ({ conversions }) => format.number(conversions),
              },
              { label: say('numbers.share'), isNumber: true, cell: ({ rate }) => format.percent(rate * 100) },
              {
                label: say('numbers.lift'),
                isNumber: true,
                cell: ({ lift }) => (lift === null ? '–' : format.percent(lift * 100)),
              },
            ]}
          />
          <p className="soft small">
            {verdictOf(isSignificant ? variants.find(({ key }) => key === winner)?.name : undefined, say)}
          </p>
        </>
      )}
    </Loaded>
  )
}

function verdictOf(winner: string | undefined, say: ToolSay): string {
  return winner === undefined ? say('numbers.undecided') : say('numbers.winner', { variant: winner })
}

function Goal({ of }: { readonly of: Entity }): ReactNode {
  const { at } = useScene()
  const analysis = useAsk({
    of: '*',
    name: ['goal', of.$id, at],
    read: ({ client }, signal) => client.analysis('Goal', of.$id, { signal, asOf: at }),
  })
  return <Loaded of={analysis}>{(report) => <GoalLine goal={of} analysis={report} />}</Loaded>
}
