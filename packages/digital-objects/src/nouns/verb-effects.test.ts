// The effects of each verb, transcribed from the documentation. Each row is exact: fields that it does not name do not
// change, and null means that the field has no value afterwards.

import { expect, test } from 'vitest'
import { applyDefaults, applyVerb } from '../verb/apply-verb.ts'
import type { EntityFields, JsonValue } from '../base/entity.ts'
import type { NounSchema, Verb } from '../noun/schema.ts'
import { nouns } from './all-nouns.ts'

const nowMs = Date.parse('2026-03-04T05:06:07.089Z')
const now = '2026-03-04T05:06:07.089Z'
const today = '2026-03-04'
const earlier = '2026-01-02T03:04:05.000Z'
const user = 'user_1VbZ0kQ3x9Ta'

type Values = Readonly<Record<string, JsonValue>>
interface Row {
  readonly verb: string
  readonly has?: Values
  readonly input?: Values
  readonly gives: Values
  /** Called without an id. */
  readonly creates?: true
}

const rows: readonly Row[] = [
  { verb: 'User.invite', has: { name: 'Ada', email: 'ada@example.com' }, gives: { status: 'Invited' } },
  {
    verb: 'User.invite',
    creates: true,
    input: { email: 'ada@example.com' },
    gives: { email: 'ada@example.com', name: 'ada@example.com', status: 'Invited' },
  },
  {
    verb: 'User.invite',
    creates: true,
    input: { email: 'ada@example.com', name: 'Ada' },
    gives: { email: 'ada@example.com', name: 'Ada', status: 'Invited' },
  },
  { verb: 'User.activate', has: { status: 'Invited' }, gives: { status: 'Active' } },
  { verb: 'User.suspend', gives: { status: 'Suspended' } },
  { verb: 'ApiKey.revoke', gives: { status: 'Revoked' } },

  { verb: 'Organization.enrich', input: { industry: 'Software' }, gives: { industry: 'Software' } },
  { verb: 'Organization.score', input: { healthScore: 87 }, gives: { healthScore: 87 } },
  { verb: 'Contact.qualify', gives: { stage: 'Qualified' } },
  {
    verb: 'Contact.capture',
    creates: true,
    input: { name: 'Ada', source: 'web' },
    gives: { name: 'Ada', source: 'web', stage: 'Lead', status: 'Active' },
  },
  { verb: 'Contact.assign', input: { assignee: user }, gives: { assignee: user } },
  { verb: 'Contact.merge', input: { from: 'contact_1VbZ0kQ3x9Ta', phone: '1' }, gives: { phone: '1' } },
  { verb: 'Contact.enrich', input: { title: 'CTO' }, gives: { title: 'CTO' } },
  { verb: 'Lead.convert', gives: { status: 'Converted', convertedAt: now } },
  {
    verb: 'Lead.convert',
    input: { convertedAt: earlier, createDeal: true },
    gives: { status: 'Converted', convertedAt: earlier },
  },
  { verb: 'Lead.lose', input: { lostReason: 'price' }, gives: { status: 'Lost', lostAt: now, lostReason: 'price' } },
  { verb: 'Lead.lose', input: { lostAt: earlier }, gives: { status: 'Lost', lostAt: earlier } },
  { verb: 'Deal.advance', gives: { stage: 'Qualification' } },
  { verb: 'Deal.advance', has: { stage: 'Qualification' }, gives: { stage: 'Proposal' } },
  { verb: 'Deal.advance', has: { stage: 'Proposal' }, gives: { stage: 'Negotiation' } },
  { verb: 'Deal.advance', has: { stage: 'Negotiation' }, gives: {} },
  { verb: 'Deal.advance', has: { stage: 'Won' }, gives: {} },
  { verb: 'Deal.advance', input: { stage: 'Negotiation' }, gives: { stage: 'Negotiation' } },
  {
    verb: 'Deal.close',
    input: { wonReason: 'fit', wonAmount: 900 },
    gives: { stage: 'Closed', actualCloseDate: today, closedAt: now, wonReason: 'fit', wonAmount: 900 },
  },
  {
    verb: 'Deal.win',
    has: { probability: 40 },
    input: { wonReason: 'fit' },
    gives: { stage: 'Won', probability: 100, actualCloseDate: today, closedAt: now, wonReason: 'fit' },
  },
  {
    verb: 'Deal.win',
    input: { actualCloseDate: '2017-03-01' },
    gives: { stage: 'Won', probability: 100, actualCloseDate: '2017-03-01', closedAt: '2017-03-01T00:00:00.000Z' },
  },
  {
    verb: 'Deal.lose',
    has: { probability: 40 },
    input: { lostReason: 'price' },
    gives: { stage: 'Lost', probability: 0, actualCloseDate: today, closedAt: now, lostReason: 'price' },
  },
  {
    verb: 'Deal.lose',
    input: { closedAt: earlier },
    gives: { stage: 'Lost', probability: 0, actualCloseDate: '2026-01-02', closedAt: earlier },
  },
  {
    verb: 'Deal.lose',
    input: { closedAt: earlier, actualCloseDate: '2025-12-31' },
    gives: { stage: 'Lost', probability: 0, actualCloseDate: '2025-12-31', closedAt: earlier },
  },
  {
    verb: 'Deal.reopen',
    has: { stage: 'Lost', probability: 0, closedAt: earlier, actualCloseDate: '2026-01-02' },
    gives: { stage: 'Prospecting', probability: null, closedAt: null, actualCloseDate: null },
  },
  {
    verb: 'Deal.reopen',
    has: { stage: 'Won' },
    input: { probability: 30 },
    gives: { stage: 'Prospecting', probability: 30 },
  },
  {
    verb: 'Activity.complete',
    input: { outcome: 'good' },
    gives: { status: 'Completed', completedAt: now, outcome: 'good' },
  },
  { verb: 'Activity.complete', input: { completedAt: earlier }, gives: { status: 'Completed', completedAt: earlier } },
  { verb: 'Activity.cancel', gives: { status: 'Cancelled' } },
  {
    verb: 'Activity.log',
    creates: true,
    input: { subject: 'Call' },
    gives: { subject: 'Call', status: 'Completed', completedAt: now },
  },
  {
    verb: 'Activity.log',
    creates: true,
    input: { subject: 'Call', completedAt: earlier },
    gives: { subject: 'Call', status: 'Completed', completedAt: earlier },
  },

  { verb: 'Project.archive', gives: { status: 'Archived' } },
  { verb: 'Project.complete', gives: { status: 'Completed' } },
  { verb: 'Project.activate', has: { status: 'Archived' }, gives: { status: 'Active' } },
  { verb: 'Issue.assign', input: { assignee: user }, gives: { status: 'Assigned', assignee: user } },
  { verb: 'Issue.close', gives: { status: 'Closed' } },
  { verb: 'Issue.reopen', has: { status: 'Closed' }, gives: { status: 'Reopened' } },
  { verb: 'Issue.complete', gives: { status: 'Done' } },
  { verb: 'Comment.resolve', gives: { resolved: true } },

  { verb: 'Content.publish', gives: { status: 'Published', publishedAt: now } },
  {
    verb: 'Content.publish',
    has: { body: 'One two, three.' },
    gives: { status: 'Published', publishedAt: now, readingTime: 1 },
  },
  { verb: 'Content.publish', input: { publishedAt: earlier }, gives: { status: 'Published', publishedAt: earlier } },
  {
    verb: 'Content.schedule',
    input: { scheduledAt: '2026-06-01T00:00:00.000Z' },
    gives: { status: 'Scheduled', scheduledAt: '2026-06-01T00:00:00.000Z' },
  },
  { verb: 'Content.archive', has: { status: 'Published' }, gives: { status: 'Archived' } },
  { verb: 'Content.unpublish', has: { status: 'Published', publishedAt: earlier }, gives: { status: 'Draft' } },
  { verb: 'Asset.process', has: { type: 'Image' }, input: { width: 10, height: 20 }, gives: { width: 10, height: 20 } },

  { verb: 'Ticket.assign', input: { assignee: user }, gives: { assignee: user } },
  { verb: 'Ticket.assign', has: { firstResponseAt: earlier }, input: { assignee: user }, gives: { assignee: user } },
  { verb: 'Ticket.assign', input: { firstResponseAt: earlier }, gives: { firstResponseAt: earlier } },
  {
    verb: 'Ticket.escalate',
    has: { priority: 'Medium' },
    input: { reason: 'angry' },
    gives: { status: 'Escalated', priority: 'High', reason: 'angry' },
  },
  { verb: 'Ticket.escalate', has: { priority: 'Urgent' }, gives: { status: 'Escalated' } },
  { verb: 'Ticket.escalate', gives: { status: 'Escalated' } },
  {
    verb: 'Ticket.escalate',
    has: { priority: 'Low' },
    input: { priority: 'Urgent' },
    gives: { status: 'Escalated', priority: 'Urgent' },
  },
  {
    verb: 'Ticket.resolve',
    input: { resolution: 'fixed' },
    gives: { status: 'Resolved', resolvedAt: now, resolution: 'fixed' },
  },
  { verb: 'Ticket.resolve', input: { resolvedAt: earlier }, gives: { status: 'Resolved', resolvedAt: earlier } },
  { verb: 'Ticket.close', has: { status: 'Resolved', resolvedAt: earlier }, gives: { status: 'Closed' } },
  {
    verb: 'Ticket.reopen',
    has: { status: 'Closed', resolvedAt: earlier },
    gives: { status: 'Reopened', resolvedAt: null, reopenCount: 1 },
  },

  { verb: 'Metric.record', has: { type: 'Gauge', value: 5 }, input: { value: 7 }, gives: { value: 7, timestamp: now } },
  {
    verb: 'Metric.record',
    has: { type: 'Counter', value: 5 },
    input: { value: 7 },
    gives: { value: 12, timestamp: now },
  },
  { verb: 'Metric.record', has: { value: 5 }, gives: { timestamp: now } },
  { verb: 'Metric.record', has: { type: 'Counter', value: 5 }, gives: { timestamp: now } },
  { verb: 'Metric.record', input: { value: 7, timestamp: earlier }, gives: { value: 7, timestamp: earlier } },
  { verb: 'Metric.reset', has: { value: 5 }, gives: { value: 0 } },
  { verb: 'Metric.snapshot', has: { value: 5 }, gives: { timestamp: now } },
  { verb: 'Funnel.activate', gives: { status: 'Activated' } },
  {
    verb: 'Funnel.analyze',
    input: { conversionRate: 24, results: { total: 890 }, filter: {} },
    gives: { conversionRate: 24, results: { total: 890 } },
  },
  { verb: 'Goal.achieve', gives: { status: 'Achieved' } },
  { verb: 'Goal.complete', has: { status: 'Achieved' }, gives: { status: 'Completed' } },
  { verb: 'Goal.miss', has: { status: 'Behind' }, gives: { status: 'Missed' } },
  { verb: 'Goal.reset', has: { status: 'Missed', current: 40 }, gives: { status: 'OnTrack', current: 0 } },
  { verb: 'Goal.check', has: { current: 40 }, input: { current: 50 }, gives: { current: 50 } },

  { verb: 'Campaign.launch', gives: { status: 'Launched', launchedAt: now } },
  { verb: 'Campaign.launch', input: { launchedAt: earlier }, gives: { status: 'Launched', launchedAt: earlier } },
  { verb: 'Campaign.pause', has: { status: 'Launched' }, gives: { status: 'Paused' } },
  { verb: 'Campaign.complete', has: { status: 'Launched' }, gives: { status: 'Completed' } },
  { verb: 'Segment.refresh', input: { memberCount: 12 }, gives: { memberCount: 12 } },
  { verb: 'Segment.archive', gives: { status: 'Archived' } },
  { verb: 'Form.publish', gives: { status: 'Published' } },
  { verb: 'Form.archive', has: { status: 'Published' }, gives: { status: 'Archived' } },
  {
    verb: 'Form.submit',
    has: { status: 'Published', submissionCount: 2, campaign: 'campaign_1VbZ0kQ3x9Ta' },
    input: { data: { email: 'ada@example.com' }, campaign: 'campaign_2VbZ0kQ3x9Ta' },
    gives: {
      submissionCount: 3,
      lastSubmission: { data: { email: 'ada@example.com' }, campaign: 'campaign_2VbZ0kQ3x9Ta', at: now },
    },
  },

  { verb: 'Experiment.start', gives: { status: 'Running', startAt: now } },
  { verb: 'Experiment.start', has: { status: 'Paused', startAt: earlier }, gives: { status: 'Running' } },
  { verb: 'Experiment.pause', has: { status: 'Running' }, gives: { status: 'Paused' } },
  { verb: 'Experiment.stop', has: { status: 'Running' }, gives: { status: 'Stopped', endAt: now } },
  {
    verb: 'Experiment.conclude',
    has: { status: 'Running' },
    input: { winner: 'b', confidence: 0.97, lift: 0.2 },
    gives: { status: 'Concluded', endAt: now, winner: 'b', confidence: 0.97, lift: 0.2 },
  },
  { verb: 'Experiment.analyze', has: { status: 'Running' }, input: { sampleSize: 100 }, gives: { sampleSize: 100 } },
  { verb: 'FeatureFlag.enable', gives: { status: 'Enabled' } },
  { verb: 'FeatureFlag.disable', has: { status: 'Enabled' }, gives: { status: 'Disabled' } },
  {
    verb: 'FeatureFlag.rollout',
    has: { rolloutPercentage: 20 },
    gives: { status: 'RolledOut', rolloutPercentage: 100 },
  },
  {
    verb: 'FeatureFlag.rollout',
    input: { rolloutPercentage: 100 },
    gives: { status: 'RolledOut', rolloutPercentage: 100 },
  },
  {
    verb: 'FeatureFlag.rollout',
    input: { rolloutPercentage: 25 },
    gives: { status: 'Enabled', rolloutPercentage: 25 },
  },
  { verb: 'FeatureFlag.rollout', input: { rolloutPercentage: 0 }, gives: { status: 'Enabled', rolloutPercentage: 0 } },

  { verb: 'Workflow.activate', gives: { status: 'Activated' } },
  { verb: 'Workflow.pause', has: { status: 'Activated' }, gives: { status: 'Paused' } },
  { verb: 'Workflow.archive', has: { status: 'Paused' }, gives: { status: 'Archived' } },
  { verb: 'Workflow.trigger', has: { status: 'Activated' }, gives: { runCount: 1, lastRunAt: now } },
  {
    verb: 'Workflow.trigger',
    has: { status: 'Activated', runCount: 4, lastRunAt: earlier, lastInput: { id: 1 } },
    gives: { runCount: 5, lastRunAt: now, lastInput: null },
  },
  {
    verb: 'Workflow.trigger',
    has: { status: 'Paused' },
    input: { lastInput: { id: 1 } },
    gives: { runCount: 1, lastRunAt: now, lastInput: { id: 1 } },
  },
  {
    verb: 'Integration.connect',
    has: { name: 'Stripe', provider: 'stripe', error: 'refused' },
    gives: { status: 'Connected', error: null },
  },
  {
    verb: 'Integration.connect',
    creates: true,
    input: { provider: 'stripe', credentials: { key: 'x' } },
    gives: { provider: 'stripe', name: 'stripe', status: 'Connected' },
  },
  { verb: 'Integration.disconnect', has: { status: 'Connected' }, gives: { status: 'Disconnected' } },
  {
    verb: 'Integration.sync',
    has: { status: 'Connected' },
    input: { lastSyncCount: 7 },
    gives: { status: 'Synced', lastSyncAt: now, lastSyncCount: 7 },
  },
  {
    verb: 'Agent.do',
    has: { status: 'Deployed' },
    input: { task: 'sum up' },
    gives: { lastCall: { task: 'sum up', at: now } },
  },
  {
    verb: 'Agent.ask',
    has: { status: 'Deployed' },
    input: { question: 'why' },
    gives: { lastCall: { question: 'why', at: now } },
  },
  {
    verb: 'Agent.decide',
    has: { status: 'Deployed' },
    input: { options: ['a', 'b'] },
    gives: { lastCall: { options: ['a', 'b'], at: now } },
  },
  {
    verb: 'Agent.invoke',
    has: { status: 'Deployed' },
    input: { input: { a: 1 } },
    gives: { lastCall: { input: { a: 1 }, at: now } },
  },
  { verb: 'Agent.approve', input: { action: 'refund' }, gives: { lastCall: { action: 'refund', at: now } } },
  {
    verb: 'Agent.notify',
    has: { lastCall: { task: 'old' } },
    input: { message: 'hi' },
    gives: { lastCall: { message: 'hi', at: now } },
  },
  {
    verb: 'Agent.delegate',
    input: { to: 'agent_1VbZ0kQ3x9Ta', task: 'sum up' },
    gives: { lastCall: { to: 'agent_1VbZ0kQ3x9Ta', task: 'sum up', at: now } },
  },
  {
    verb: 'Agent.escalate',
    has: { status: 'Deployed' },
    input: { lastEscalation: 'stuck' },
    gives: { lastEscalation: 'stuck' },
  },
  {
    verb: 'Agent.learn',
    has: { learnings: [{ insight: 'one', at: earlier }] },
    input: { category: 'sales', insight: 'two' },
    gives: {
      learnings: [
        { insight: 'one', at: earlier },
        { category: 'sales', insight: 'two', at: now },
      ],
    },
  },
  { verb: 'Agent.reflect', input: { successRate: 80 }, gives: { successRate: 80 } },
  { verb: 'Agent.deploy', gives: { status: 'Deployed', lastCall: { at: now } } },
  { verb: 'Agent.pause', has: { status: 'Deployed' }, gives: { status: 'Paused' } },
  { verb: 'Agent.stop', has: { status: 'Deployed' }, gives: { status: 'Stopped' } },
  { verb: 'Agent.retire', has: { status: 'Stopped' }, gives: { status: 'Retired' } },

  { verb: 'Message.send', gives: { status: 'Sent', sentAt: now, direction: 'Outbound' } },
  {
    verb: 'Message.send',
    has: { direction: 'Internal' },
    input: { sentAt: earlier },
    gives: { status: 'Sent', sentAt: earlier },
  },
  { verb: 'Message.deliver', has: { status: 'Sent' }, gives: { status: 'Delivered', deliveredAt: now } },
  { verb: 'Message.read', has: { status: 'Delivered' }, gives: { status: 'Read', readAt: now } },
]

