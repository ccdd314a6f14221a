// Form: a list of questions that people answer on a page.

import { Noun } from '../../noun/noun.ts'
import { commentsText, filesText, metadataText, type NounTexts } from '../../noun/noun-texts.ts'

export const Form = Noun(
  'Form',
  {
    name: 'string!',
    description: 'text?',
    status: 'Draft | Active | Published | Archived',
    fields: 'json?',
    submissionCount: 'number = 0',
    lastSubmission: 'json?',
    segment: '-> Segment.forms',
    campaign: '-> Campaign.forms',
    organization: '-> Organization.forms',
    metadata: 'json?',
    comments: '<- Comment.about[]',
    files: '<- Asset.attachedTo[]',
    publish: 'Published',
    archive: 'Archived',
    submit: 'Submitted',
  },
  {
    effects: {
      publish: { from: { field: 'status', values: ['Draft', 'Archived'], hard: false } },
      archive: { from: { field: 'status', values: ['Published'], hard: false } },
      // The argument `campaign` says where this submission came from; the field `campaign` stays as it is.
      submit: {
        from: { field: 'status', values: ['Published'], hard: true },
        argumentsOnly: ['data', 'campaign', 'utm'],
        sets: {
          submissionCount: { kind: 'add', amount: 1 },
          lastSubmission: { kind: 'arguments', names: ['data', 'campaign', 'utm'] },
        },
      },
    },
  },
)

export const formTexts: NounTexts = {
  about: 'A list of questions that people answer on a page.',
  descriptions: {
    name: 'Title of the form.',
    description: 'Text that introduces the form.',
    status: 'State of the form; only a Published form takes submissions.',
    fields: 'List of questions as JSON: [{ name, type, required, options }].',
    submissionCount: 'Number of submissions; submit adds 1.',
    lastSubmission: 'Latest submission as JSON: { data, campaign, utm, at }; submit sets it.',
    segment: 'Segment that the form is aimed at.',
    campaign: 'Campaign that the form belongs to.',
    organization: 'Organization that the form belongs to.',
    metadata: metadataText,
    comments: commentsText,
    files: filesText,
    publish: 'Sets status to Published.',
    archive: 'Sets status to Archived.',
    submit: 'Adds 1 to submissionCount and stores data, campaign and utm in lastSubmission; 409 unless Published.',
  },
}
