// What needs attention, by the metrics of the business.

import { type Alert, type Entity, type MetricDefinition, type NounSchema, ObjectError } from 'digital-objects'
import { crossingOf, sideOf } from './crossing.ts'
import { metricAt, type MetricsAt } from './metric-report.ts'

type Rule = Omit<Alert, 'id' | 'value' | 'message'> & {
  readonly about: string
  /** The same of one. */
  readonly one: string
}

const rules: readonly Rule[] = [
  {
    type: 'ticket_sla_breach',
    severity: 'critical',
    metric: 'sla_breached',
    threshold: 0,
    direction: 'above',
    action: 'escalate',
    about: 'tickets without a response in time',
    one: 'ticket without a response in time',
  },
  {
    type: 'invoice_overdue',
    severity: 'warning',
    metric: 'overdue',
    threshold: 0,
    direction: 'above',
    action: 'collect',
    about: 'overdue invoices',
    one: 'overdue invoice',
  },
  {
    type: 'deal_stale',
    severity: 'warning',
    metric: 'stale_deals',
    threshold: 0,
    direction: 'above',
    action: 'follow_up',
    about: 'open deals without activity for 14 days',
    one: 'open deal without activity for 14 days',
  },
  {
    type: 'payment_past_due',
    severity: 'warning',
    metric: 'subscriptions_past_due',
    threshold: 0,
    direction: 'above',
    action: 'retain',
    about: 'subscriptions past due',
    one: 'subscription past due',
  },
  {
    type: 'churn_spike',
    severity: 'critical',
    metric: 'churn',
    threshold: 5,
    direction: 'above',
    action: 'retain',
    about: 'percent of subscriptions cancelled within 30 days',
    one: 'percent of subscriptions cancelled within 30 days',
  },
  {
    type: 'goal_at_risk',
    severity: 'warning',
    metric: 'goals_at_risk',
    threshold: 0,
    direction: 'above',
    action: 'review',
    about: 'goals at risk or behind',
    one: 'goal at risk or behind',
  },
  {
    type: 'integration_error',
    severity: 'critical',
    metric: 'integrations_failing',
    threshold: 0,
    direction: 'above',
    action: 'reconnect',
    about: 'integrations with an error',
    one: 'integration with an error',
  },
]

export function alertsAt(at: MetricsAt): readonly Alert[] {
  return [
    ...builtInAlerts(at),
    ...at.catalog.ownNames.flatMap((name) => ownAlerts(at, name)),
    ...at.catalog.watched.flatMap((watched) => limitAlerts(at, watched)),
  ]
}

/** The alerts of a metric of the tenant's own, by the limits in its definition. */
function ownAlerts(at: MetricsAt, name: string): readonly Alert[] {
  const definition = definitionOf(at, name)
  const value = definition?.alert === undefined ? null : metricAt(at, name).value
  if (definition?.alert === undefined || value === null) return []
  const { above, below } = definition.alert
  const alert = { id: name, type: 'metric_alert', severity: 'warning', metric: name, value, action: 'review' } as const
  const message = `${definition.label} is ${value}`
  if (above !== undefined && value > above) return [{ ...alert, threshold: above, direction: 'above', message }]
  if (below !== undefined && value < below) return [{ ...alert, threshold: below, direction: 'below', message }]
  return []
}

/** The alert of a metric beyond its limits, until it is back by its margin. */
function limitAlerts(
  at: MetricsAt,
  { noun, entity }: { readonly noun: NounSchema; readonly entity: Entity },
): readonly Alert[] {
  const name = String(entity['name'])
  const { value } = metricAt(at, name)
  if (value === null) return []
  const before = sideOf(noun, entity)
  const side = crossingOf(entity, { value, side: before }) ?? before
  const threshold = entity[side === 'above' ? 'alertAbove' : 'alertBelow']
  if (side === 'inside' || typeof threshold !== 'number') return []
  const { crossedAt } = entity
  const since = side === before && typeof crossedAt === 'string' ? { since: crossedAt } : {}
  const message = `${definitionOf(at, name)?.label ?? name} is ${value}`
  const alert = {
    id: name,
    type: 'metric_limit',
    severity: 'warning',
    metric: name,
    action: 'review',
    message,
  } as const
  return [{ ...alert, value, threshold, direction: side, ...since }]
}

/** Undefined if the definition is wrong, which a read of the metric says. */
function definitionOf({ catalog }: MetricsAt, name: string): MetricDefinition | undefined {
  try {
    return catalog.find(name)
  } catch (error) {
    if (error instanceof ObjectError) return undefined
    throw error
  }
}

function builtInAlerts(at: MetricsAt): readonly Alert[] {
  return rules.flatMap(({ about, one, ...rule }): Alert[] => {
    const { value } = metricAt(at, rule.metric)
    const isRaised = value !== null && (rule.direction === 'above' ? value > rule.threshold : value < rule.threshold)
    if (!isRaised) return []
    return [{ id: rule.metric, ...rule, value, message: `${Number(value.toFixed(1))} ${value === 1 ? one : about}` }]
  })
}
