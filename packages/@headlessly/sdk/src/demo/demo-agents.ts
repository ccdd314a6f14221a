// Agents, functions and rules of the sample company's last weeks. Its agents are programs with keys of their own: what they write is
// theirs, what a rule holds waits for a person, and none of it needs a language model.

import { type DemoAct, type DemoDeed, atHour, isAct } from './demo-act.ts'
import { topics } from './demo-topics.ts'

/** Functions and agents came in the last weeks of the year. */
const agentDays = 45

const scoreLeads = `(lead) => {
  const budget = Math.min(60, (lead.budget ?? 0) / 50)
  const source = lead.source === 'Referral' || lead.source === 'Event' ? 30 : 15
  return { score: Math.round(budget + source) }
}`

const welcomeCustomers = `async (deal, $, { now }) => {
  const dueAt = new Date(Date.parse(now) + 2 * 86_400_000).toISOString()
  await $.Activity.create({
    subject: \`Welcome \${deal.name}\`,
    description: 'Set up the berths together.',
    type: 'Task',
    dueAt,
    deal: deal.$id,
    contact: deal.contact,
    assignee: deal.owner,
  })
  console.log(\`\${deal.name}: welcome due \${dueAt.slice(0, 10)}\`)
}`

const planMonday = `async ($, { scheduledAt }) => {
  const open = await $.Deal.find({ stage: { $in: ['Proposal', 'Negotiation'] } }, { limit: 100 })
  const value = open.reduce((sum, deal) => sum + deal.value, 0)
  await $.Activity.create({
    subject: \`Week of \${scheduledAt.slice(0, 10)}: \${open.length} deals, € \${value}\`,
    type: 'Task',
    dueAt: scheduledAt,
  })
  console.log(\`\${open.length} deals worth € \${value} are close to a decision\`)
}`

const functions = [
  {
    name: 'score-leads',
    on: 'Lead.creating',
    description: 'Scores a new lead by its budget and where it comes from.',
    source: scoreLeads,
  },
  {
    name: 'welcome-customers',
    on: 'Deal.won',
    description: 'Gives the owner of a won deal a task for the welcome.',
    source: welcomeCustomers,
  },
  {
    name: 'plan-monday',
    schedule: '0 7 * * mon',
    description: 'Sums up on Mondays which deals are close to a decision.',
    source: planMonday,
  },
] as const

const agents = [
  {
    name: 'Lookout',
    as: 'lookout',
    role: 'Sorts new tickets',
    mode: 'Autonomous',
    instructions: 'Give each new ticket a category. Never answer it.',
    capabilities: ['support'],
    writesPerDay: 200,
  },
  {
    name: 'Purser',
    as: 'purser',
    role: 'Prepares credits and refunds',
    mode: 'Autonomous',
    instructions: 'Prepare what a customer is owed. A person decides about money.',
    capabilities: ['billing', 'Activity'],
    writesPerDay: 50,
  },
  {
    name: 'Harbour master',
    as: 'master',
    role: 'Looks after open deals',
    mode: 'Supervised',
    instructions: 'Propose the next step of deals that stand still.',
    capabilities: ['crm'],
    writesPerDay: 50,
  },
] as const

interface Around {
  readonly days: number
  /** Deeds of people and customers, to which the agents react. */
  readonly deeds: readonly DemoDeed[]
}

export function demoAgents({ days, deeds }: Around): readonly DemoDeed[] {
  const acts = deeds.filter(isAct)
  const begin = atHour(Math.max(1, days - agentDays), 8)
  return [
    ...functions.map(({ name, ...input }): DemoDeed => ({ day: begin, step: 'put a function', name, input })),
    ...agents.flatMap(({ as, ...agent }): readonly DemoDeed[] => [
      { day: begin, write: 'Agent.create', body: { ...agent, type: 'Specialist', owner: '@mara' }, as },
      { day: begin, write: 'Agent.deploy', target: `@${as}` },
      { day: begin, step: 'give a key', agent: as, name: agent.name },
    ]),
    {
      day: begin,
      step: 'set rules',
      rules: [{ name: 'Money needs a person', kinds: ['pays'], callers: ['agent'] }],
    },
    {
      day: begin,
      step: 'prepare a webhook',
      input: {
        name: 'Bookkeeping',
        url: 'https://books.tidewater.example/hooks',
        events: ['Invoice.Paid', 'Refund.*'],
      },
    },
    ...sortTickets({ acts, begin, days }),
    ...moveDeals({ acts, begin, days }),
    ...payBack({ acts, begin, days }),
  ]
}

