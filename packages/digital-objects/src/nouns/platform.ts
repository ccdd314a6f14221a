// What runs by itself: workflows, connections to other systems, agents.

import { Noun } from '../noun/noun.ts'
import type { EffectValue } from '../noun/verb-effect.ts'
import { before, clear, first, given, givenOrNow, ifEmpty } from './effect-values.ts'

export const Workflow = Noun(
  'Workflow',
  {
    name: 'string!',
    description: 'string?',
    // None for a workflow that only a schedule or the verb `trigger` starts.
    triggerEvent: 'string?#',
    // { cron }
    schedule: 'json?',
    conditions: 'json?',
    steps: 'json?',
    action: 'string?',
    // Where `action: 'webhook'` sends to. Headers are no place for secrets: entities are logged.
    url: 'url?',
    headers: 'json?',
    retry: 'json?',
    retryPolicy: 'json?',
    errorHandling: 'Stop | Continue | Fallback',
    status: 'Draft | Active | Activated | Paused | Triggered | Archived',
    timeout: 'number?',
    version: 'number?',
    runCount: 'number?',
    successCount: 'number?',
    failureCount: 'number?',
    lastRunAt: 'datetime?',
    // What the runner of a triggered workflow starts from.
    lastInput: 'json?',
    organization: '-> Organization',
    agent: '-> Agent',
    metadata: 'json?',
    activate: 'Activated',
    pause: 'Paused',
    trigger: 'Triggered',
    archive: 'Archived',
  },
  {
    effects: {
      activate: { from: { field: 'status', values: ['Draft', 'Paused'], hard: false } },
      pause: { from: { field: 'status', values: ['Activated'], hard: false } },
      archive: { from: { field: 'status', values: ['Paused'], hard: false } },
      trigger: {
        from: { field: 'status', values: ['Activated'], hard: false },
        argumentAliases: { input: 'lastInput' },
        // A run by hand leaves the workflow as it is: it must not switch on one that is paused.
        sets: {
          status: before('status'),
          runCount: { kind: 'add', amount: 1 },
          lastRunAt: givenOrNow('lastRunAt'),
          lastInput: first(given('lastInput'), clear),
        },
      },
    },
  },
)

/** Credentials are no field: secrets never enter the log. */
export const Integration = Noun(
  'Integration',
  {
    // Filled from `provider` where the caller gives none.
    name: 'string?',
    provider: 'string!#',
    slug: 'string?##',
    description: 'string?',
    type: 'string?',
    category: 'Payment | CRM | Marketing | Analytics | Communication | Storage | AI | Other',
    authType: 'OAuth2 | ApiKey | Basic | Custom',
    status: 'Available | Connected | Disconnected | Synced | ComingSoon | Deprecated | Errored',
    providerUrl: 'url?',
    providerLogo: 'url?',
    oauthScopes: 'string?',
    configSchema: 'string?',
    apiBaseUrl: 'url?',
    url: 'url?',
    events: 'json?',
    featured: 'boolean?',
    webhookSupport: 'boolean?',
    lastSyncAt: 'datetime?',
    lastSyncCount: 'number?',
    error: 'string?',
    metadata: 'json?',
    connect: 'Connected',
    disconnect: 'Disconnected',
    sync: 'Synced',
  },
  {
    effects: {
      connect: {
        from: { field: 'status', values: ['Available', 'Disconnected'], hard: false },
        creates: true,
        argumentsOnly: ['credentials', 'config'],
        sets: { name: ifEmpty(given('provider')), error: clear },
      },
      disconnect: { from: { field: 'status', values: ['Connected', 'Synced'], hard: false } },
      sync: {
        from: { field: 'status', values: ['Connected'], hard: false },
        sets: { lastSyncAt: givenOrNow('lastSyncAt'), error: clear },
      },
    },
  },
)

/** An agent's verb keeps what it was asked in `lastCall`, because handlers see the event and nothing else. */
function called<const Names extends readonly string[]>(
  ...names: Names
): { readonly argumentsOnly: Names; readonly sets: { readonly lastCall: EffectValue } } {
  return { argumentsOnly: names, sets: { lastCall: { kind: 'arguments', names } } }
}

/** An event holds the whole entity, so what an agent carries with it has a bound; the log keeps the rest. */
const learningsMax = 100
const learned = ['category', 'insight', 'outcome', 'context']

export const Agent = Noun(
  'Agent',
  {
    name: 'string!',
    slug: 'string?##',
    description: 'string?',
    role: 'string?',
    avatar: 'url?',
    type: 'Assistant | Autonomous | Workflow | Specialist | Router',
    mode: 'Autonomous | Supervised | Manual',
    status: 'Draft | Active | Deployed | Paused | Stopped | Retired | Archived',
    visibility: 'Private | Team | Organization | Public',
    model: 'string?',
    systemPrompt: 'string?',
    instructions: 'string?',
    persona: 'string?',
    temperature: 'number?',
    maxTokens: 'number?',
    memory: 'None | Session | Persistent',
    memoryWindow: 'number?',
    tools: 'json?',
    functions: 'json?',
    knowledgeBases: 'json?',
    triggers: 'json?',
    capabilities: 'json?',
    learnings: 'json?',
    lastCall: 'json?',
    lastEscalation: 'string?',
    tags: 'string?',
    version: 'number?',
    totalTokens: 'number?',
    totalCost: 'number?',
    averageLatency: 'number?',
    successRate: 'number?',
    rating: 'number?',
    ratingCount: 'number?',
    publishedAt: 'datetime?',
    organization: '-> Organization',
    owner: '-> User | Contact',
    metadata: 'json?',
    do: 'Done',
    ask: 'Asked',
    decide: 'Decided',
    approve: 'Approved',
    notify: 'Notified',
    delegate: 'Delegated',
    escalate: 'Escalated',
    learn: 'Learned',
    reflect: 'Reflected',
    invoke: 'Invoked',
    deploy: 'Deployed',
    pause: 'Paused',
    stop: 'Stopped',
    retire: 'Retired',
  },
  {
    effects: {
      do: { ...called('task', 'context'), from: { field: 'status', values: ['Deployed'], hard: false } },
      ask: {
        ...called('question', 'message', 'context'),
        from: { field: 'status', values: ['Deployed'], hard: false },
      },
      decide: {
        ...called('question', 'options', 'context'),
        from: { field: 'status', values: ['Deployed'], hard: false },
      },
      invoke: {
        ...called('task', 'message', 'input', 'context'),
        from: { field: 'status', values: ['Deployed'], hard: false },
      },
      approve: called('action', 'reason'),
      notify: called('message', 'to', 'channel'),
      delegate: called('to', 'task', 'context'),
      escalate: { argumentAliases: { reason: 'lastEscalation' } },
      learn: {
        argumentsOnly: learned,
        sets: { learnings: { kind: 'append', value: { kind: 'arguments', names: learned }, itemsMax: learningsMax } },
      },
      deploy: {
        ...called('task', 'context'),
        from: { field: 'status', values: ['Draft', 'Active', 'Paused'], hard: false },
      },
      pause: { from: { field: 'status', values: ['Deployed'], hard: false } },
      stop: { from: { field: 'status', values: ['Deployed', 'Paused'], hard: false } },
      retire: { from: { field: 'status', values: ['Stopped'], hard: false } },
    },
  },
)
