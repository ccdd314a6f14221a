// What people and agents write to each other.

import { Noun } from '../noun/noun.ts'

export const Message = Noun(
  'Message',
  {
    subject: 'string?',
    body: 'string!',
    type: 'string?',
    channel: 'Email | SMS | Chat | Push | Slack | Web | InApp',
    direction: 'Inbound | Outbound | Internal',
    status: 'Draft | Sent | Delivered | Read | Failed',
    thread: 'string?#',
    sender: '-> Contact | User | Agent',
    recipient: '-> Contact.messages | User | Agent',
    contact: '-> Contact',
    ticket: '-> Ticket.messages',
    metadata: 'json?',
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
