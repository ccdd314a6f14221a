// Activity: a call, meeting, task or note in the work with a contact, deal or organization.

import { Noun } from '../../noun/noun.ts'
import { after, first, givenOrNow, now } from '../../verb/effect-values.ts'
import { starts, updates } from '../../verb/transition-rows.ts'
import type { RelatedEffect } from '../../noun/verb-effect.ts'
import { commentsText, filesText, metadataText, tagsText, type NounTexts } from '../../noun/noun-texts.ts'

/** The activity happened at its own time, which may be long before it is recorded. */
const happened = first(after('completedAt'), now)
const touches: readonly RelatedEffect[] = [
  { kind: 'touch', of: 'contact', sets: { lastEngagement: happened } },
  { kind: 'touch', of: 'deal', sets: { lastActivityAt: happened } },
]

export const Activity = Noun(
  'Activity',
  {
    subject: 'string! personal',
    description: 'text? personal',
    type: 'Call | Email | Meeting | Task | Note | Demo | FollowUp',
    status: 'Pending | InProgress | Completed | Cancelled',
    priority: 'Low | Medium | High | Urgent',
    source: 'string?',
    dueAt: 'datetime?',
    startAt: 'datetime?',
    endAt: 'datetime?',
    duration: 'number(0..5256000)?',
    allDay: 'boolean?',
    timezone: 'string?',
    completedAt: 'datetime?',
    canceledAt: 'datetime?',
    loggedAt: 'datetime?',
    reminderAt: 'datetime?',
    remindedAt: 'datetime?',
    outcome: 'text? personal',
    recordingUrl: 'url? personal',
    meetingLink: 'url? personal',
    deal: '-> Deal.activities',
    contact: '-> Contact.activities personal',
    organization: '-> Organization.activities',
    campaign: '-> Campaign.activities',
    ticket: '-> Ticket.activities personal',
    assignee: '-> User.assignedActivities | Contact.assignedActivities | Agent.assignedActivities',
    createdBy: '-> User.createdActivities | Contact.createdActivities | Agent.createdActivities',
    tags: 'string[]# personal',
    metadata: 'json? personal',
    comments: '<- Comment.about[]',
    files: '<- Asset.attachedTo[]',
    complete: 'Completed',
    cancel: 'Cancelled',
    log: 'Logged',
    remind: 'Reminded',
  },
  {
    state: 'status',
    transitions: [
      ...starts('InProgress', 'Completed', 'Cancelled'),
      { from: [], verb: 'log', to: 'Completed' },
      { from: ['Pending', 'InProgress'], verb: 'complete', to: 'Completed' },
      { from: ['Pending', 'InProgress'], verb: 'log', to: 'Completed' },
      { from: ['Pending', 'InProgress'], verb: 'cancel', to: 'Cancelled' },
      ...updates(['Pending', 'InProgress', 'Completed', 'Cancelled'], ['Pending', 'InProgress']),
    ],
    states: {
      Completed: { sets: { completedAt: givenOrNow('completedAt') }, holds: ['completedAt'] },
      Cancelled: { sets: { canceledAt: givenOrNow('canceledAt') }, holds: ['canceledAt'] },
    },
    categories: { Pending: 'open', InProgress: 'open', Completed: 'done', Cancelled: 'canceled' },
    effects: {
      complete: { related: touches },
      log: { creates: true, sets: { loggedAt: givenOrNow('loggedAt') }, related: touches },
      remind: { systemOnly: true, repeats: true, sets: { remindedAt: now } },
    },
    schedules: [{ at: 'reminderAt', when: { status: ['Pending', 'InProgress'] }, call: 'remind' }],
  },
)

export const activityTexts: NounTexts = {
  about: 'A call, meeting, task or note in the work with a contact, deal or organization.',
  descriptions: {
    subject: 'Short title of the activity.',
    description: 'Notes on the activity, or what has to be done.',
    type: 'Kind of activity.',
    status: 'State of the activity; complete, cancel and log change it.',
    priority: 'Urgency of the activity.',
    source: 'System or channel that the activity was recorded by.',
    dueAt: 'Time by which the activity has to be done.',
    startAt: 'Time the activity starts.',
    endAt: 'Time the activity ends.',
    duration: 'Length of the activity in minutes.',
    allDay: 'True if the activity lasts whole days, so that times of day do not count.',
    timezone: 'IANA time zone in which the activity takes place, such as Europe/Berlin.',
    completedAt: 'Time the activity was completed; complete and log set it.',
    canceledAt: 'Time the activity was cancelled; cancel sets it.',
    loggedAt: 'Time the activity was recorded by log.',
    reminderAt: 'Time at which the server reminds of the activity, while it is open.',
    remindedAt: 'Time of the last reminder; remind sets it.',
    outcome: 'Result of the activity, such as interested or no answer.',
    recordingUrl: 'URL of a recording.',
    meetingLink: 'URL of the online meeting.',
    deal: 'Deal that the activity concerns.',
    contact: 'Contact that the activity concerns.',
    organization: 'Organization that the activity concerns.',
    campaign: 'Campaign that the activity belongs to.',
    ticket: 'Support ticket that the activity concerns.',
    assignee: 'User, contact or agent who has to carry it out.',
    createdBy: 'User, contact or agent for whom the activity is recorded; $createdBy is who wrote it down.',
    tags: tagsText,
    metadata: metadataText,
    comments: commentsText,
    files: filesText,
    complete:
      'Sets status to Completed and completedAt to now or what you send; moves the times of its contact and deal on.',
    cancel: 'Sets status to Cancelled.',
    log: 'Sets status to Completed and completedAt to now or what you send; without an id, creates the activity.',
    remind: 'Sets remindedAt; called by the server at reminderAt.',
  },
}
