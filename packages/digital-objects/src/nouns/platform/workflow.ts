// Workflow: a set of steps that is to run on an event, on a schedule or by hand.

import type { Requirement } from '../../noun/requirement.ts'
import { Noun } from '../../noun/noun.ts'
import { clear, first, given, givenOrNow } from '../../verb/effect-values.ts'
import { starts, stays, updates } from '../../verb/transition-rows.ts'
import { commentsText, filesText, metadataText, tagsText, type NounTexts } from '../../noun/noun-texts.ts'

/** Actions besides the steps, which the tenant runs itself. */
const actions: readonly Requirement[] = [
  { connection: 'webhooks', when: { field: 'action', equals: 'webhook' } },
  {
    connection: 'stored-functions',
    when: [
      { field: 'action', has: true },
      { field: 'action', not: 'webhook' },
    ],
  },
]

export const Workflow = Noun(
  'Workflow',
  {
    name: 'string!',
    description: 'text?',
    triggerEvent: 'string?#',
    schedule: 'json?',
    conditions: 'json?',
    steps: 'json?',
    action: 'string?',
    url: 'url?',
    headers: 'json?',
    retry: 'json?',
    retryPolicy: 'json?',
    errorHandling: 'Stop | Continue | Fallback',
    status: 'Draft | Active | Activated | Paused | Triggered | Archived',
    timeout: 'number(0..)?',
    version: 'number(0..)?',
    runCount: 'number(0..)?',
    successCount: 'number(0..)?',
    failureCount: 'number(0..)?',
    lastRunAt: 'datetime?',
    activatedAt: 'datetime?',
    pausedAt: 'datetime?',
    archivedAt: 'datetime?',
    lastInput: 'json? personal',
    organization: '-> Organization.workflows',
    agent: '-> Agent.workflows',
    tags: 'string[]#',
    metadata: 'json?',
    comments: '<- Comment.about[]',
    files: '<- Asset.attachedTo[]',
    activate: 'Activated',
    pause: 'Paused',
    trigger: 'Triggered',
    archive: 'Archived',
  },
  {
    state: 'status',
    transitions: [
      ...starts('Active', 'Activated', 'Paused'),
      { from: ['Draft', 'Active', 'Paused', 'Triggered'], verb: 'activate', to: 'Activated' },
      { from: ['Active', 'Activated', 'Triggered'], verb: 'pause', to: 'Paused' },
      { from: ['Draft', 'Active', 'Activated', 'Paused', 'Triggered'], verb: 'archive', to: 'Archived' },
      // A run by hand tests a draft, and does not wake a workflow that is paused.
      ...stays('trigger', ['Draft', 'Active', 'Activated', 'Triggered']),
      ...updates(['Draft', 'Active', 'Activated', 'Paused', 'Archived'], ['Draft']),
    ],
    states: {
      Active: { sets: { activatedAt: givenOrNow('activatedAt') }, holds: ['activatedAt'] },
      Activated: { sets: { activatedAt: givenOrNow('activatedAt') }, holds: ['activatedAt'] },
      Triggered: { holds: ['activatedAt'] },
      Paused: { sets: { pausedAt: givenOrNow('pausedAt') }, holds: ['activatedAt', 'pausedAt'] },
      Archived: { sets: { archivedAt: givenOrNow('archivedAt') }, holds: ['activatedAt', 'archivedAt'] },
    },
    effects: {
      activate: { does: ['grants'], requires: actions },
      trigger: {
        does: ['grants'],
        argumentAliases: { input: 'lastInput' },
        requires: actions,
        repeats: true,
        sets: {
          runCount: { kind: 'add', amount: 1 },
          lastRunAt: givenOrNow('lastRunAt'),
          lastInput: first(given('lastInput'), clear),
        },
      },
    },
    schedules: [{ cron: { field: 'schedule' }, when: { status: ['Active', 'Activated'] }, call: 'trigger' }],
  },
)

export const workflowTexts: NounTexts = {
  about: 'A set of steps that is to run on an event, on a schedule or by hand.',
  descriptions: {
    name: 'Title of the workflow.',
    description: 'Text about what the workflow does.',
    triggerEvent:
      'Type of the event that starts the workflow, such as Deal.Won; empty for a schedule or a start by hand.',
    schedule: 'Times at which the server starts the workflow, in the time zone of the tenant, as JSON: { cron }.',
    conditions: 'Conditions as JSON that the entity of the event must meet.',
    steps: 'List of steps as JSON: [{ action, mapping, from, forEach, delay, fallback }].',
    action: 'Single action instead of steps, such as webhook.',
    url: 'URL that the action webhook sends to.',
    headers: 'HTTP headers for the webhook as JSON; put no secrets here, since entities are logged.',
    retry: 'Retry rule as JSON that applies without a retryPolicy: { maxAttempts, backoff }.',
    retryPolicy: 'Retry rule for steps as JSON: { maxAttempts, backoff }.',
    errorHandling: 'Reaction to a step that fails.',
    status: 'State of the workflow; activate, pause and archive change it.',
    timeout: 'Longest time for one run in milliseconds, waits included.',
    version: 'Version number of your own.',
    runCount: 'Number of runs; trigger adds 1.',
    successCount: 'Number of runs that succeeded.',
    failureCount: 'Number of runs that failed.',
    lastRunAt: 'Time of the latest run; trigger sets it.',
    activatedAt: 'Time the workflow was last activated; activate sets it.',
    pausedAt: 'Time the workflow was paused; pause sets it and activate clears it.',
    archivedAt: 'Time the workflow was archived; archive sets it.',
    lastInput: 'Input of the latest trigger as JSON; trigger sets or clears it.',
    organization: 'Organization that the workflow belongs to.',
    agent: 'Agent that carries out the workflow.',
    tags: tagsText,
    metadata: metadataText,
    comments: commentsText,
    files: filesText,
    activate: 'Sets status to Activated.',
    pause: 'Sets status to Paused.',
    trigger: 'Adds 1 to runCount, sets lastRunAt to now and lastInput to the input you send; status stays as it is.',
    archive: 'Sets status to Archived.',
  },
}
