// Work: projects, their issues, and what is said about them.

import { Noun } from '../noun/noun.ts'
import { literal } from './effect-values.ts'

export const Project = Noun(
  'Project',
  {
    name: 'string!',
    slug: 'string?##',
    description: 'string?',
    status: 'Active | Archived | Completed',
    visibility: 'Public | Private',
    startDate: 'date?',
    targetDate: 'date?',
    tags: 'string?',
    organization: '-> Organization',
    owner: '-> User | Contact',
    metadata: 'json?',
    issues: '<- Issue.project[]',
    archive: 'Archived',
    complete: 'Completed',
    activate: 'Activated',
  },
  {
    effects: {
      archive: { from: { field: 'status', values: ['Active'], hard: false } },
      complete: { from: { field: 'status', values: ['Active'], hard: false } },
      activate: {
        from: { field: 'status', values: ['Archived', 'Completed'], hard: false },
        sets: { status: literal('Active') },
      },
    },
  },
)

export const Issue = Noun(
  'Issue',
  {
    title: 'string!',
    description: 'string?',
    status: 'Open | Assigned | InProgress | Review | Done | Closed | Reopened',
    priority: 'Low | Medium | High | Urgent',
    type: 'Bug | Feature | Task | Epic',
    labels: 'string?',
    milestone: 'string?',
    dueDate: 'date?',
    project: '-> Project.issues',
    assignee: '-> User | Contact | Agent',
    reporter: '-> User | Contact | Agent',
    contact: '-> Contact',
    metadata: 'json?',
    comments: '<- Comment.issue[]',
    assign: 'Assigned',
    close: 'Closed',
    reopen: 'Reopened',
    complete: 'Completed',
  },
  {
    effects: {
      assign: { from: { field: 'status', values: ['Open', 'Reopened'], hard: false } },
      close: { from: { field: 'status', values: ['Open', 'InProgress', 'Done', 'Reopened'], hard: false } },
      reopen: { from: { field: 'status', values: ['Closed'], hard: false } },
      complete: { sets: { status: literal('Done') } },
    },
  },
)

export const Comment = Noun(
  'Comment',
  {
    body: 'string!',
    resolved: 'boolean = false',
    author: '-> User | Contact | Agent',
    issue: '-> Issue.comments',
    metadata: 'json?',
    resolve: 'Resolved',
  },
  { effects: { resolve: { sets: { resolved: literal(true) } } } },
)
