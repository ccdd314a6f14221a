// The records behind each built-in metric: their type, and the filter that selects exactly those that it counts. A test counts
// them in a year of business.

import type { Filter } from './filter-terms.ts'

interface MetricRows {
  readonly noun: string
  readonly filter?: Filter
  /** The datetime by which things happened in the metric's period. */
  readonly at?: string
  /** The period's length; 30 by default. */
  readonly days?: number
}

const dayMs = 86_400_000
/** Stands for the time of the metric, as in its definition. */
const now = '$now'
const paying = { status: { $in: ['Active', 'Upgraded', 'Downgraded', 'Reactivated'] } }
const openDeals = { stage: { $nin: ['Closed', 'Won', 'Lost'] } }
const wonDeals = { stage: { $in: ['Won', 'Closed'] } }
const openTickets = { status: { $nin: ['Resolved', 'Closed'] } }

const subscriptions = { noun: 'Subscription', filter: paying }
const cancelled = { noun: 'Subscription', filter: { status: 'Cancelled' }, at: 'canceledAt' }
const trialsEnded = { noun: 'Subscription', filter: { trialEnd: { $lte: now } }, at: 'trialEnd' }
const trialsConverted = {
  ...trialsEnded,
  filter: {
    trialEnd: { $lte: now },
    $or: [{ status: { $nin: ['Trialing', 'Cancelled', 'Incomplete'] } }, { endedAt: { $gt: { $field: 'trialEnd' } } }],
  },
}
const overdue = { noun: 'Invoice', filter: { status: 'Open', dueAt: { $lt: now } } }
const customers = { noun: 'Customer', at: '$createdAt' }
const campaigns = { noun: 'Campaign', at: 'launchedAt' }
const won = { noun: 'Deal', filter: wonDeals, at: 'closedAt' }
const closed = { noun: 'Deal', filter: { stage: { $in: ['Won', 'Closed', 'Lost'] } }, at: 'closedAt' }
const resolved = { noun: 'Ticket', at: 'resolvedAt' }
const converted = { noun: 'Lead', filter: { status: 'Converted' }, at: 'convertedAt' }
const seen = { noun: 'Event', at: 'timestamp' }

/** A metric of a rate leads to the records that it is a share of. */
const rows: Readonly<Record<string, MetricRows>> = {
  mrr: subscriptions,
  arr: subscriptions,
  active_subscriptions: subscriptions,
  active_customers: subscriptions,
  arpu: subscriptions,
  ltv: subscriptions,
  nrr: subscriptions,
  revenue_growth: subscriptions,
  cancellations: cancelled,
  churn: cancelled,
  trials_ended: trialsEnded,
  trials_converted: trialsConverted,
  trial_conversion: trialsEnded,
  revenue: { noun: 'Payment', filter: { status: { $in: ['Succeeded', 'Refunded'] } }, at: 'capturedAt' },
  dispute_losses: { noun: 'Dispute', filter: { status: 'Lost' }, at: 'withdrawnAt' },
  receivables: { noun: 'Invoice', filter: { status: 'Open' } },
  overdue,
  overdue_amount: overdue,
  new_customers: customers,
  campaign_costs: campaigns,
  cac: campaigns,
  pipeline: { noun: 'Deal', filter: openDeals },
  weighted_pipeline: { noun: 'Deal', filter: openDeals },
  deals_open: { noun: 'Deal', filter: openDeals },
  deals_won: won,
  won_value: won,
  deal_size: won,
  sales_cycle: won,
  deals_lost: { noun: 'Deal', filter: { stage: 'Lost' }, at: 'closedAt' },
  deals_closed: closed,
  win_rate: closed,
  stale_deals: {
    noun: 'Deal',
    filter: {
      ...openDeals,
      $or: [{ lastActivityAt: { $lt: `${now}-14` } }, { lastActivityAt: null, $createdAt: { $lt: `${now}-14` } }],
    },
  },
  contacts: { noun: 'Contact' },
  leads: { noun: 'Contact', filter: { stage: 'Lead' } },
  qualified: { noun: 'Contact', filter: { stage: 'Qualified' } },
  customers: { noun: 'Contact', filter: { stage: 'Customer' } },
  churned: { noun: 'Contact', filter: { stage: 'Churned' } },
  subscriptions_trialing: { noun: 'Subscription', filter: { status: 'Trialing' } },
  subscriptions_past_due: { noun: 'Subscription', filter: { status: 'PastDue' } },
  subscriptions_canceled: { noun: 'Subscription', filter: { status: 'Cancelled' } },
  issues_open: { noun: 'Issue', filter: { status: { $nin: ['Done', 'Closed'] } } },
  features: { noun: 'FeatureFlag' },
  features_enabled: { noun: 'FeatureFlag', filter: { status: { $in: ['Active', 'Enabled', 'RolledOut'] } } },
  integrations_failing: { noun: 'Integration', filter: { status: 'Errored' } },
  experiments_running: { noun: 'Experiment', filter: { status: { $in: ['Started', 'Running'] } } },
  tickets_open: { noun: 'Ticket', filter: openTickets },
  tickets_urgent: { noun: 'Ticket', filter: { ...openTickets, priority: 'Urgent' } },
  tickets_in_progress: { noun: 'Ticket', filter: { status: 'InProgress' } },
  tickets_escalated: { noun: 'Ticket', filter: { status: 'Escalated' } },
  tickets_resolved: resolved,
  sla_breached: {
    noun: 'Ticket',
    filter: {
      ...openTickets,
      $or: [{ firstResponseAt: null, firstResponseDueAt: { $lt: now } }, { slaDueAt: { $lt: now } }],
    },
  },
  response_time: { noun: 'Ticket', at: 'firstResponseAt' },
  resolution_time: resolved,
  csat: { ...resolved, filter: { satisfaction: { $exists: true } } },
  campaigns_active: { noun: 'Campaign', filter: { status: { $in: ['Launched', 'Active'] } } },
  leads_created: { noun: 'Lead', at: '$createdAt' },
  leads_converted: converted,
  conversion: converted,
  signups: { noun: 'Contact', at: '$createdAt', days: 7 },
  dau: { ...seen, days: 1 },
  mau: seen,
  events: { ...seen, days: 1 },
  goals_active: { noun: 'Goal', filter: { status: { $in: ['OnTrack', 'AtRisk', 'Behind', 'Reset'] } } },
  goals_completed: { noun: 'Goal', filter: { status: { $in: ['Achieved', 'Completed'] } } },
  goals_at_risk: { noun: 'Goal', filter: { status: { $in: ['AtRisk', 'Behind'] } } },
  goals_missed: { noun: 'Goal', filter: { status: 'Missed' } },
}

