// Issue: a task, bug or feature that somebody works on.

import { Noun } from '../../noun/noun.ts'
import { literal } from '../../verb/effect-values.ts'
import { filesText, metadataText, type NounTexts } from '../../noun/noun-texts.ts'

export const Issue = Noun(
  'Issue',
  {
    title: 'string!',
    description: 'text?',
    status: 'Open | Assigned | InProgress | Review | Done | Closed | Reopened',
    priority: 'Low | Medium | High | Urgent',
    type: 'Bug | Feature | Task | Epic',
    labels: 'string?',
    milestone: 'string?',
    dueDate: 'date?',
    project: '-> Project.issues',
    assignee: '-> User.assignedIssues | Contact.assignedIssues | Agent.assignedIssues',
    reporter: '-> User.reportedIssues | Contact.reportedIssues | Agent.reportedIssues',
    contact: '-> Contact.issues',
    metadata: 'json?',
    files: '<- Asset.attachedTo[]',
    comments: '<- Comment.issue[]',
    assign: 'Assigned',
    close: 'Closed',
    reopen: 'Reopened',
    complete: 'Completed',
  },
  {
    effects: {
      assign: { from: { field: 'status', values: ['Open', 'Reopened'], hard: false }, needs: ['assignee'] },
      close: { from: { field: 'status', values: ['Open', 'InProgress', 'Done', 'Reopened'], hard: false } },
      reopen: { from: { field: 'status', values: ['Closed'], hard: false } },
      complete: { sets: { status: literal('Done') } },
    },
  },
)

export const issueTexts: NounTexts = {
  about: 'A task, bug or feature that somebody works on.',
  descriptions: {
    title: 'Short summary of the work.',
    description: 'Details of what is to be done or what goes wrong.',
    status: 'State of the work; assign, close, reopen and complete change it.',
    priority: 'Urgency of the work.',
    type: 'Kind of work.',
    labels: 'Keywords separated by commas, such as bug,ui.',
    milestone: 'Milestone that the issue belongs to, as text.',
    dueDate: 'Date by which the issue is to be done.',
    project: 'Project that the issue belongs to.',
    assignee: 'User, contact or agent who works on the issue.',
    reporter: 'User, contact or agent who reported the issue.',
    contact: 'Contact that the issue concerns, such as the customer who asked for it.',
    metadata: metadataText,
    files: filesText,
    comments: 'Comments on the issue.',
    assign: 'Sets status to Assigned and stores the assignee you send.',
    close: 'Sets status to Closed.',
    reopen: 'Sets status to Reopened.',
    complete: 'Sets status to Done.',
  },
}