function find(name: string): { readonly schema: NounSchema; readonly verb: Verb } {
  const [noun = '', verbName = ''] = name.split('.')
  const schema: NounSchema | undefined = Object.values(nouns).find((each) => each.$name === noun)?.$schema
  const verb = schema?.verbs[verbName]
  if (schema === undefined || verb === undefined) throw new Error(`no verb ${name}`)
  return { schema, verb }
}

test.each(
  rows.map((row) => [`${row.verb} ${JSON.stringify(row.has ?? {})} ${JSON.stringify(row.input ?? {})}`, row] as const),
)('%s', (_, row) => {
  const { schema, verb } = find(row.verb)
  const start: EntityFields = applyDefaults(schema, row.has ?? {})
  const expected = Object.fromEntries(Object.entries({ ...start, ...row.gives }).filter(([, value]) => value !== null))
  const copy = structuredClone(start)
  expect(
    applyVerb({ schema, verb, current: row.creates === true ? undefined : start, input: row.input ?? {}, nowMs }),
  ).toStrictEqual(expected)
  expect(start).toStrictEqual(copy)
})

const billing: readonly string[] = ['Subscription', 'Invoice', 'Payment']

test('every verb has a row, those of billing in a file of their own', () => {
  const all = Object.values(nouns).flatMap((noun) =>
    Object.values<Verb>(noun.$schema.verbs).flatMap((verb) =>
      verb.category === 'custom' && !billing.includes(noun.$name) ? [`${noun.$name}.${verb.name}`] : [],
    ),
  )
  expect(all.filter((name) => !rows.some((row) => row.verb === name))).toEqual([])
  expect(all).toHaveLength(89)
})

