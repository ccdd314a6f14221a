// Campaigns of the sample company over its year: each brings the leads of its time.

import { type DemoAct, atHour } from './demo-act.ts'

interface Campaign {
  readonly name: string
  readonly type: string
  readonly channel: string
  /** The source of the leads that it brings. */
  readonly source: string
  /** Parts of the year; without an end it goes on. */
  readonly from: number
  readonly until?: number
  readonly budget: number
  readonly cost: number
  readonly leads: number
}

const campaigns: readonly Campaign[] = [
  {
    name: 'Boat show in Kiel',
    type: 'Event',
    channel: 'Fair',
    source: 'Event',
    from: 0.05,
    until: 0.2,
    budget: 4_500,
    cost: 4_180,
    leads: 8,
  },
  {
    name: 'Search ads',
    type: 'Paid',
    channel: 'Search',
    source: 'Paid',
    from: 0.5,
    until: 0.93,
    budget: 6_000,
    cost: 4_920,
    leads: 20,
  },
  {
    name: 'Partner marinas',
    type: 'Referral',
    channel: 'Partners',
    source: 'Referral',
    from: 0.15,
    until: 0.55,
    budget: 1_500,
    cost: 900,
    leads: 10,
  },
  {
    name: 'Newsletter for harbour masters',
    type: 'Email',
    channel: 'Email',
    source: 'Email',
    from: 0.4,
    until: 0.6,
    budget: 800,
    cost: 640,
    leads: 8,
  },
  {
    name: 'Webinar: bookings without paper',
    type: 'Webinar',
    channel: 'Video',
    source: 'Webinar',
    from: 0.68,
    until: 0.8,
    budget: 1_200,
    cost: 1_050,
    leads: 6,
  },
  {
    name: 'Baltic harbour days',
    type: 'Event',
    channel: 'Fair',
    source: 'Event',
    from: 0.94,
    budget: 2_500,
    cost: 1_780,
    leads: 8,
  },
]

/** The campaigns that run on a day, by their places in the list. */
export function campaignsOn(part: number): readonly { readonly at: number; readonly source: string }[] {
  return campaigns.flatMap(({ from, until = 1, source }, at) => (from <= part && part < until ? [{ at, source }] : []))
}

export function demoCampaigns(days: number): readonly DemoAct[] {
  return campaigns.flatMap((campaign, at) => actsOf(campaign, { at, days }))
}

function actsOf(campaign: Campaign, { at, days }: { readonly at: number; readonly days: number }): readonly DemoAct[] {
  const { name, type, channel, from, until, budget, cost, leads } = campaign
  const target = `@campaign-${at}`
  const launch = atHour(from * days, 9)
  const body = { name, type, channel, currency: 'EUR', budget, targetLeads: leads, owner: '@mara' }
  return [
    { day: Math.max(0, launch - 10), write: 'Campaign.create', body, as: `campaign-${at}` },
    // A launch that names its time was made elsewhere, such as a mailing.
    { day: launch, write: 'Campaign.launch', target, body: { launchedAt: `@at:${launch}` } },
    { day: launch + 1, write: 'Campaign.update', target, body: { actualCost: cost } },
    ...(until === undefined
      ? []
      : ([
          { day: atHour(until * days, 17), write: 'Campaign.complete', target },
          // The server measures those that run.
          { day: atHour(days - 1, 17), write: 'Campaign.measure', target },
        ] as const)),
  ]
}
