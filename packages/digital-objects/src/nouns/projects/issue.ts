// Issue: a task, bug or feature that somebody works on.

import { Noun } from '../../noun/noun.ts'
import { givenOrNow, ifEmpty, now } from '../../verb/effect-values.ts'
import { starts, stays, updates } from '../../verb/transition-rows.ts'
import { filesText, metadataText, tagsText, type NounTexts } from '../../noun/noun-texts.ts'

const open = ['Open', 'Assigned', 'InProgress', 'Review', 'Reopened'] as const

export const Issue = Noun(
  'Issue',
  {
    title: 'string!',
    description: 'text? personal',
    status: 'Open | Assigned | InProgress | Review | Done | Closed | Reopened',
    priority: 'Low | Medium | High | Urgent',
    type: 'Bug | Feature | Task | Epic',
    labels: 'string?',
    milestone: 'string?',
    dueDate: 'date?',
    assignedAt: 'datetime?',
    startedAt: 'datetime?',
    completedAt: 'datetime?',
    closedAt: 'datetime?',
    reopenedAt: 'datetime?',
    project: '-> Project.issues',
    assignee: '-> User.assignedIssues | Contact.assignedIssues | Agent.assignedIssues',
    reporter: '-> User.reportedIssues | Contact.reportedIssues | Agent.reportedIssues',
    contact: '-> Contact.issues personal',
    tags: 'string[]#',
    metadata: 'json? personal',
    files: '<- Asset.attachedTo[]',
    comments: '<- Comment.issue[]',
    assign: 'Assigned',
    close: 'Closed',
    reopen: 'Reopened',
    complete: 'Completed',
  },
  {
    state: 'status',
    transitions: [
      ...starts('Assigned', 'InProgress', 'Review', 'Done', 'Closed'),
      ...updates(open, ['Open', 'Assigned', 'InProgress', 'Review']),
      { from: ['Open', 'Reopened'], verb: 'assign', to: 'Assigned' },
      ...stays('assign', ['Assigned', 'InProgress', 'Review']),
      { from: open, verb: 'complete', to: 'Done' },
      { from: [...open, 'Done'], verb: 'close', to: 'Closed' },
      { from: ['Done', 'Closed'], verb: 'reopen', to: 'Reopened' },
    ],
    states: {
      InProgress: { sets: { startedAt: ifEmpty(now) }, holds: ['startedAt'] },
      Review: { holds: ['startedAt'] },
      Done: { sets: { completedAt: givenOrNow('completedAt') }, holds: ['startedAt', 'completedAt'] },
      Closed: { sets: { closedAt: givenOrNow('closedAt') }, holds: ['startedAt', 'completedAt', 'closedAt'] },
      Reopened: { sets: { reopenedAt: givenOrNow('reopenedAt') } },
    },
    categories: {
      Open: 'open',
      Assigned: 'open',
      InProgress: 'open',
      Review: 'open',
      Reopened: 'open',
      Done: 'done',
      Closed: 'done',
    },
    effects: {
      assign: { needs: ['assignee'], sets: { assignedAt: givenOrNow('assignedAt') } },
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
    assignedAt: 'Time the issue was last assigned; assign sets it.',
    startedAt: 'Time the work started, when the issue became InProgress.',
    completedAt: 'Time the work was completed; complete sets it and reopen clears it.',
    closedAt: 'Time the issue was closed; close sets it and reopen clears it.',
    reopenedAt: 'Time the issue was last reopened; reopen sets it.',
    project: 'Project that the issue belongs to.',
    assignee: 'User, contact or agent who works on the issue.',
    reporter: 'User, contact or agent who reported the issue.',
    contact: 'Contact that the issue concerns, such as the customer who asked for it.',
    tags: tagsText,
    metadata: metadataText,
    files: filesText,
    comments: 'Comments on the issue.',
    assign: 'Sets status to Assigned and stores the assignee you send.',
    close: 'Sets status to Closed.',
    reopen: 'Sets status to Reopened.',
    complete: 'Sets status to Done.',
  },
}
