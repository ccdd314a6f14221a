// The effects of each verb, transcribed from the documentation. Each row is exact: fields that it does not name do not
// change, and null means that the field has no value afterwards.

import { expect, test } from 'vitest'
import { applyDefaults } from '../verb/apply-verb.ts'
import { decideChange } from '../verb/decide-change.ts'
import { checkTransition } from '../verb/transition.ts'
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
  { verb: 'User.invite', has: { name: 'Ada', status: 'Invited', invitedAt: earlier }, gives: {} },
  {
    verb: 'User.invite',
    creates: true,
    input: { email: 'ada@example.com' },
    gives: { invitedAt: now, email: 'ada@example.com', name: 'ada@example.com', status: 'Invited' },
  },
  {
    verb: 'User.invite',
    creates: true,
    input: { email: 'ada@example.com', name: 'Ada' },
    gives: { invitedAt: now, email: 'ada@example.com', name: 'Ada', status: 'Invited' },
  },
  { verb: 'User.activate', has: { status: 'Invited' }, gives: { activatedAt: now, status: 'Active' } },
  { verb: 'User.suspend', gives: { suspendedAt: now, status: 'Suspended' } },
  { verb: 'ApiKey.revoke', gives: { revokedAt: now, status: 'Revoked' } },
  { verb: 'ApiKey.expire', gives: { expiredAt: now, status: 'Expired' } },
  { verb: 'Activity.remind', has: { remindedAt: earlier }, gives: { remindedAt: now } },
  { verb: 'Deal.rot', gives: { rottingAt: now } },
  { verb: 'Ticket.breach', gives: { slaBreachedAt: now } },
  { verb: 'Ticket.breach', has: { slaBreachedAt: earlier }, gives: {} },

  { verb: 'Organization.enrich', input: { industry: 'Software' }, gives: { enrichedAt: now, industry: 'Software' } },
  { verb: 'Organization.score', input: { healthScore: 87 }, gives: { scoredAt: now, healthScore: 87 } },
  { verb: 'Contact.qualify', gives: { qualifiedAt: now, stage: 'Qualified' } },
  {
    verb: 'Contact.capture',
    creates: true,
    input: { name: 'Ada', source: 'web' },
    gives: { capturedAt: now, name: 'Ada', source: 'web', stage: 'Lead', status: 'Active' },
  },
  { verb: 'Contact.assign', input: { assignee: user }, gives: { assignedAt: now, assignee: user } },
  { verb: 'Contact.merge', input: { from: 'contact_1VbZ0kQ3x9Ta', phone: '1' }, gives: { mergedAt: now, phone: '1' } },
  { verb: 'Contact.enrich', input: { title: 'CTO' }, gives: { enrichedAt: now, title: 'CTO' } },
  { verb: 'Lead.convert', gives: { status: 'Converted', convertedAt: now } },
  {
    verb: 'Lead.convert',
    input: { convertedAt: earlier, createDeal: true },
    gives: { status: 'Converted', convertedAt: earlier },
  },
  { verb: 'Lead.lose', input: { lostReason: 'price' }, gives: { status: 'Lost', lostAt: now, lostReason: 'price' } },
  { verb: 'Lead.lose', input: { lostAt: earlier }, gives: { status: 'Lost', lostAt: earlier } },
  { verb: 'Deal.advance', gives: { stage: 'Qualification', advancedAt: now } },
  { verb: 'Deal.advance', has: { stage: 'Qualification' }, gives: { stage: 'Proposal', advancedAt: now } },
  { verb: 'Deal.advance', has: { stage: 'Proposal' }, gives: { stage: 'Negotiation', advancedAt: now } },
  { verb: 'Deal.advance', has: { stage: 'Negotiation', advancedAt: earlier }, gives: {} },
  { verb: 'Deal.advance', input: { stage: 'Negotiation' }, gives: { stage: 'Negotiation', advancedAt: now } },
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
    gives: { stage: 'Prospecting', probability: null, closedAt: null, actualCloseDate: null, reopenedAt: now },
  },
  {
    verb: 'Deal.reopen',
    has: { stage: 'Won' },
    input: { probability: 30 },
    gives: { stage: 'Prospecting', probability: 30, reopenedAt: now },
  },
  {
    verb: 'Deal.reopen',
    has: { stage: 'Won', probability: 100, wonReason: 'fit' },
    input: { stage: 'Proposal' },
    gives: { stage: 'Proposal', probability: null, wonReason: null, reopenedAt: now },
  },
  {
    verb: 'Activity.complete',
    input: { outcome: 'good' },
    gives: { status: 'Completed', completedAt: now, outcome: 'good' },
  },
  { verb: 'Activity.complete', input: { completedAt: earlier }, gives: { status: 'Completed', completedAt: earlier } },
  { verb: 'Activity.cancel', gives: { canceledAt: now, status: 'Cancelled' } },
  {
    verb: 'Activity.log',
    creates: true,
    input: { subject: 'Call' },
    gives: { loggedAt: now, subject: 'Call', status: 'Completed', completedAt: now },
  },
  {
    verb: 'Activity.log',
    creates: true,
    input: { subject: 'Call', completedAt: earlier },
    gives: { loggedAt: now, subject: 'Call', status: 'Completed', completedAt: earlier },
  },

  { verb: 'Project.archive', gives: { archivedAt: now, status: 'Archived' } },
  { verb: 'Project.complete', gives: { completedAt: now, status: 'Completed' } },
  { verb: 'Project.activate', has: { status: 'Archived' }, gives: { activatedAt: now, status: 'Active' } },
  { verb: 'Issue.assign', input: { assignee: user }, gives: { assignedAt: now, status: 'Assigned', assignee: user } },
  { verb: 'Issue.close', gives: { closedAt: now, status: 'Closed' } },
  { verb: 'Issue.reopen', has: { status: 'Closed' }, gives: { reopenedAt: now, status: 'Reopened' } },
  { verb: 'Issue.complete', gives: { completedAt: now, status: 'Done' } },
  { verb: 'Comment.resolve', gives: { resolvedAt: now, resolved: true } },

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
  { verb: 'Content.archive', has: { status: 'Published' }, gives: { archivedAt: now, status: 'Archived' } },
  {
    verb: 'Content.unpublish',
    has: { status: 'Published', publishedAt: earlier },
    gives: { unpublishedAt: now, publishedAt: null, status: 'Draft' },
  },
  {
    verb: 'Asset.process',
    has: { type: 'Image' },
    input: { width: 10, height: 20 },
    gives: { processedAt: now, width: 10, height: 20 },
  },

  {
    verb: 'Ticket.assign',
    input: { assignee: user },
    gives: { assignee: user, assignedAt: now },
  },
  {
    verb: 'Ticket.assign',
    has: { firstResponseAt: earlier },
    input: { assignee: user },
    gives: { assignee: user, assignedAt: now },
  },
  {
    verb: 'Ticket.assign',
    has: { assignee: user, firstResponseAt: earlier, assignedAt: earlier },
    input: { assignee: user },
    gives: {},
  },
  {
    verb: 'Ticket.assign',
    input: { assignee: user, firstResponseAt: earlier },
    gives: { assignee: user, firstResponseAt: earlier, assignedAt: now },
  },
  {
    verb: 'Ticket.escalate',
    has: { priority: 'Medium' },
    input: { reason: 'angry' },
    gives: { status: 'Escalated', priority: 'High', reason: 'angry', escalatedAt: now },
  },
  { verb: 'Ticket.escalate', has: { priority: 'Urgent' }, gives: { status: 'Escalated', escalatedAt: now } },
  { verb: 'Ticket.escalate', gives: { status: 'Escalated', escalatedAt: now } },
  {
    verb: 'Ticket.escalate',
    has: { priority: 'Low' },
    input: { priority: 'Urgent' },
    gives: { status: 'Escalated', priority: 'Urgent', escalatedAt: now },
  },
  {
    verb: 'Ticket.resolve',
    input: { resolution: 'fixed' },
    gives: { status: 'Resolved', resolvedAt: now, resolution: 'fixed' },
  },
  { verb: 'Ticket.resolve', input: { resolvedAt: earlier }, gives: { status: 'Resolved', resolvedAt: earlier } },
  {
    verb: 'Ticket.close',
    has: { status: 'Resolved', resolvedAt: earlier },
    gives: { status: 'Closed', closedAt: now },
  },
  {
    verb: 'Ticket.reopen',
    has: { status: 'Closed', resolvedAt: earlier },
    gives: { status: 'Reopened', resolvedAt: null, reopenedAt: now, reopenCount: 1 },
  },

  { verb: 'Metric.record', has: { type: 'Gauge', value: 5 }, input: { value: 7 }, gives: { value: 7, timestamp: now } },
  {
    verb: 'Metric.record',
    has: { type: 'Counter', value: 5 },
    input: { value: 7 },
    gives: { value: 12, timestamp: now },
  },
  { verb: 'Metric.record', input: { value: 7, timestamp: earlier }, gives: { value: 7, timestamp: earlier } },
  { verb: 'Metric.reset', has: { value: 5 }, gives: { resetAt: now, value: 0 } },
  { verb: 'Metric.snapshot', has: { value: 5 }, gives: { snapshotAt: now, timestamp: now } },
  {
    verb: 'Metric.cross',
    input: { watch: 'Above', crossedValue: 7 },
    gives: { watch: 'Above', crossedAt: now, crossedValue: 7 },
  },
  { verb: 'Metric.settle', has: { watch: 'Above' }, gives: { watch: 'Inside', settledAt: now } },
  { verb: 'Funnel.activate', gives: { activatedAt: now, status: 'Activated' } },
  {
    verb: 'Funnel.analyze',
    input: { conversionRate: 24, results: { total: 890 }, filter: {} },
    gives: { analyzedAt: now, conversionRate: 24, results: { total: 890 } },
  },
  { verb: 'Goal.achieve', gives: { achievedAt: now, status: 'Achieved' } },
  { verb: 'Goal.complete', has: { status: 'Achieved' }, gives: { completedAt: now, status: 'Completed' } },
  { verb: 'Goal.miss', has: { status: 'Behind' }, gives: { missedAt: now, status: 'Missed' } },
  {
    verb: 'Goal.reset',
    has: { status: 'Missed', current: 40 },
    gives: { resetAt: now, status: 'OnTrack', current: 0, progress: 0 },
  },
  { verb: 'Goal.check', has: { current: 40 }, input: { current: 50 }, gives: { checkedAt: now, current: 50 } },

  { verb: 'Campaign.launch', gives: { status: 'Launched', launchedAt: now } },
  { verb: 'Campaign.launch', input: { launchedAt: earlier }, gives: { status: 'Launched', launchedAt: earlier } },
  { verb: 'Campaign.pause', has: { status: 'Launched' }, gives: { pausedAt: now, status: 'Paused' } },
  { verb: 'Campaign.complete', has: { status: 'Launched' }, gives: { completedAt: now, status: 'Completed', roi: 0 } },
  {
    verb: 'Campaign.complete',
    has: { status: 'Launched', actualCost: 40 },
    input: { actualRevenue: 50 },
    gives: { completedAt: now, status: 'Completed', actualRevenue: 50, roi: 25 },
  },
  { verb: 'Campaign.measure', has: { status: 'Launched' }, gives: { roi: 0 } },
  { verb: 'Segment.refresh', input: { memberCount: 12 }, gives: { refreshedAt: now, memberCount: 12 } },
  {
    verb: 'Segment.refresh',
    has: { members: ['a', 'b'], memberCount: 5 },
    gives: { refreshedAt: now, memberCount: 2 },
  },
  { verb: 'Segment.archive', gives: { archivedAt: now, status: 'Archived' } },
  { verb: 'Form.publish', gives: { publishedAt: now, status: 'Published' } },
  { verb: 'Form.archive', has: { status: 'Published' }, gives: { archivedAt: now, status: 'Archived' } },
  {
    verb: 'Form.submit',
    has: { status: 'Published', submissionCount: 2, campaign: 'campaign_1VbZ0kQ3x9Ta' },
    input: { data: { email: 'ada@example.com' }, campaign: 'campaign_2VbZ0kQ3x9Ta' },
    gives: {
      lastSubmittedAt: now,
      submissionCount: 3,
      lastSubmission: { data: { email: 'ada@example.com' }, campaign: 'campaign_2VbZ0kQ3x9Ta', at: now },
    },
  },

  { verb: 'Experiment.start', gives: { status: 'Running', startAt: now } },
  { verb: 'Experiment.start', has: { status: 'Paused', startAt: earlier }, gives: { status: 'Running' } },
  { verb: 'Experiment.pause', has: { status: 'Running' }, gives: { pausedAt: now, status: 'Paused' } },
  { verb: 'Experiment.stop', has: { status: 'Running' }, gives: { status: 'Stopped', endAt: now } },
  {
    verb: 'Experiment.conclude',
    has: { status: 'Running' },
    input: { winner: 'b', confidence: 0.97, lift: 0.2 },
    gives: { status: 'Concluded', endAt: now, winner: 'b', confidence: 0.97, lift: 0.2 },
  },
  {
    verb: 'Experiment.analyze',
    has: { status: 'Running' },
    input: { sampleSize: 100 },
    gives: { analyzedAt: now, sampleSize: 100 },
  },
  { verb: 'FeatureFlag.enable', gives: { enabledAt: now, status: 'Enabled' } },
  { verb: 'FeatureFlag.disable', has: { status: 'Enabled' }, gives: { disabledAt: now, status: 'Disabled' } },
  {
    verb: 'FeatureFlag.rollout',
    has: { rolloutPercentage: 20 },
    gives: { rolledOutAt: now, status: 'RolledOut', rolloutPercentage: 100 },
  },
  {
    verb: 'FeatureFlag.rollout',
    input: { rolloutPercentage: 100 },
    gives: { rolledOutAt: now, status: 'RolledOut', rolloutPercentage: 100 },
  },
  {
    verb: 'FeatureFlag.rollout',
    input: { rolloutPercentage: 25 },
    gives: { rolledOutAt: now, status: 'Enabled', enabledAt: now, rolloutPercentage: 25 },
  },
  {
    verb: 'FeatureFlag.rollout',
    input: { rolloutPercentage: 0 },
    gives: { rolledOutAt: now, status: 'Enabled', enabledAt: now, rolloutPercentage: 0 },
  },

  { verb: 'Workflow.activate', gives: { activatedAt: now, status: 'Activated' } },
  { verb: 'Workflow.pause', has: { status: 'Activated' }, gives: { pausedAt: now, status: 'Paused' } },
  { verb: 'Workflow.archive', has: { status: 'Paused' }, gives: { archivedAt: now, status: 'Archived' } },
  { verb: 'Workflow.trigger', has: { status: 'Activated' }, gives: { runCount: 1, lastRunAt: now } },
  {
    verb: 'Workflow.trigger',
    has: { status: 'Activated', runCount: 4, lastRunAt: earlier, lastInput: { id: 1 } },
    gives: { runCount: 5, lastRunAt: now, lastInput: null },
  },
  {
    verb: 'Workflow.trigger',
    has: { status: 'Draft' },
    input: { lastInput: { id: 1 } },
    gives: { runCount: 1, lastRunAt: now, lastInput: { id: 1 } },
  },
  {
    verb: 'Integration.connect',
    has: { name: 'Stripe', provider: 'stripe', error: 'refused' },
    gives: { connectedAt: now, status: 'Connected', error: null },
  },
  {
    verb: 'Integration.connect',
    creates: true,
    input: { provider: 'stripe', credentials: { key: 'x' } },
    gives: { connectedAt: now, provider: 'stripe', name: 'stripe', status: 'Connected' },
  },
  {
    verb: 'Integration.disconnect',
    has: { status: 'Connected' },
    gives: { disconnectedAt: now, status: 'Disconnected' },
  },
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
    input: { message: 'hi', to: user },
    gives: { lastCall: { message: 'hi', to: user, at: now } },
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
    gives: { escalatedAt: now, lastEscalation: 'stuck' },
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
  { verb: 'Agent.reflect', input: { successRate: 80 }, gives: { reflectedAt: now, successRate: 80 } },
  { verb: 'Agent.deploy', gives: { deployedAt: now, status: 'Deployed', lastCall: { at: now } } },
  { verb: 'Agent.pause', has: { status: 'Deployed' }, gives: { pausedAt: now, status: 'Paused' } },
  { verb: 'Agent.stop', has: { status: 'Deployed' }, gives: { stoppedAt: now, status: 'Stopped' } },
  { verb: 'Agent.retire', has: { status: 'Stopped' }, gives: { retiredAt: now, status: 'Retired' } },

  {
    verb: 'Message.send',
    has: { channel: 'InApp', recipient: user },
    gives: { status: 'Sent', sentAt: now, direction: 'Outbound' },
  },
  {
    verb: 'Message.send',
    has: { direction: 'Internal', channel: 'InApp', recipient: user },
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
  const current = row.creates === true ? undefined : start
  const after = decideChange({ schema, verb, current, input: row.input ?? {}, nowMs })
  expect(after ?? start).toStrictEqual(expected)
  if (after !== undefined) checkTransition(schema, { verb: verb.name, isRollback: false, before: current, after })
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
  expect(all.length).toBeGreaterThan(90)
})

// The states in which a verb of money, of keys or of publication is possible.
const guards = [
  { verb: 'ApiKey.revoke', allowed: ['Active', 'Revoked'] },
  { verb: 'Form.submit', allowed: ['Published'] },
  { verb: 'Content.publish', allowed: ['Draft', 'Scheduled', 'Archived', 'Published'] },
  { verb: 'Message.send', allowed: ['Draft', 'Failed', 'Sent'] },
]

test.each(guards)('$verb is possible or done in $allowed and nowhere else', ({ verb: name, allowed }) => {
  const { schema, verb } = find(name)
  const field = schema.fields['status']
  for (const status of field?.kind === 'enum' ? field.values : []) {
    const current = { status, channel: 'InApp', recipient: user, direction: 'Outbound' }
    const attempt = (): void => {
      const after = decideChange({ schema, verb, current, input: {}, nowMs })
      if (after !== undefined) checkTransition(schema, { verb: verb.name, isRollback: false, before: current, after })
    }
    if (allowed.includes(status)) attempt()
    else
      expect(attempt, status).toThrow(expect.objectContaining({ code: 'invalid_transition', field: 'status' }) as Error)
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
