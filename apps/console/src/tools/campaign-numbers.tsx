// Campaigns: what each has cost, the leads that it brought, and what came of them.

import type { ReactNode } from 'react'
import { Link } from '../base/navigation.tsx'
import { useSettings } from '../base/settings-context.tsx'
import { useToolTexts } from '../base/tool-texts.ts'
import type { Entity, Group } from '../data/entity.ts'
import { titleOf } from '../data/noun-schema.ts'
import { useAsk } from '../data/use-ask.ts'
import { useScene } from '../data/workspace-context.tsx'
import { Loaded, Panel } from '../ui/panel.tsx'
import { PlainTable } from '../ui/plain-table.tsx'
import { Pill } from '../ui/value.tsx'
import { Figures } from './figures.tsx'

const shownMax = 100

export function CampaignNumbers(): ReactNode {
  const say = useToolTexts()
  const { reading } = useScene()
  const campaigns = useAsk({
    of: '*',
    name: ['campaigns', reading],
    read: async ({ entity, types }, signal) => {
      const options = { limit: shownMax, signal, ...reading }
      // Who may not read leads sees none counted.
      const leadsBy = async (filter: object): Promise<readonly Group[]> =>
        types.has('Lead') ? entity('Lead').aggregate(filter, { by: 'campaign', ...options }) : []
      const [all, leads, converted] = await Promise.all([
        entity('Campaign').find({}, options),
        leadsBy({}),
        leadsBy({ status: 'Converted' }),
      ])
      const countIn = (groups: typeof leads, id: string): number =>
        groups.find(({ by }) => by['campaign'] === id)?.count ?? 0
      return all.map((campaign) => ({
        campaign,
        leads: countIn(leads, campaign.$id),
        converted: countIn(converted, campaign.$id),
      }))
    },
  })
  return (
    <div className="panels">
      <Figures groups={['marketing']} />
      <Panel title={say('numbers.campaigns')} isWide>
        <Loaded of={campaigns}>{(rows) => <CampaignTable rows={rows} />}</Loaded>
      </Panel>
    </div>
  )
}

interface CampaignRow {
  readonly campaign: Entity
  readonly leads: number
  readonly converted: number
}

function CampaignTable({ rows }: { readonly rows: readonly CampaignRow[] }): ReactNode {
  const say = useToolTexts()
  const { format } = useSettings()
  const { workspace } = useScene()
  const { tenant } = workspace
  const amountOf = ({ campaign }: CampaignRow, field: string): string => {
    const value = campaign[field]
    return typeof value === 'number' ? format.money(value, String(campaign['currency'] ?? workspace.currency)) : '–'
  }
  return (
    <PlainTable
      label={say('numbers.campaigns')}
      rows={rows}
      keyOf={({ campaign }) => campaign.$id}
      columns={[
        {
          label: say('numbers.campaign'),
          cell: ({ campaign }) => (
            <Link to={{ tenant, noun: 'Campaign', id: campaign.$id, search: {} }}>{titleOf(campaign)}</Link>
          ),
        },
        {
          label: say('numbers.status'),
          cell: ({ campaign }) => <Pill text={String(campaign['status'])} tone="plain" />,
        },
        {
          label: say('numbers.leads'),
          isNumber: true,
          cell: ({ campaign, leads }) => (
            <Link
              to={{
                tenant,
                noun: 'Lead',
                search: { f: JSON.stringify({ campaign: campaign.$id }) },
              }}
            >
              {format.number(leads)}
            </Link>
          ),
        },
        { label: say('numbers.converted'), isNumber: true, cell: ({ converted }) => format.number(converted) },
        { label: say('numbers.budget'), isNumber: true, cell: (row) => amountOf(row, 'budget') },
        { label: say('numbers.cost'), isNumber: true, cell: (row) => amountOf(row, 'actualCost') },
        { label: say('numbers.brought'), isNumber: true, cell: (row) => amountOf(row, 'actualRevenue') },
      ]}
    />
  )
}
