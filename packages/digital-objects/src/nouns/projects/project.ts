// Project: a piece of work with a goal and an end, made up of issues.

import { Noun } from '../../noun/noun.ts'
import { literal } from '../../verb/effect-values.ts'
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
