// Ticket: a request for help from a customer.

import { Noun } from '../../noun/noun.ts'
import { clear, first, given, givenOrNow } from '../../verb/effect-values.ts'
import { commentsText, filesText, metadataText, type NounTexts } from '../../noun/noun-texts.ts'

export const Ticket = Noun(
  'Ticket',
  {
    subject: 'string!',
    description: 'text?',
    status: 'Open | Pending | InProgress | Resolved | Escalated | Closed | Reopened',
    priority: 'Low | Medium | High | Urgent',
    channel: 'Email | Chat | Phone | Web | API',
    category: 'string?',
    tags: 'string?',
    resolution: 'text?',
    reason: 'text?',
    satisfaction: 'number?',
    slaDueAt: 'datetime?',
    firstResponseAt: 'datetime?',
    resolvedAt: 'datetime?',
    reopenCount: 'number?',
    assignee: '-> User.assignedTickets | Contact.assignedTickets | Agent.assignedTickets',
    requester: '-> Contact.tickets',
    organization: '-> Organization.tickets',
    deal: '-> Deal.tickets',
    metadata: 'json?',
    comments: '<- Comment.about[]',
    files: '<- Asset.attachedTo[]',
    messages: '<- Message.ticket[]',
    activities: '<- Activity.ticket[]',
    assign: 'Assigned',
    resolve: 'Resolved',
    escalate: 'Escalated',
    close: 'Closed',
    reopen: 'Reopened',
  },
  {
    effects: {
      assign: { argumentAliases: { agent: 'assignee' }, argumentsRequired: ['assignee'] },
      escalate: {
        from: { field: 'status', values: ['Open', 'InProgress', 'Reopened'], hard: false },
        sets: { priority: first(given('priority'), { kind: 'next', values: ['Low', 'Medium', 'High', 'Urgent'] }) },
      },
      resolve: {
        from: { field: 'status', values: ['Open', 'Pending', 'InProgress', 'Escalated'], hard: false },
        sets: { resolvedAt: givenOrNow('resolvedAt') },
      },
      close: { from: { field: 'status', values: ['Open', 'Resolved', 'Reopened'], hard: false } },
      reopen: {
        from: { field: 'status', values: ['Closed', 'Resolved'], hard: false },
        sets: { resolvedAt: clear, reopenCount: { kind: 'add', amount: 1 } },
      },
    },
  },
)

export const ticketTexts: NounTexts = {
  about: 'A request for help from a customer.',
  descriptions: {
    subject: 'Short summary of the request.',
    description: 'Request in the words of the customer.',
    status: 'State of the request; resolve, escalate, close and reopen change it.',
    priority: 'Urgency of the request; escalate raises it.',
    channel: 'Channel by which the request came in.',
    category: 'Topic of the request, such as billing.',
    tags: 'Keywords separated by commas.',
    resolution: 'Text about how the request was resolved.',
    reason: 'Reason the ticket was escalated.',
    satisfaction: 'Rating by the customer, from 1 (poor) to 5 (very good).',
    slaDueAt: 'Time by which the service agreement requires an answer.',
    firstResponseAt: 'Time of the first message to the requester; sending one with this ticket sets it.',
    resolvedAt: 'Time the request was resolved; resolve sets it and reopen clears it.',
    reopenCount: 'Number of times that the ticket was reopened; reopen adds 1.',
    assignee: 'User, contact or agent who handles the ticket.',
    requester: 'Contact who asks for help.',
    organization: 'Organization of the requester.',
    deal: 'Deal that the ticket concerns.',
    metadata: metadataText,
    comments: commentsText,
    files: filesText,
    messages: 'Messages of the ticket.',
    activities: 'Activities that concern the ticket.',
    assign: 'Stores the assignee you send, which you may also call agent.',
    resolve: 'Sets status to Resolved and resolvedAt to now, or to the time you send.',
    escalate: 'Sets status to Escalated and raises priority by one level, or to the priority you send.',
    close: 'Sets status to Closed.',
    reopen: 'Sets status to Reopened and clears resolvedAt.',
  },
}
