// What customers ask for help with.

import { Noun } from '../noun/noun.ts'
import { clear, first, given, givenOrNow, ifEmpty, now } from './effect-values.ts'

export const Ticket = Noun(
  'Ticket',
  {
    subject: 'string!',
    description: 'string?',
    status: 'Open | Pending | InProgress | Resolved | Escalated | Closed | Reopened',
    priority: 'Low | Medium | High | Urgent',
    channel: 'Email | Chat | Phone | Web | API',
    category: 'string?',
    tags: 'string?',
    resolution: 'string?',
    // Why it was escalated.
    reason: 'string?',
    satisfaction: 'number?',
    slaDueAt: 'datetime?',
    firstResponseAt: 'datetime?',
    resolvedAt: 'datetime?',
    assignee: '-> User | Contact | Agent',
    requester: '-> Contact.tickets',
    organization: '-> Organization',
    deal: '-> Deal.tickets',
    metadata: 'json?',
    messages: '<- Message.ticket[]',
    assign: 'Assigned',
    resolve: 'Resolved',
    escalate: 'Escalated',
    close: 'Closed',
    reopen: 'Reopened',
  },
  {
    effects: {
      // Response times are measured to the moment that somebody takes it on.
      assign: { argumentAliases: { agent: 'assignee' }, sets: { firstResponseAt: ifEmpty(now) } },
      escalate: {
        from: { field: 'status', values: ['Open', 'InProgress', 'Reopened'], hard: false },
        sets: { priority: first(given('priority'), { kind: 'next', values: ['Low', 'Medium', 'High', 'Urgent'] }) },
      },
      resolve: {
        from: { field: 'status', values: ['Open', 'Pending', 'InProgress', 'Escalated'], hard: false },
        sets: { resolvedAt: givenOrNow('resolvedAt') },
      },
      close: { from: { field: 'status', values: ['Open', 'Resolved', 'Reopened'], hard: false } },
      reopen: { from: { field: 'status', values: ['Closed', 'Resolved'], hard: false }, sets: { resolvedAt: clear } },
    },
  },
)
