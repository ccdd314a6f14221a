// Work that the server performs later, and whose rights it has. A Noun that tells the server to do something belongs into this list:
// else whoever may write its entities acts with the rights of the server.

import type { DelegatedWork } from '@dotdo/service'
import { neverWhole } from './confine.ts'

/** An agent in any of these states acts no more. */
export const idleAgents = ['Paused', 'Stopped', 'Retired', 'Archived']

const described = ['description', 'metadata', 'organization', 'tags', 'version']
const ofEverything = { halts: {}, isReliedOn: true } as const
const ofPayments = { ...ofEverything, service: 'payments.do' } as const

/** No role but those that may do everything sees all of these. */
const ofReading = {
  halts: {},
  isReliedOn: false,
  readsAllBut: ['ApiKey', ...neverWhole],
} as const

const agents = {
  owner: 'owner',
  apart: [
    ...described,
    'slug',
    'avatar',
    'visibility',
    'rating',
    'ratingCount',
    'lastCall',
    'lastEscalation',
    'totalTokens',
    'totalCost',
    'averageLatency',
    'successRate',
    'publishedAt',
    'deployedAt',
    'pausedAt',
    'stoppedAt',
    'retiredAt',
    'escalatedAt',
    'reflectedAt',
  ],
  halts: { status: idleAgents },
  isReliedOn: false,
} as const satisfies DelegatedWork

const others: Readonly<Record<string, DelegatedWork>> = {
  // A workflow and a stored function act with authority over all data.
  Workflow: {
    apart: [
      ...described,
      'name',
      'runCount',
      'successCount',
      'failureCount',
      'lastRunAt',
      'lastInput',
      'activatedAt',
      'pausedAt',
      'archivedAt',
    ],
    halts: { status: ['Paused', 'Archived'] },
    isReliedOn: false,
  },
  Function: { ...ofEverything, apart: ['description'] },
  // A webhook sends what its owner may see, and its owner is who set it up with authority over all data.
  Webhook: { ...ofEverything, apart: ['name'] },
  // Their values and limits are computed over all data, and stored in them.
  Metric: {
    ...ofReading,
    apart: [
      ...described,
      'value',
      'type',
      'unit',
      'dimensions',
      'timestamp',
      'resetAt',
      'snapshotAt',
      'watch',
      'crossedValue',
      'crossedAt',
      'settledAt',
    ],
  },
  Goal: {
    ...ofReading,
    apart: [
      ...described,
      'name',
      'target',
      'current',
      'progress',
      'unit',
      'direction',
      'period',
      'status',
      'deadline',
      'achievedAt',
      'completedAt',
      'missedAt',
      'resetAt',
      'checkedAt',
      'dimensions',
      'parent',
    ],
  },
  // What it takes becomes events without anybody's rights.
  IncomingWebhook: { ...ofEverything, apart: described },
  // The server performs the steps of a run with all rights, and the calls in its conversation with those of its agent.
  WorkflowRun: { ...ofEverything, apart: [] },
  AgentRun: { ...ofEverything, apart: [] },
  // Books are closed and reopened by those who may do everything.
  Ledger: { ...ofPayments, apart: [] },
  JournalEntry: { ...ofPayments, apart: [] },
  // A movement of a bank account makes a payment.
  BankTransaction: { ...ofPayments, apart: [] },
  // The server works by them, and says what the provider says. A role may decide about a finding, and remove none.
  PaymentRun: { ...ofPayments, apart: [] },
  Dispute: { ...ofPayments, apart: [] },
  PaymentFinding: { ...ofPayments, apart: ['status', 'resolution', 'resolvedAt'] },
}

/** `isOwnerAnybody`: an agent without an owner is that of the machine, who may do everything. */
export function delegatedWork(isOwnerAnybody: boolean): Readonly<Record<string, DelegatedWork>> {
  return { Agent: { ...agents, isOwnerlessFull: isOwnerAnybody }, ...others }
}
