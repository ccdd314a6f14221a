// The built-in metrics.

import type { EntityMetric, MetricDefinition, MetricGroup, RatioMetric } from 'digital-objects'
import { mrrMovements } from './mrr-movements.ts'

/** States in which a subscription is paid for. */
const paying = { status: { $in: ['Active', 'Upgraded', 'Downgraded', 'Reactivated'] } }
const openStages = { stage: { $nin: ['Closed', 'Won', 'Lost'] } }
const wonStages = { stage: { $in: ['Won', 'Closed'] } }
const openTickets = { status: { $nin: ['Resolved', 'Closed'] } }
/** An amount of one month: OneTime and Usage have none, and a subscription without a price counts by the month. */
const monthly =
  '(coalesce(amount, price.amount)*coalesce(quantity, 1)+coalesce(itemsAmount, 0))' +
  "/match(price.interval, 'Monthly', 1, 'Quarterly', 3, 'Yearly', 12, 'OneTime', 0, 'Usage', 0, 1)" +
  '/coalesce(price.intervalCount, 1)'
const ofSubscription = { currency: ['currency', 'price.currency'], isMinor: true } as const
const ofDocument = { currency: ['currency'], isMinor: true } as const
const month = 'P30D'

type Entity = Omit<EntityMetric, 'name' | 'group' | 'kind'>
type Flow = Entity & { readonly at: string }

const level = (name: string, rest: Entity): EntityMetric => ({ kind: 'level', name, ...rest })
const flow = (name: string, rest: Flow): EntityMetric => ({ kind: 'flow', name, over: month, ...rest })
const ratio = (name: string, rest: Omit<RatioMetric, 'name' | 'group' | 'kind'>): RatioMetric => ({
  kind: 'ratio',
  name,
  ...rest,
})
const count = { unit: 'count', as: 'count' } as const
const money = { unit: 'money', as: 'sum' } as const

const revenue: readonly MetricDefinition[] = [
  level('mrr', {
    label: 'Monthly recurring revenue',
    ...money,
    from: 'Subscription',
    filter: paying,
    value: monthly,
    ...ofSubscription,
  }),
  ratio('arr', { label: 'Annual recurring revenue', unit: 'money', of: 'mrr', times: 12 }),
  level('active_customers', {
    label: 'Customers with a paid subscription',
    unit: 'count',
    from: 'Subscription',
    filter: paying,
    as: 'distinct',
    value: ['customer', 'contact', 'organization', '$id'],
  }),
  level('active_subscriptions', { label: 'Paid subscriptions', ...count, from: 'Subscription', filter: paying }),
  flow('cancellations', {
    label: 'Cancelled subscriptions',
    ...count,
    from: 'Subscription',
    at: 'canceledAt',
    filter: { status: 'Cancelled' },
  }),
  ratio('churn', {
    label: 'Churn',
    unit: 'percent',
    of: 'cancellations',
    per: 'active_subscriptions',
    isPerStart: true,
    times: 100,
    ifZero: 0,
    over: month,
  }),
  { kind: 'retention', name: 'nrr', label: 'Net revenue retention', unit: 'percent', of: 'mrr', over: month },
  ...mrrMovements,
  ratio('arpu', { label: 'Revenue per customer', unit: 'money', of: 'mrr', per: 'active_customers', ifZero: 0 }),
  ratio('ltv', { label: 'Lifetime value of a customer', unit: 'money', of: 'arpu', per: 'churn', times: 100 }),
  { kind: 'growth', name: 'revenue_growth', label: 'Growth of MRR', unit: 'percent', of: 'mrr', over: month },
  flow('trials_ended', {
    label: 'Trials that ended',
    ...count,
    from: 'Subscription',
    at: 'trialEnd',
    filter: { trialEnd: { $lte: '$now' } },
  }),
  flow('trials_converted', {
    label: 'Trials that became paid',
    ...count,
    from: 'Subscription',
    at: 'trialEnd',
    filter: {
      trialEnd: { $lte: '$now' },
      $or: [
        { status: { $nin: ['Trialing', 'Cancelled', 'Incomplete'] } },
        { endedAt: { $gt: { $field: 'trialEnd' } } },
      ],
    },
  }),
  ratio('trial_conversion', {
    label: 'Trials that became paid',
    unit: 'percent',
    of: 'trials_converted',
    per: 'trials_ended',
    times: 100,
  }),
  flow('revenue', {
    label: 'Money received, less refunds',
    ...money,
    from: 'Payment',
    filter: { status: { $in: ['Succeeded', 'Refunded'] } },
    at: 'capturedAt',
    value: 'netAmount',
    ...ofDocument,
  }),
  flow('dispute_losses', {
    label: 'Money that lost disputes took',
    ...money,
    from: 'Dispute',
    filter: { status: 'Lost' },
    at: 'withdrawnAt',
    value: 'coalesce(withdrawnAmount, 0)-coalesce(reinstatedAmount, 0)',
    ...ofDocument,
  }),
  level('receivables', {
    label: 'Open invoices',
    ...money,
    from: 'Invoice',
    filter: { status: 'Open' },
    value: 'amountDue',
    ...ofDocument,
  }),
  level('overdue', {
    label: 'Overdue invoices',
    ...count,
    from: 'Invoice',
    filter: { status: 'Open', dueAt: { $lt: '$now' } },
  }),
  level('overdue_amount', {
    label: 'Overdue amount',
    ...money,
    from: 'Invoice',
    filter: { status: 'Open', dueAt: { $lt: '$now' } },
    value: 'amountDue',
    ...ofDocument,
  }),
  flow('new_customers', { label: 'New customers', ...count, from: 'Customer', at: '$createdAt' }),
  flow('campaign_costs', {
    label: 'Costs of campaigns',
    ...money,
    from: 'Campaign',
    at: 'launchedAt',
    value: 'actualCost',
    currency: ['currency'],
  }),
  ratio('cac', { label: 'Cost of a new customer', unit: 'money', of: 'campaign_costs', per: 'new_customers' }),
]

