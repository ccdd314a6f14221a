// The exports of Stripe.

import type { ImportSystem } from '../import-system.ts'

const stripeStates = {
  active: 'Active',
  trialing: 'Trialing',
  past_due: 'PastDue',
  canceled: 'Cancelled',
  unpaid: 'Unpaid',
  incomplete: 'Incomplete',
  paused: 'Paused',
}

export const stripe: ImportSystem = {
  name: 'stripe',
  about: 'CSV exports of the Stripe dashboard: customers and subscriptions',
  exports: [
    {
      noun: 'Customer',
      headers: ['id', 'Email', 'Created (UTC)'],
      columns: {
        id: '$id',
        Name: 'name',
        Email: 'email',
        Currency: 'currency',
        'Created (UTC)': '$at',
        'Tax Exempt': 'taxExempt',
      },
    },
    {
      noun: 'Subscription',
      headers: ['id', 'Customer ID', 'Status', 'Plan'],
      columns: {
        id: '$id',
        'Customer ID': 'customer',
        Status: 'status',
        Quantity: 'quantity',
        Amount: 'amount',
        Currency: 'currency',
        'Start Date (UTC)': 'startedAt',
        'Start (UTC)': 'startedAt',
        'Current Period Start (UTC)': 'currentPeriodStart',
        'Current Period End (UTC)': 'currentPeriodEnd',
        'Trial Start (UTC)': 'trialStart',
        'Trial End (UTC)': 'trialEnd',
        'Canceled At (UTC)': 'canceledAt',
        'Cancel At Period End': 'cancelAtPeriodEnd',
        'Ended At (UTC)': 'endedAt',
        'Created (UTC)': '$at',
      },
      values: { status: stripeStates },
    },
  ],
}
