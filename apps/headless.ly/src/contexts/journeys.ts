// The stages of a company, from its first day on, each with the entity types that its founders work with then.

import type { Context } from './context.ts'

type Journey = Pick<Context, 'about' | 'entities'>

export const journeys = {
  build: {
    about: 'Build the product and its first pages (days 0 to 30).',
    entities: ['Project', 'Issue', 'Comment', 'Content', 'Asset', 'Site', 'Contact', 'Organization', 'Integration'],
  },
  launch: {
    about: 'Launch it to the first audience (day 30).',
    entities: ['Campaign', 'Content', 'Form', 'Segment'],
  },
  experiment: {
    about: 'Find out by experiments what works (days 30 to 60).',
    entities: ['Experiment', 'FeatureFlag', 'Funnel'],
  },
  grow: {
    about: 'Win, bill and keep customers (days 30 to 90).',
    entities: [
      'Contact',
      'Organization',
      'Lead',
      'Deal',
      'Activity',
      'Pipeline',
      'Customer',
      'Product',
      'Plan',
      'Price',
      'Subscription',
      'Invoice',
      'Payment',
      'Event',
      'Metric',
      'Funnel',
      'Goal',
      'Ticket',
      'Content',
      'Message',
    ],
  },
  sell: {
    about: 'Sell: from the lead to the signed deal.',
    entities: ['Lead', 'Contact', 'Organization', 'Deal', 'Pipeline', 'Activity', 'Message'],
  },
  market: {
    about: 'Market: reach an audience and learn who answers.',
    entities: ['Campaign', 'Segment', 'Form', 'Content', 'Lead', 'Message', 'Event'],
  },
  automate: {
    about: 'Leave work to workflows, integrations and agents (from day 60).',
    entities: ['Workflow', 'Integration', 'Agent'],
  },
  scale: {
    about: 'Scale by the numbers (from day 90).',
    entities: ['Metric', 'Funnel', 'Goal', 'Subscription'],
  },
} as const satisfies Readonly<Record<string, Journey>>
