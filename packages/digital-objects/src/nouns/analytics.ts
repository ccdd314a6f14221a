// What happened and what it amounts to: events of the outside world, metrics, funnels, goals.

import { Noun } from '../noun/noun.ts'
import { before, given, givenOrNow, literal, when } from './effect-values.ts'

/** Recorded once, never changed. Ingest must not lose an event to a malformed address, so `url` is text. */
export const Event = Noun('Event', {
  // Filled by the server: `name` from `type`, `timestamp` with the moment of arrival.
  name: 'string?#',
  type: 'string# = track',
  timestamp: 'datetime?#',
  source: 'Browser | Node | API | Snippet | CRM | Stripe | GitHub | Agent | System',
  subject: 'string?',
  actor: 'string?',
  target: 'string?',
  sessionId: 'string?',
  userId: 'string?#',
  anonymousId: 'string?#',
  url: 'string?',
  path: 'string?',
  referrer: 'string?',
  data: 'json?',
  properties: 'json?',
  organization: '-> Organization',
  contact: '-> Contact',
  metadata: 'json?',
  update: null,
  delete: null,
})

export const Metric = Noun(
  'Metric',
  {
    name: 'string!#',
    value: 'number = 0',
    type: 'Counter | Gauge | Histogram | Summary | Rate',
    unit: 'string?',
    dimensions: 'json?',
    timestamp: 'datetime?',
    organization: '-> Organization',
    metadata: 'json?',
    record: 'Recorded',
    reset: 'Reset',
    snapshot: 'Snapshotted',
  },
  {
    effects: {
      record: {
        sets: {
          value: when('type', 'Counter', {
            then: { kind: 'sum', of: [before('value'), given('value')] },
            otherwise: given('value'),
          }),
          timestamp: givenOrNow('timestamp'),
        },
      },
      reset: { sets: { value: literal(0) } },
    },
  },
)

export const Funnel = Noun(
  'Funnel',
  {
    name: 'string!',
    description: 'string?',
    status: 'Draft | Activated',
    // [{ name, event, filter }]
    steps: 'json?',
    // Percent, 0 to 100.
    conversionRate: 'number?',
    results: 'json?',
    organization: '-> Organization',
    metadata: 'json?',
    analyze: 'Analyzed',
    activate: 'Activated',
  },
  { effects: { analyze: { argumentsOnly: ['filter'] } } },
)

export const Goal = Noun(
  'Goal',
  {
    name: 'string!',
    description: 'string?',
    target: 'number!',
    current: 'number?',
    unit: 'string?',
    direction: 'above | below',
    period: 'Daily | Weekly | Monthly | Quarterly | Yearly',
    status: 'OnTrack | AtRisk | Behind | Achieved | Completed | Missed | Reset',
    deadline: 'datetime?',
    dimensions: 'json?',
    metric: '-> Metric',
    parent: '-> Goal.keyResults',
    organization: '-> Organization',
    metadata: 'json?',
    keyResults: '<- Goal.parent[]',
    achieve: 'Achieved',
    complete: 'Completed',
    miss: 'Missed',
    reset: 'Reset',
    check: 'Checked',
  },
  {
    effects: {
      achieve: { from: { field: 'status', values: ['OnTrack', 'AtRisk'], hard: false } },
      complete: { from: { field: 'status', values: ['Achieved'], hard: false } },
      miss: { from: { field: 'status', values: ['Behind', 'AtRisk'], hard: false } },
      reset: { sets: { status: literal('OnTrack'), current: literal(0) } },
    },
  },
)
