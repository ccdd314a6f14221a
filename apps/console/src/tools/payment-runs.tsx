// The latest passes over the objects of Stripe, each with what it has counted so far.

import type { ReactNode } from 'react'
import { nounLabel } from '../base/names.ts'
import { fromMinor } from '../base/format.ts'
import { Link } from '../base/navigation.tsx'
import { useSettings } from '../base/settings-context.tsx'
import { useToolTexts } from '../base/tool-texts.ts'
import type { Entity } from '../data/entity.ts'
import { useAsk } from '../data/use-ask.ts'
import { useScene } from '../data/workspace-context.tsx'
import { Loaded, Panel } from '../ui/panel.tsx'
import { PlainTable } from '../ui/plain-table.tsx'
import { Pill, type Tone } from '../ui/value.tsx'

const runsMax = 5
const tones: Readonly<Record<string, Tone>> = { Running: 'open', Succeeded: 'good', Failed: 'bad' }

export function PaymentRuns(): ReactNode {
  const say = useToolTexts()
  const { format } = useSettings()
  const { workspace } = useScene()
  const runs = useAsk({
    of: 'PaymentRun',
    name: ['latest'],
    read: async ({ entity }, signal) =>
      entity('PaymentRun').find({}, { limit: runsMax, sort: '-startedAt', strong: true, signal }),
  })
  return (
    <Panel title={say('payments.runs')} isWide>
      <Loaded of={runs}>
        {(all) => (
          <PlainTable
            label={say('payments.runs')}
            rows={all}
            keyOf={({ $id }) => $id}
            empty={say('payments.noRuns')}
            columns={[
              {
                label: say('functions.at'),
                cell: ({ $id, startedAt }) => (
                  <Link to={{ tenant: workspace.tenant, noun: 'PaymentRun', id: $id, search: {} }}>
                    {typeof startedAt === 'string' ? format.time(startedAt) : $id}
                  </Link>
                ),
              },
              { label: say('jobs.what'), cell: ({ kind }) => <Pill text={String(kind)} tone="plain" /> },
              {
                label: say('agents.status'),
                cell: ({ status, error }) => (
                  <>
                    <Pill text={String(status)} tone={tones[String(status)] ?? 'plain'} />
                    {typeof error === 'string' ? ` ${error}` : null}
                  </>
                ),
              },
              { label: say('jobs.progress'), cell: (run) => <Progress run={run} /> },
            ]}
          />
        )}
      </Loaded>
    </Panel>
  )
}

function Progress({ run: { kind, progress } }: { readonly run: Entity }): ReactNode {
  const say = useToolTexts()
  const { format } = useSettings()
  if (typeof progress !== 'object' || progress === null) return '–'
  if (kind === 'Gaps') return say('payments.found', { count: format.number(numberIn(progress, 'found')) })
  if (kind === 'Reconciliation') return <Compared progress={progress} />
  return <Counts progress={progress} />
}

/** By type of object, as a synchronization counts them. */
function Counts({ progress }: { readonly progress: object }): ReactNode {
  const say = useToolTexts()
  const { format, language } = useSettings()
  return (
    <ul>
      {Object.entries(progress).map(([object, counts]: [string, unknown]) => (
        <li key={object}>
          {nounLabel(nounOfObject(object), language.words, 'many')}:{' '}
          {say('payments.counts', {
            seen: format.number(numberIn(counts, 'seen')),
            made: format.number(numberIn(counts, 'made')),
            changed: format.number(numberIn(counts, 'changed')),
            notTaken: format.number(numberIn(counts, 'notTaken')),
          })}
        </li>
      ))}
    </ul>
  )
}

function Compared({ progress }: { readonly progress: object }): ReactNode {
  const say = useToolTexts()
  const { format } = useSettings()
  const sums = (side: 'theirs' | 'ours'): string => {
    const all = Object.entries(memberOf(memberOf(progress, 'mrr'), side) ?? {}).map(([currency, sum]) =>
      format.money(fromMinor(Number(sum), currency), currency),
    )
    return all.length === 0 ? format.number(0) : all.join(' + ')
  }
  return (
    <>
      {say('payments.differences', { count: format.number(numberIn(progress, 'differences')) })}{' '}
      {say('payments.mrr', { theirs: sums('theirs'), ours: sums('ours') })}
    </>
  )
}

/** `payment_intent` is a Payment here, and `tax_rate` a TaxRate. */
function nounOfObject(object: string): string {
  if (object === 'payment_intent') return 'Payment'
  return object.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

function numberIn(value: unknown, name: string): number {
  return Number(memberOf(value, name) ?? 0)
}

function memberOf(value: unknown, name: string): object | undefined {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}
