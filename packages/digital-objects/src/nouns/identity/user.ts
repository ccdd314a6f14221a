// User: a person who works in this tenant, such as an employee or an administrator.

import { Noun } from '../../noun/noun.ts'
import { given, ifEmpty, literal } from '../../verb/effect-values.ts'
import { commentsText, filesText, metadataText, type NounTexts } from '../../noun/noun-texts.ts'

export const User = Noun(
  'User',
  {
    name: 'string!',
    email: 'email!##',
    avatar: 'url?',
    role: 'Admin | Member | Viewer',
    status: 'Active | Suspended | Invited',
    lastSeenAt: 'datetime?',
    metadata: 'json?',
    comments: '<- Comment.about[]',
    files: '<- Asset.attachedTo[]',
    assignedContacts: '<- Contact.assignee[]',
    ownedLeads: '<- Lead.owner[]',
    ownedDeals: '<- Deal.owner[]',
    assignedActivities: '<- Activity.assignee[]',
    createdActivities: '<- Activity.createdBy[]',
    ownedProjects: '<- Project.owner[]',
    assignedIssues: '<- Issue.assignee[]',
    reportedIssues: '<- Issue.reporter[]',
    authoredComments: '<- Comment.author[]',
    authoredContent: '<- Content.author[]',
    uploadedAssets: '<- Asset.uploadedBy[]',
    assignedTickets: '<- Ticket.assignee[]',
    ownedCampaigns: '<- Campaign.owner[]',
    ownedExperiments: '<- Experiment.owner[]',
    ownedAgents: '<- Agent.owner[]',
    sentMessages: '<- Message.sender[]',
    messages: '<- Message.recipient[]',
    invite: 'Invited',
    suspend: 'Suspended',
    activate: 'Activated',
  },
  {
    effects: {
      // Until the person has a name, the email address stands in for it.
      invite: { creates: true, sets: { name: ifEmpty(given('email')) } },
      suspend: { from: { field: 'status', values: ['Active'], hard: false } },
      activate: {
        from: { field: 'status', values: ['Invited', 'Suspended'], hard: false },
        sets: { status: literal('Active') },
      },
    },
  },
)

export const userTexts: NounTexts = {
  about: 'A person who works in this tenant, such as an employee or an administrator.',
  descriptions: {
    name: 'Full name of the person; invite uses the email address if you send no name.',
    email: 'Email address of the person, unique among users.',
    avatar: 'URL of the profile picture.',
    role: 'Responsibility of the person in the tenant.',
    status: 'State of the account; invite, suspend and activate change it.',
    lastSeenAt: 'Time the person was last active, as your application reports it.',
    metadata: metadataText,
    comments: commentsText,
    files: filesText,
    assignedContacts: 'Contacts that are assigned to this user.',
    ownedLeads: 'Leads that this user owns.',
    ownedDeals: 'Deals that this user owns.',
    assignedActivities: 'Activities that this user has to carry out.',
    createdActivities: 'Activities that are recorded as made by this user.',
    ownedProjects: 'Projects that this user is responsible for.',
    assignedIssues: 'Issues that this user works on.',
    reportedIssues: 'Issues that this user reported.',
    authoredComments: 'Comments that this user wrote.',
    authoredContent: 'Pages and articles that this user wrote.',
    uploadedAssets: 'Files that this user uploaded.',
    assignedTickets: 'Support tickets that this user handles.',
    ownedCampaigns: 'Campaigns that this user is responsible for.',
    ownedExperiments: 'Experiments that this user is responsible for.',
    ownedAgents: 'Agents that this user is responsible for.',
    sentMessages: 'Messages that this user sent.',
    messages: 'Messages that are addressed to this user.',
    invite: 'Sets status to Invited and sends nothing; without an id, creates the user from the email you send.',
    suspend: 'Sets status to Suspended.',
    activate: 'Sets status to Active.',
  },
}
