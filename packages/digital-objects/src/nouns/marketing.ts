// How people hear of the business: campaigns, the segments they address, the forms people answer with.

import { Noun } from '../noun/noun.ts'
import { givenOrNow } from './effect-values.ts'

export const Campaign = Noun(
  'Campaign',
  {
    name: 'string!',
    slug: 'string?##',
    description: 'string?',
    type: 'Email | Social | Content | Event | Paid | Webinar | Referral',
    status: 'Draft | Scheduled | Active | Launched | Paused | Completed | Cancelled',
    channel: 'string?',
    startDate: 'date?',
    endDate: 'date?',
    launchedAt: 'datetime?',
    currency: 'string?',
    budget: 'number?',
    actualCost: 'number?',
    targetLeads: 'number?',
    targetRevenue: 'number?',
    actualLeads: 'number?',
    actualRevenue: 'number?',
    roi: 'number?',
    landingPageUrl: 'url?',
    utmSource: 'string?',
    utmMedium: 'string?',
    utmCampaign: 'string?',
    members: 'json?',
    segment: '-> Segment.campaigns',
    organization: '-> Organization',
    owner: '-> User | Contact',
    metadata: 'json?',
    leads: '<- Lead.campaign[]',
    launch: 'Launched',
    pause: 'Paused',
    complete: 'Completed',
  },
  {
    effects: {
      launch: {
        from: { field: 'status', values: ['Draft', 'Scheduled', 'Paused'], hard: false },
        sets: { launchedAt: givenOrNow('launchedAt') },
      },
      pause: { from: { field: 'status', values: ['Launched'], hard: false } },
      complete: { from: { field: 'status', values: ['Launched', 'Paused'], hard: false } },
    },
  },
)

export const Segment = Noun('Segment', {
  name: 'string!',
  description: 'string?',
  status: 'Active | Archived',
  // A filter on Contact, or { type, filter }.
  criteria: 'json?',
  isDynamic: 'boolean?',
  // Of a segment that is not dynamic.
  members: 'json?',
  memberCount: 'number?',
  // The ideal customer as a sentence: as <role> at <kind of company> are <doing> using <tool> to <end>.
  as: 'string?',
  at: 'string?',
  are: 'string?',
  using: 'string?',
  to: 'string?',
  organization: '-> Organization',
  metadata: 'json?',
  campaigns: '<- Campaign.segment[]',
  refresh: 'Refreshed',
  archive: 'Archived',
})

export const Form = Noun(
  'Form',
  {
    name: 'string!',
    description: 'string?',
    status: 'Draft | Active | Published | Archived',
    // [{ name, type, required, options }]
    fields: 'json?',
    submissionCount: 'number = 0',
    // What handlers of a submission act on: { data, campaign, utm, at }.
    lastSubmission: 'json?',
    segment: '-> Segment',
    campaign: '-> Campaign',
    organization: '-> Organization',
    metadata: 'json?',
    publish: 'Published',
    archive: 'Archived',
    submit: 'Submitted',
  },
  {
    effects: {
      publish: { from: { field: 'status', values: ['Draft', 'Archived'], hard: false } },
      archive: { from: { field: 'status', values: ['Published'], hard: false } },
      // `campaign` here is where this answer came from, not the form's own.
      submit: {
        from: { field: 'status', values: ['Published'], hard: true },
        argumentsOnly: ['data', 'campaign', 'utm'],
        sets: {
          submissionCount: { kind: 'add', amount: 1 },
          lastSubmission: { kind: 'arguments', names: ['data', 'campaign', 'utm'] },
        },
      },
    },
  },
)