const ofDeal = { from: 'Deal', currency: ['currency'] } as const
const pipeline: readonly MetricDefinition[] = [
  level('pipeline', { label: 'Value of open deals', ...money, ...ofDeal, filter: openStages, value: 'value' }),
  level('weighted_pipeline', {
    label: 'Open deals by their probability',
    ...money,
    ...ofDeal,
    filter: openStages,
    value: 'value*probability/100',
  }),
  level('deals_open', { label: 'Open deals', ...count, from: 'Deal', filter: openStages }),
  flow('deals_won', { label: 'Won deals', ...count, from: 'Deal', filter: wonStages, at: 'closedAt' }),
  flow('deals_lost', { label: 'Lost deals', ...count, from: 'Deal', filter: { stage: 'Lost' }, at: 'closedAt' }),
  flow('won_value', {
    label: 'Value of won deals',
    ...money,
    ...ofDeal,
    filter: wonStages,
    at: 'closedAt',
    value: 'coalesce(wonAmount, value)',
  }),
  flow('deals_closed', {
    label: 'Decided deals',
    ...count,
    from: 'Deal',
    filter: { stage: { $in: ['Won', 'Closed', 'Lost'] } },
    at: 'closedAt',
  }),
  ratio('win_rate', {
    label: 'Won of decided deals',
    unit: 'percent',
    of: 'deals_won',
    per: 'deals_closed',
    times: 100,
  }),
  flow('deal_size', {
    label: 'Mean value of won deals',
    unit: 'money',
    as: 'avg',
    ...ofDeal,
    filter: wonStages,
    at: 'closedAt',
    value: 'coalesce(wonAmount, value)',
  }),
  flow('sales_cycle', {
    label: 'Mean days until a deal is won',
    unit: 'days',
    as: 'avg',
    from: 'Deal',
    filter: wonStages,
    at: 'closedAt',
    value: '(closedAt-$createdAt)/86400000',
  }),
  level('stale_deals', {
    label: 'Open deals without activity for 14 days',
    ...count,
    from: 'Deal',
    filter: {
      ...openStages,
      $or: [{ lastActivityAt: { $lt: '$now-P14D' } }, { lastActivityAt: null, $createdAt: { $lt: '$now-P14D' } }],
    },
  }),
  level('contacts', { label: 'Contacts', ...count, from: 'Contact' }),
  ...(['leads', 'qualified', 'customers', 'churned'] as const).map((name, at) =>
    level(name, {
      label: `Contacts in the stage ${['Lead', 'Qualified', 'Customer', 'Churned'][at]}`,
      ...count,
      from: 'Contact',
      filter: { stage: ['Lead', 'Qualified', 'Customer', 'Churned'][at] },
    }),
  ),
]

const product: readonly MetricDefinition[] = [
  level('subscriptions_trialing', { label: 'Trials', ...count, from: 'Subscription', filter: { status: 'Trialing' } }),
  level('subscriptions_past_due', {
    label: 'Subscriptions past due',
    ...count,
    from: 'Subscription',
    filter: { status: 'PastDue' },
  }),
  level('subscriptions_canceled', {
    label: 'Cancelled subscriptions',
    ...count,
    from: 'Subscription',
    filter: { status: 'Cancelled' },
  }),
  level('issues_open', {
    label: 'Open issues',
    ...count,
    from: 'Issue',
    filter: { status: { $nin: ['Done', 'Closed'] } },
  }),
  level('features', { label: 'Feature flags', ...count, from: 'FeatureFlag' }),
  level('features_enabled', {
    label: 'Enabled feature flags',
    ...count,
    from: 'FeatureFlag',
    filter: { status: { $in: ['Active', 'Enabled', 'RolledOut'] } },
  }),
  level('integrations_failing', {
    label: 'Integrations with an error',
    ...count,
    from: 'Integration',
    filter: { status: 'Errored' },
  }),
  level('experiments_running', {
    label: 'Running experiments',
    ...count,
    from: 'Experiment',
    filter: { status: { $in: ['Started', 'Running'] } },
  }),
]

