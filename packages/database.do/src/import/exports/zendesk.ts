// The exports of Zendesk.

import type { ImportSystem } from '../import-system.ts'

const values = {
  status: {
    new: 'Open',
    open: 'Open',
    pending: 'Pending',
    hold: 'Pending',
    'on-hold': 'Pending',
    solved: 'Resolved',
    closed: 'Closed',
  },
  priority: { low: 'Low', normal: 'Medium', medium: 'Medium', high: 'High', urgent: 'Urgent' },
  channel: { mail: 'Email', email: 'Email', web: 'Web', chat: 'Chat', voice: 'Phone', phone: 'Phone', api: 'API' },
}

export const zendesk: ImportSystem = {
  name: 'zendesk',
  about: 'Exports of Zendesk Support: tickets as CSV or NDJSON, and users',
  exports: [
    {
      noun: 'Ticket',
      headers: ['Id', 'Subject', 'Requester', 'Status'],
      columns: {
        Id: '$id',
        Subject: 'subject',
        Status: 'status',
        Priority: 'priority',
        Via: 'channel',
        Tags: 'tags',
        'Requester email': 'requester',
        'Created at': '$at',
        'Solved at': 'resolvedAt',
        Organization: 'organization',
        Summation: 'category',
        'Ticket type': 'category',
      },
      values,
    },
    {
      noun: 'Ticket',
      headers: ['id', 'subject', 'requester_id', 'created_at'],
      columns: {
        id: '$id',
        subject: 'subject',
        description: 'description',
        status: 'status',
        priority: 'priority',
        'via.channel': 'channel',
        tags: 'tags',
        requester_id: 'requester',
        organization_id: 'organization',
        type: 'category',
        created_at: '$at',
      },
      values,
    },
    {
      noun: 'Contact',
      headers: ['id', 'name', 'email', 'created_at', 'role'],
      columns: {
        id: '$id',
        name: 'name',
        email: 'email',
        phone: 'phone',
        time_zone: 'timezone',
        locale: 'language',
        organization_id: 'organization',
        created_at: '$at',
        tags: 'tags',
      },
    },
  ],
}
