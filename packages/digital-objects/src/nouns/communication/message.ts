// Message: a piece of communication between people and agents.

import type { Requirement } from '../../noun/requirement.ts'
import { Noun } from '../../noun/noun.ts'
import { after, first, givenOrNow, ifEmpty, literal, now } from '../../verb/effect-values.ts'
import { starts } from '../../verb/transition-rows.ts'
import type { RelatedEffect } from '../../noun/verb-effect.ts'
import { commentsText, filesText, metadataText, tagsText, type NounTexts } from '../../noun/noun-texts.ts'

/** The tenant itself carries the other channels: the message is sent once its recipient can read it. */
const carriers = { Email: 'mail', SMS: 'sms', Push: 'push', Slack: 'slack' } as const
const carried = Object.entries(carriers).map(([channel, connection]): Requirement => ({
  connection,
  when: [
    { field: 'channel', equals: channel },
    { field: 'direction', not: 'Inbound' },
  ],
  unlessGiven: ['sentAt'],
}))

/** A message that was sent to a requester is the first response to the ticket. */
const response: RelatedEffect = {
  kind: 'update',
  of: 'ticket',
  sets: { firstResponseAt: first(after('sentAt'), now) },
  where: { field: 'firstResponseAt', has: false },
  when: [
    { field: 'direction', equals: 'Outbound' },
    { field: 'status', in: ['Sent', 'Delivered', 'Read'] },
  ],
}
const isReply = { field: 'direction', equals: 'Inbound' } as const
/** A reply of the requester: the ticket waits no longer, or was not resolved. */
const replies: readonly RelatedEffect[] = [
  {
    kind: 'call',
    of: 'ticket',
    verb: 'reopen',
    where: { field: 'status', in: ['Resolved', 'Closed'] },
    when: isReply,
  },
  {
    kind: 'update',
    of: 'ticket',
    sets: { status: literal('Open') },
    where: { field: 'status', equals: 'Pending' },
    when: isReply,
  },
]

export const Message = Noun(
  'Message',
  {
    subject: 'string? personal',
    body: 'text! personal',
    type: 'string?',
    channel: 'Email | SMS | Chat | Push | Slack | Web | InApp',
    direction: 'Inbound | Outbound | Internal',
    status: 'Draft | Sent | Delivered | Read | Failed',
    thread: 'string?#',
    sentAt: 'datetime?',
    deliveredAt: 'datetime?',
    readAt: 'datetime?',
    failedAt: 'datetime?',
    sender: '-> Contact.sentMessages | User.sentMessages | Agent.sentMessages personal',
    recipient: '-> Contact.messages | User.messages | Agent.messages personal',
    contact: '-> Contact.relatedMessages personal',
    ticket: '-> Ticket.messages personal',
    tags: 'string[]# personal',
    metadata: 'json? personal',
    comments: '<- Comment.about[]',
    files: '<- Asset.attachedTo[]',
    send: 'Sent',
    deliver: 'Delivered',
    read: 'Read',
  },
  {
    state: 'status',
    // What was sent cannot be taken back.
    transitions: [
      ...starts('Sent', 'Delivered', 'Read', 'Failed'),
      { from: ['Draft', 'Failed'], verb: 'send', to: 'Sent', irreversible: true },
      { from: ['Sent'], verb: 'deliver', to: 'Delivered', irreversible: true },
      { from: ['Sent', 'Delivered'], verb: 'read', to: 'Read', irreversible: true },
      { from: ['Draft', 'Sent'], verb: 'update', to: 'Failed' },
    ],
    states: {
      Sent: { sets: { sentAt: givenOrNow('sentAt') }, holds: ['sentAt'] },
      Delivered: { sets: { deliveredAt: givenOrNow('deliveredAt') }, holds: ['sentAt', 'deliveredAt'] },
      Read: { sets: { readAt: givenOrNow('readAt') }, holds: ['sentAt', 'deliveredAt', 'readAt'] },
      Failed: { sets: { failedAt: givenOrNow('failedAt') }, holds: ['sentAt', 'failedAt'] },
    },
    effects: {
      create: { strangers: { origin: 'message', when: isReply }, related: [response, ...replies] },
      send: {
        does: ['sends'],
        needs: ['channel', ['recipient', 'contact', 'ticket', 'thread']],
        requires: carried,
        sets: { direction: ifEmpty(literal('Outbound')) },
        related: [response],
      },
    },
  },
)

export const messageTexts: NounTexts = {
  about: 'A piece of communication between people and agents.',
  descriptions: {
    subject: 'Subject line.',
    body: 'Text of the message.',
    type: 'Kind of message as free text, such as reminder.',
    channel: 'Channel that carries the message.',
    direction: 'Direction as seen from the business.',
    status: 'State of the message; send, deliver and read change it.',
    thread: 'Identifier that the messages of one conversation share.',
    sentAt: 'Time the message was sent; send sets it, and takes it from you if the message was sent elsewhere.',
    deliveredAt: 'Time the message arrived; deliver sets it.',
    readAt: 'Time the message was read; read sets it.',
    failedAt: 'Time the message failed.',
    sender: 'Contact, user or agent who sends the message.',
    recipient: 'Contact, user or agent to whom the message is addressed.',
    contact: 'Contact that the message concerns.',
    ticket: 'Support ticket that the message belongs to.',
    tags: tagsText,
    metadata: metadataText,
    comments: commentsText,
    files: filesText,
    send: 'Sets status to Sent, sentAt to now or to the time you send, and an empty direction to Outbound.',
    deliver: 'Sets status to Delivered and deliveredAt to now, or to the time you send.',
    read: 'Sets status to Read and readAt to now, or to the time you send.',
  },
}
