// Ticket: a request for help from a customer.

import { Noun } from '../../noun/noun.ts'
import type { EffectValue } from '../../noun/verb-effect.ts'
import { first, given, givenOrNow, ifEmpty, now } from '../../verb/effect-values.ts'
import { starts, stays, updates } from '../../verb/transition-rows.ts'
import { commentsText, filesText, metadataText, type NounTexts } from '../../noun/noun-texts.ts'

const unsolved = ['Open', 'Pending', 'InProgress', 'Escalated', 'Reopened'] as const

/** A target of the settings, counted from the creation; a new priority has another one. */
function target(setting: 'sla.firstResponse' | 'sla.resolution'): EffectValue {
  return {
    kind: 'following',
    fields: ['priority'],
    value: { kind: 'target', since: { kind: 'createdAt' }, setting, by: 'priority' },
  }
}

const waiting = { resolvedAt: null, closedAt: null, slaBreachedAt: null }

export const Ticket = Noun(
  'Ticket',
  {
    subject: 'string! personal',
    description: 'text? personal',
    status: 'Open | Pending | InProgress | Resolved | Escalated | Closed | Reopened',
    priority: 'Low | Medium | High | Urgent',
    channel: 'Email | Chat | Phone | Web | API',
    category: 'string?',
    tags: 'string? personal',
    resolution: 'text? personal',
    reason: 'text? personal',
    satisfaction: 'number(1..5)?',
    slaDueAt: 'datetime?',
    firstResponseDueAt: 'datetime?',
    slaBreachedAt: 'datetime?',
    firstResponseAt: 'datetime?',
    assignedAt: 'datetime?',
    escalatedAt: 'datetime?',
    resolvedAt: 'datetime?',
    closedAt: 'datetime?',
    reopenedAt: 'datetime?',
    reopenCount: 'number(0..)?',
    assignee: '-> User.assignedTickets | Contact.assignedTickets | Agent.assignedTickets',
    requester: '-> Contact.tickets personal',
    organization: '-> Organization.tickets',
    deal: '-> Deal.tickets',
    metadata: 'json? personal',
    comments: '<- Comment.about[]',
    files: '<- Asset.attachedTo[]',
    messages: '<- Message.ticket[]',
    activities: '<- Activity.ticket[]',
    assign: 'Assigned',
    resolve: 'Resolved',
    escalate: 'Escalated',
    close: 'Closed',
    reopen: 'Reopened',
    breach: 'SLABreached',
  },
  {
    state: 'status',
    transitions: [
      ...starts('Pending', 'InProgress', 'Escalated', 'Resolved', 'Closed'),
      ...updates(unsolved, ['Open', 'Pending', 'InProgress']),
      ...stays('assign', [...unsolved, 'Resolved']),
      { from: ['Open', 'Pending', 'InProgress', 'Reopened'], verb: 'escalate', to: 'Escalated' },
      { from: unsolved, verb: 'resolve', to: 'Resolved' },
      { from: [...unsolved, 'Resolved'], verb: 'close', to: 'Closed' },
      { from: ['Resolved', 'Closed'], verb: 'reopen', to: 'Reopened' },
    ],
    states: {
      Escalated: { sets: { escalatedAt: givenOrNow('escalatedAt') } },
      Resolved: { sets: { resolvedAt: givenOrNow('resolvedAt') }, holds: ['resolvedAt'] },
      Closed: { sets: { closedAt: givenOrNow('closedAt') }, holds: ['resolvedAt', 'closedAt'] },
      Reopened: { sets: { reopenedAt: givenOrNow('reopenedAt') } },
    },
    categories: {
      Open: 'open',
      Pending: 'open',
      InProgress: 'open',
      Escalated: 'open',
      Reopened: 'open',
      Resolved: 'done',
      Closed: 'done',
    },
    fills: { firstResponseDueAt: target('sla.firstResponse'), slaDueAt: target('sla.resolution') },
    effects: {
      // A ticket of a contact has the words of that contact.
      create: { strangers: { origin: 'ticket', when: { field: 'requester', has: true } } },
      assign: {
        argumentAliases: { agent: 'assignee' },
        argumentsRequired: ['assignee'],
        sets: { assignedAt: givenOrNow('assignedAt') },
      },
      escalate: {
        sets: { priority: first(given('priority'), { kind: 'next', values: ['Low', 'Medium', 'High', 'Urgent'] }) },
      },
      breach: { systemOnly: true, repeats: true, sets: { slaBreachedAt: ifEmpty(now) } },
      reopen: {
        sets: { reopenCount: { kind: 'add', amount: 1 } },
      },
    },
    // The first target that is missed is the breach.
    schedules: [
      { name: 'agreed', at: 'slaDueAt', when: waiting, call: 'breach' },
      { name: 'response', at: 'firstResponseDueAt', when: { ...waiting, firstResponseAt: null }, call: 'breach' },
      // Tickets from before the targets were filled.
      {
        name: 'firstResponse',
        at: '$createdAt',
        after: { setting: 'sla.firstResponse', by: 'priority' },
        hours: 'business',
        when: { ...waiting, firstResponseAt: null, firstResponseDueAt: null },
        call: 'breach',
      },
      {
        name: 'resolution',
        at: '$createdAt',
        after: { setting: 'sla.resolution', by: 'priority' },
        hours: 'business',
        when: { ...waiting, slaDueAt: null },
        call: 'breach',
      },
    ],
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
    slaDueAt:
      'Time by which the ticket has to be resolved; by default, by the setting sla for its priority, in business hours.',
    firstResponseDueAt:
      'Time by which the requester has to have a first response; by default, by the setting sla for the priority.',
    slaBreachedAt: 'Time of the first target that was missed.',
    firstResponseAt: 'Time of the first message to the requester; sending one with this ticket sets it.',
    assignedAt: 'Time the ticket was last assigned; assign sets it.',
    escalatedAt: 'Time the ticket was last escalated; escalate sets it.',
    resolvedAt: 'Time the request was resolved; resolve sets it and reopen clears it.',
    closedAt: 'Time the ticket was closed; close sets it and reopen clears it.',
    reopenedAt: 'Time the ticket was last reopened; reopen sets it.',
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
    breach: 'Sets slaBreachedAt; called by the server when the first target for a response or resolution is missed.',
  },
}