export const metricsWithRows: readonly string[] = Object.keys(rows)

/** Returns undefined for a metric of one's own. `asOf` is the time of its value. */
export function rowsOfMetric(
  metric: string,
  asOf: string,
): { readonly noun: string; readonly filter: Filter } | undefined {
  const found = Object.hasOwn(rows, metric) ? rows[metric] : undefined
  if (found === undefined) return undefined
  const { noun, filter = {}, at, days = 30 } = found
  const untilMs = Date.parse(asOf)
  // The period begins with the moment after that of the one before.
  const since = new Date(untilMs + 1 - days * dayMs).toISOString()
  const period = at === undefined ? undefined : { [at]: { $gte: since, $lte: new Date(untilMs).toISOString() } }
  // Events of the time itself count.
  const own = atTime(filter, untilMs + 1)
  if (period === undefined) return { noun, filter: own }
  // Two conditions of one field would replace each other.
  const isShared = Object.keys(period).some((field) => field in own)
  return { noun, filter: isShared ? { $and: [own, period] } : { ...own, ...period } }
}

/** Puts the end of the period, which is exclusive, in place of `$now`. */
function atTime(filter: Filter, endMs: number): Filter {
  const text = JSON.stringify(filter).replace(/"\$now(?:-(\d+))?"/g, (_, days: string | undefined) =>
    JSON.stringify(new Date(endMs - Number(days ?? 0) * dayMs).toISOString()),
  )
  return JSON.parse(text) as Filter // the same structure
}

/** Amounts of money and times among the metrics; the others are numbers, or in percent. */
export const moneyMetrics: ReadonlySet<string> = new Set([
  'mrr',
  'arr',
  'arpu',
  'ltv',
  'revenue',
  'dispute_losses',
  'receivables',
  'overdue_amount',
  'campaign_costs',
  'cac',
  'pipeline',
  'weighted_pipeline',
  'won_value',
  'deal_size',
])
export const percentMetrics: ReadonlySet<string> = new Set([
  'churn',
  'nrr',
  'revenue_growth',
  'trial_conversion',
  'win_rate',
  'conversion',
  'csat',
])
export const timeMetrics: ReadonlySet<string> = new Set(['response_time', 'resolution_time'])
export const dayMetrics: ReadonlySet<string> = new Set(['sales_cycle'])
