// Project: a piece of work with a goal and an end, made up of issues.

import { Noun } from '../../noun/noun.ts'
import { givenOrNow } from '../../verb/effect-values.ts'
import { starts } from '../../verb/transition-rows.ts'
import { commentsText, filesText, metadataText, type NounTexts } from '../../noun/noun-texts.ts'

export const Project = Noun(
  'Project',
  {
    name: 'string!',
    slug: 'string?##',
    description: 'text?',
    status: 'Active | Archived | Completed',
    visibility: 'Public | Private',
    startDate: 'date?',
    targetDate: 'date?',
    completedAt: 'datetime?',
    archivedAt: 'datetime?',
    activatedAt: 'datetime?',
    tags: 'string?',
    organization: '-> Organization.projects',
    owner: '-> User.ownedProjects | Contact.ownedProjects',
    metadata: 'json?',
    comments: '<- Comment.about[]',
    files: '<- Asset.attachedTo[]',
    issues: '<- Issue.project[]',
    archive: 'Archived',
    complete: 'Completed',
    activate: 'Activated',
  },
  {
    state: 'status',
    transitions: [
      ...starts('Archived', 'Completed'),
      { from: ['Active', 'Completed'], verb: 'archive', to: 'Archived' },
      { from: ['Active'], verb: 'complete', to: 'Completed' },
      { from: ['Archived', 'Completed'], verb: 'activate', to: 'Active' },
    ],
    states: {
      Active: { sets: { activatedAt: givenOrNow('activatedAt') } },
      Archived: { sets: { archivedAt: givenOrNow('archivedAt') }, holds: ['archivedAt', 'completedAt'] },
      Completed: { sets: { completedAt: givenOrNow('completedAt') }, holds: ['completedAt'] },
    },
    categories: { Active: 'open', Completed: 'done', Archived: 'done' },
  },
)

export const projectTexts: NounTexts = {
  about: 'A piece of work with a goal and an end, made up of issues.',
  descriptions: {
    name: 'Title of the project.',
    slug: 'Short name for URLs, unique among projects.',
    description: 'Text about what the project is to achieve.',
    status: 'State of the project; archive, complete and activate change it.',
    visibility: 'Audience that the project is meant for.',
    startDate: 'Date on which work starts.',
    targetDate: 'Date on which the project is to be finished.',
    completedAt: 'Time the project was completed; complete sets it and activate clears it.',
    archivedAt: 'Time the project was archived; archive sets it and activate clears it.',
    activatedAt: 'Time the project was last activated again; activate sets it.',
    tags: 'Keywords separated by commas.',
    organization: 'Organization that the project is for.',
    owner: 'User or contact who is responsible for the project.',
    metadata: metadataText,
    comments: commentsText,
    files: filesText,
    issues: 'Issues of the project.',
    archive: 'Sets status to Archived.',
    complete: 'Sets status to Completed.',
    activate: 'Sets status to Active.',
  },
}
