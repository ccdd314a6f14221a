// Message: a piece of communication between people and agents.

import { Noun } from '../../noun/noun.ts'
import { commentsText, filesText, metadataText, type NounTexts } from '../../noun/noun-texts.ts'

export const Message = Noun(
  'Message',
  {
    subject: 'string?',
    body: 'text!',
    type: 'string?',
    channel: 'Email | SMS | Chat | Push | Slack | Web | InApp',
    direction: 'Inbound | Outbound | Internal',
    status: 'Draft | Sent | Delivered | Read | Failed',
    thread: 'string?#',
    sender: '-> Contact.sentMessages | User.sentMessages | Agent.sentMessages',
    recipient: '-> Contact.messages | User.messages | Agent.messages',
    contact: '-> Contact.relatedMessages',
    ticket: '-> Ticket.messages',
    metadata: 'json?',
    comments: '<- Comment.about[]',
    files: '<- Asset.attachedTo[]',
    send: 'Sent',
    deliver: 'Delivered',
    read: 'Read',
  },
  {
    effects: {
      send: { from: { field: 'status', values: ['Draft'], hard: false } },
      deliver: { from: { field: 'status', values: ['Sent'], hard: false } },
      read: { from: { field: 'status', values: ['Delivered'], hard: false } },
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
    sender: 'Contact, user or agent who sends the message.',
    recipient: 'Contact, user or agent to whom the message is addressed.',
    contact: 'Contact that the message concerns.',
    ticket: 'Support ticket that the message belongs to.',
    metadata: metadataText,
    comments: commentsText,
    files: filesText,
    send: 'Sets status to Sent.',
    deliver: 'Sets status to Delivered.',
    read: 'Sets status to Read.',
  },
}
