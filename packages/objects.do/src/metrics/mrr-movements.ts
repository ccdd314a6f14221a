// The movements of recurring revenue, as metrics.

import { type MovementMetric, type MovementPart, movementParts } from 'digital-objects'

const labels: Readonly<Record<MovementPart, string>> = {
  new: 'new subscriptions',
  expansion: 'subscriptions that grew',
  contraction: 'subscriptions that shrank',
  churn: 'subscriptions that ended',
  reactivation: 'subscriptions that came back',
}

export const mrrMovements: readonly MovementMetric[] = movementParts.map((part) => ({
  kind: 'movement',
  name: `mrr_${part}`,
  label: `MRR: ${labels[part]}`,
  unit: 'money',
  of: 'mrr',
  part,
  over: 'P30D',
}))