interface Time {
  readonly acts: readonly DemoAct[]
  readonly begin: number
  readonly days: number
}

/** The lookout names the kind of each new ticket. Once it went too far, and a person has taken that back. */
function sortTickets({ acts, begin, days }: Time): readonly DemoDeed[] {
  const seen = acts.filter(({ write, day }) => write === 'Ticket.create' && day > begin && day < days)
  const by = 'lookout'
  const sorted = seen.map(({ day, as, body }): DemoAct => {
    return { day, write: 'Ticket.update', target: `@${as}`, body: { category: categoryOf(body) }, by }
  })
  const [mistaken] = seen.filter(({ as = '' }) => as.startsWith('waiting-'))
  if (mistaken === undefined) return sorted
  const [target, day] = [`@${mistaken.as}`, mistaken.day + 0.25]
  return [
    ...sorted,
    { day, write: 'Ticket.update', target, body: { priority: 'Low', tags: 'spam' }, by },
    { day: day + 0.1, step: 'take back', agent: by, since: day - 0.01 },
  ]
}

function categoryOf(body: DemoAct['body']): string {
  const topic = topics.find(({ subject }) => JSON.stringify(body).includes(subject))
  return topic?.category ?? 'Other'
}

/** The harbour master proposes steps for open deals; a person has decided about the first two. */
function moveDeals({ acts, begin, days }: Time): readonly DemoDeed[] {
  const past = acts.filter(({ day }) => day < days - 6)
  const closed = new Set(acts.flatMap(({ write, target, day }) => (closes.has(write) && day < days ? [target] : [])))
  const open = past.flatMap(({ write, as }) =>
    write === 'Lead.convert' && !closed.has(`@${as}.deal`) ? [`@${as}.deal`] : [],
  )
  const [first, second, third, fourth] = open
  const by = 'master'
  const late = Math.max(begin + 1, days - 5)
  const step = 'Ask whether the board has decided'
  const close = `@on:${days + 14}`
  return [
    ...proposed(first, (target) => ({
      day: late,
      write: 'Deal.update',
      target,
      body: { nextStep: step },
      by,
      as: 'proposal-1',
    })),
    ...(first === undefined ? [] : [{ day: late + 0.2, step: 'approve', proposal: 'proposal-1' } as const]),
    ...proposed(second, (target) => ({
      day: late + 1,
      write: 'Deal.update',
      target,
      body: { value: 900 },
      by,
      as: 'proposal-2',
    })),
    ...(second === undefined
      ? []
      : [
          {
            day: late + 1.2,
            step: 'refuse',
            proposal: 'proposal-2',
            reason: 'No discount before the season',
          } as const,
        ]),
    ...proposed(third, (target) => ({
      day: days - 1.1,
      write: 'Deal.update',
      target,
      body: { expectedCloseDate: close, nextStep: 'Offer a yearly plan' },
      by,
      as: 'proposal-3',
    })),
    ...proposed(fourth, (deal) => ({
      day: days - 1.1,
      write: 'Activity.create',
      body: { subject: 'Call about the offer', type: 'Call', dueAt: `@at:${days + 1.4}`, deal, assignee: '@sales' },
      by,
      as: 'proposal-4',
    })),
  ]
}

const closes: ReadonlySet<string> = new Set(['Deal.win', 'Deal.lose'])

function proposed(target: string | undefined, act: (target: string) => DemoAct): readonly DemoAct[] {
  return target === undefined ? [] : [act(target)]
}

/** The purser prepares a refund of a part of what help has cost: one was approved, one waits. */
function payBack({ acts, begin, days }: Time): readonly DemoDeed[] {
  const refunded = new Set(acts.map(({ write, target }) => (write === 'Payment.refund' ? target : undefined)))
  const paid = acts.flatMap(({ as = '', day }) =>
    as.startsWith('paid-') && day < days - 10 && !refunded.has(`@${as}`) ? [`@${as}`] : [],
  )
  const [before, last] = paid.slice(-2)
  const day = Math.max(begin + 1, days - 8)
  const refund = { write: 'Payment.refund', by: 'purser' } as const
  return [
    ...proposed(before, (target) => ({ ...refund, day, target, body: { amount: 15_000 }, as: 'proposal-5' })),
    ...(before === undefined ? [] : [{ day: day + 0.1, step: 'approve', proposal: 'proposal-5' } as const]),
    ...proposed(last, (target) => ({ ...refund, day: days - 0.9, target, body: { amount: 9_000 }, as: 'proposal-6' })),
  ]
}