const support: readonly MetricDefinition[] = [
  level('tickets_open', { label: 'Open tickets', ...count, from: 'Ticket', filter: openTickets }),
  level('tickets_urgent', {
    label: 'Urgent open tickets',
    ...count,
    from: 'Ticket',
    filter: { ...openTickets, priority: 'Urgent' },
  }),
  level('tickets_in_progress', {
    label: 'Tickets in progress',
    ...count,
    from: 'Ticket',
    filter: { status: 'InProgress' },
  }),
  level('tickets_escalated', { label: 'Escalated tickets', ...count, from: 'Ticket', filter: { status: 'Escalated' } }),
  flow('tickets_resolved', { label: 'Resolved tickets', ...count, from: 'Ticket', at: 'resolvedAt' }),
  level('sla_breached', {
    label: 'Open tickets past their target for a response or the resolution',
    ...count,
    from: 'Ticket',
    filter: {
      ...openTickets,
      $or: [{ firstResponseAt: null, firstResponseDueAt: { $lt: '$now' } }, { slaDueAt: { $lt: '$now' } }],
    },
  }),
  flow('response_time', {
    label: 'Mean time to the first response',
    unit: 'ms',
    as: 'avg',
    from: 'Ticket',
    at: 'firstResponseAt',
    value: 'firstResponseAt-$createdAt',
  }),
  flow('resolution_time', {
    label: 'Mean time to the resolution',
    unit: 'ms',
    as: 'avg',
    from: 'Ticket',
    at: 'resolvedAt',
    value: 'resolvedAt-$createdAt',
  }),
  flow('csat', {
    label: 'Satisfaction',
    unit: 'percent',
    as: 'avg',
    from: 'Ticket',
    at: 'resolvedAt',
    value: 'satisfaction*20',
  }),
]

const marketing: readonly MetricDefinition[] = [
  level('campaigns_active', {
    label: 'Active campaigns',
    ...count,
    from: 'Campaign',
    filter: { status: { $in: ['Launched', 'Active'] } },
  }),
  flow('leads_created', { label: 'New leads', ...count, from: 'Lead', at: '$createdAt' }),
  flow('leads_converted', {
    label: 'Converted leads',
    ...count,
    from: 'Lead',
    at: 'convertedAt',
    filter: { status: 'Converted' },
  }),
  ratio('conversion', {
    label: 'Converted of new leads',
    unit: 'percent',
    of: 'leads_converted',
    per: 'leads_created',
    times: 100,
  }),
  flow('signups', { label: 'New contacts', ...count, from: 'Contact', at: '$createdAt', over: 'P7D' }),
]

const anyUser = {
  unit: 'count',
  as: 'distinct',
  from: 'Event',
  at: 'timestamp',
  value: ['userId', 'anonymousId'],
} as const
const engagement: readonly MetricDefinition[] = [
  flow('dau', { label: 'Users active in a day', ...anyUser, over: 'P1D' }),
  flow('mau', { label: 'Users active in a month', ...anyUser }),
  flow('events', { label: 'Events of users', ...count, from: 'Event', at: 'timestamp', over: 'P1D' }),
]

const goals: readonly MetricDefinition[] = [
  level('goals_active', {
    label: 'Goals in progress',
    ...count,
    from: 'Goal',
    filter: { status: { $in: ['OnTrack', 'AtRisk', 'Behind', 'Reset'] } },
  }),
  level('goals_completed', {
    label: 'Goals reached',
    ...count,
    from: 'Goal',
    filter: { status: { $in: ['Achieved', 'Completed'] } },
  }),
  level('goals_at_risk', {
    label: 'Goals at risk',
    ...count,
    from: 'Goal',
    filter: { status: { $in: ['AtRisk', 'Behind'] } },
  }),
  level('goals_missed', { label: 'Goals missed', ...count, from: 'Goal', filter: { status: 'Missed' } }),
]

const groups: Readonly<Record<MetricGroup, readonly MetricDefinition[]>> = {
  revenue,
  pipeline,
  product,
  support,
  marketing,
  engagement,
  goals,
}

export const builtInMetrics: readonly MetricDefinition[] = Object.entries(groups).flatMap(
  ([group, definitions]) => definitions.map((definition) => ({ ...definition, group: group as MetricGroup })), // the keys of the table
)

/** Other names of built-in metrics. */
export const metricAliases: Readonly<Record<string, string>> = {
  churn_rate: 'churn',
  pipeline_value: 'pipeline',
  satisfaction: 'csat',
  'tickets.open': 'tickets_open',
}
