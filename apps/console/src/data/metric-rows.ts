// The records behind each built-in metric: their type, and the filter that selects them.

import type { Filter } from './filter-terms.ts'

export interface MetricRows {
  readonly noun: string
  readonly filter?: Filter
}

const open = { status: { $nin: ['Resolved', 'Closed'] } }

/** A metric of a rate leads to the records that it is a share of. */
export const metricRows: Readonly<Record<string, MetricRows>> = {
  mrr: { noun: 'Subscription', filter: { status: 'Active' } },
  arr: { noun: 'Subscription', filter: { status: 'Active' } },
  active_subscriptions: { noun: 'Subscription', filter: { status: 'Active' } },
  active_customers: { noun: 'Subscription', filter: { status: 'Active' } },
  cancellations: { noun: 'Subscription', filter: { status: 'Cancelled' } },
  churn: { noun: 'Subscription', filter: { status: 'Cancelled' } },
  nrr: { noun: 'Subscription' },
  arpu: { noun: 'Subscription', filter: { status: 'Active' } },
  ltv: { noun: 'Subscription' },
  revenue_growth: { noun: 'Subscription' },
  trials_ended: { noun: 'Subscription' },
  trials_converted: { noun: 'Subscription' },
  trial_conversion: { noun: 'Subscription' },
  revenue: { noun: 'Payment', filter: { status: 'Captured' } },
  receivables: { noun: 'Invoice', filter: { status: 'Open' } },
  overdue: { noun: 'Invoice', filter: { status: 'Overdue' } },
  overdue_amount: { noun: 'Invoice', filter: { status: 'Overdue' } },
  new_customers: { noun: 'Customer' },
  campaign_costs: { noun: 'Campaign' },
  cac: { noun: 'Customer' },
  pipeline: { noun: 'Deal', filter: { closedAt: null } },
  weighted_pipeline: { noun: 'Deal', filter: { closedAt: null } },
  deals_open: { noun: 'Deal', filter: { closedAt: null } },
  deals_won: { noun: 'Deal', filter: { stage: 'Won' } },
  won_value: { noun: 'Deal', filter: { stage: 'Won' } },
  deal_size: { noun: 'Deal', filter: { stage: 'Won' } },
  sales_cycle: { noun: 'Deal', filter: { stage: 'Won' } },
  deals_lost: { noun: 'Deal', filter: { stage: 'Lost' } },
  deals_closed: { noun: 'Deal', filter: { closedAt: { $exists: true } } },
  win_rate: { noun: 'Deal', filter: { closedAt: { $exists: true } } },
  stale_deals: { noun: 'Deal', filter: { closedAt: null } },
  contacts: { noun: 'Contact' },
  leads: { noun: 'Lead' },
  qualified: { noun: 'Contact' },
  customers: { noun: 'Customer' },
  churned: { noun: 'Contact' },
  subscriptions_trialing: { noun: 'Subscription', filter: { status: 'Trialing' } },
  subscriptions_past_due: { noun: 'Subscription', filter: { status: 'PastDue' } },
  subscriptions_canceled: { noun: 'Subscription', filter: { status: 'Cancelled' } },
  issues_open: { noun: 'Issue' },
  features: { noun: 'FeatureFlag' },
  features_enabled: { noun: 'FeatureFlag' },
  integrations_failing: { noun: 'Integration' },
  experiments_running: { noun: 'Experiment', filter: { status: 'Running' } },
  tickets_open: { noun: 'Ticket', filter: open },
  tickets_urgent: { noun: 'Ticket', filter: { ...open, priority: 'Urgent' } },
  tickets_in_progress: { noun: 'Ticket', filter: { status: 'InProgress' } },
  tickets_escalated: { noun: 'Ticket', filter: { status: 'Escalated' } },
  tickets_resolved: { noun: 'Ticket', filter: { resolvedAt: { $exists: true } } },
  sla_breached: { noun: 'Ticket', filter: { slaBreachedAt: { $exists: true } } },
  response_time: { noun: 'Ticket', filter: { firstResponseAt: { $exists: true } } },
  resolution_time: { noun: 'Ticket', filter: { resolvedAt: { $exists: true } } },
  csat: { noun: 'Ticket', filter: { satisfaction: { $exists: true } } },
  campaigns_active: { noun: 'Campaign', filter: { status: 'Launched' } },
  leads_created: { noun: 'Lead' },
  leads_converted: { noun: 'Lead', filter: { status: 'Converted' } },
  conversion: { noun: 'Lead' },
  signups: { noun: 'Event' },
  dau: { noun: 'Event' },
  mau: { noun: 'Event' },
  events: { noun: 'Event' },
  goals_active: { noun: 'Goal' },
  goals_completed: { noun: 'Goal' },
  goals_at_risk: { noun: 'Goal' },
  goals_missed: { noun: 'Goal' },
}

/** Amounts of money and times among the metrics; the others are numbers, or in percent. */
export const moneyMetrics: ReadonlySet<string> = new Set([
  'mrr',
  'arr',
  'arpu',
  'ltv',
  'revenue',
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