// All states of each guarded field: those that allow the verb, and those that refuse it.
const guards = [
  { verb: 'ApiKey.revoke', allowed: ['Active'], refused: ['Revoked', 'Expired'] },
  { verb: 'Form.submit', allowed: ['Published'], refused: ['Draft', 'Active', 'Archived'] },
]

test.each(guards)('$verb is refused in $refused and nowhere else', ({ verb: name, allowed, refused }) => {
  const { schema, verb } = find(name)
  for (const status of allowed) applyVerb({ schema, verb, current: { status }, input: {}, nowMs })
  for (const status of refused) {
    expect(() => applyVerb({ schema, verb, current: { status }, input: {}, nowMs })).toThrow(
      expect.objectContaining({
        code: 'invalid_transition',
        field: 'status',
        detail: { current: status, expected: allowed.join(', ') },
      }) as Error,
    )
  }
})

test('every verb without a guard works in any state', () => {
  for (const noun of Object.values(nouns)) {
    const schema: NounSchema = noun.$schema
    for (const verb of Object.values(schema.verbs)) {
      for (const name of ['stage', 'status']) {
        const field = schema.fields[name]
        if (field?.kind !== 'enum' || guards.some((guard) => guard.verb === `${schema.name}.${verb.name}`)) continue
        for (const value of field.values) applyVerb({ schema, verb, current: { [name]: value }, input: {}, nowMs })
      }
    }
  }
})

test('arguments are also accepted under their documented names', () => {
  expect(find('Ticket.assign').verb.effect.argumentAliases).toEqual({ agent: 'assignee' })
  expect(find('Content.schedule').verb.effect.argumentAliases).toEqual({ publishAt: 'scheduledAt' })
  expect(find('FeatureFlag.rollout').verb.effect.argumentAliases).toEqual({
    percentage: 'rolloutPercentage',
    percent: 'rolloutPercentage',
  })
  expect(find('Organization.score').verb.effect.argumentAliases).toEqual({ score: 'healthScore' })
  expect(find('Agent.escalate').verb.effect.argumentAliases).toEqual({ reason: 'lastEscalation' })
  expect(find('Workflow.trigger').verb.effect.argumentAliases).toEqual({ input: 'lastInput' })
})
