// Form: a list of questions that people answer on a page.

import { Noun } from '../../noun/noun.ts'
import { after, first, given, givenOrNow, literal, memberOf, now, path } from '../../verb/effect-values.ts'
import { starts, stays, updates } from '../../verb/transition-rows.ts'
import type { EffectValue, RelatedEffect } from '../../noun/verb-effect.ts'
import { commentsText, filesText, metadataText, tagsText, type NounTexts } from '../../noun/noun-texts.ts'

/** The person of a submission is known by the answers with these names. */
const answer = (name: string): EffectValue => memberOf('data', name)
const person = {
  name: first(answer('name'), answer('email'), after('name')),
  email: answer('email'),
  source: first(memberOf('utm', 'source'), literal('form')),
}
const campaign = first(given('campaign'), after('campaign'))

/** Each submission is an Event; it can become a contact or a lead in the same commit. */
const submission: readonly RelatedEffect[] = [
  { kind: 'find', noun: 'Contact', by: { email: answer('email') }, as: '$contact' },
  {
    kind: 'create',
    noun: 'Contact',
    verb: 'capture',
    sets: {
      ...person,
      firstName: answer('firstName'),
      lastName: answer('lastName'),
      phone: answer('phone'),
      title: answer('title'),
    },
    as: '$contact',
    when: [
      { field: 'autoCapture', equals: 'Contact' },
      { named: '$contact', has: false },
    ],
  },
  {
    kind: 'create',
    noun: 'Lead',
    sets: {
      ...person,
      company: answer('company'),
      need: first(answer('need'), answer('message')),
      sourceDetail: after('name'),
      contact: path('$contact'),
      campaign,
    },
    when: { field: 'autoCapture', equals: 'Lead' },
  },
  {
    kind: 'create',
    noun: 'Event',
    sets: {
      name: literal('form_submitted'),
      timestamp: now,
      source: literal('API'),
      target: { kind: 'id' },
      properties: {
        kind: 'object',
        members: { form: { kind: 'id' }, campaign, utm: given('utm'), data: given('data') },
      },
      contact: path('$contact'),
    },
  },
]

export const Form = Noun(
  'Form',
  {
    name: 'string!',
    description: 'text?',
    status: 'Draft | Active | Published | Archived',
    fields: 'json?',
    submissionCount: 'number(0..) = 0',
    lastSubmission: 'json? personal',
    lastSubmittedAt: 'datetime?',
    publishedAt: 'datetime?',
    archivedAt: 'datetime?',
    autoCapture: 'Lead | Contact',
    segment: '-> Segment.forms',
    campaign: '-> Campaign.forms',
    organization: '-> Organization.forms',
    tags: 'string[]#',
    metadata: 'json?',
    comments: '<- Comment.about[]',
    files: '<- Asset.attachedTo[]',
    publish: 'Published',
    archive: 'Archived',
    submit: 'Submitted',
  },
  {
    state: 'status',
    strict: true,
    transitions: [
      ...starts('Active', 'Published'),
      { from: ['Draft', 'Active', 'Archived'], verb: 'publish', to: 'Published' },
      { from: ['Draft', 'Active', 'Published'], verb: 'archive', to: 'Archived' },
      ...updates(['Active', 'Published', 'Archived'], ['Draft']),
      ...updates(['Draft', 'Published'], ['Active']),
      ...stays('submit', ['Published']),
    ],
    states: {
      Published: { sets: { publishedAt: givenOrNow('publishedAt') }, holds: ['publishedAt'] },
      Archived: { sets: { archivedAt: givenOrNow('archivedAt') }, holds: ['publishedAt', 'archivedAt'] },
    },
    effects: {
      publish: {
        answers: { questions: 'fields' },
      },
      // The argument `campaign` says where this submission came from; the field `campaign` stays as it is.
      submit: {
        strangers: { origin: 'form' },
        repeats: true,
        argumentsOnly: ['data', 'campaign', 'utm'],
        argumentTypes: { campaign: 'id' },
        answers: { questions: 'fields', argument: 'data' },
        related: submission,
        sets: {
          submissionCount: { kind: 'add', amount: 1 },
          lastSubmission: { kind: 'arguments', names: ['data', 'campaign', 'utm'] },
          lastSubmittedAt: now,
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
    lastSubmittedAt: 'Time of the latest submission; submit sets it.',
    publishedAt: 'Time the form was published; publish sets it.',
    archivedAt: 'Time the form was archived; archive sets it.',
    autoCapture: 'Kind of entity that each submission becomes, besides the event form_submitted.',
    segment: 'Segment that the form is aimed at.',
    campaign: 'Campaign that the form belongs to.',
    organization: 'Organization that the form belongs to.',
    tags: tagsText,
    metadata: metadataText,
    comments: commentsText,
    files: filesText,
    publish: 'Sets status to Published.',
    archive: 'Sets status to Archived.',
    submit:
      'Checks and stores data, as an Event and in lastSubmission; adds 1 to submissionCount; 409 unless Published.',
  },
}
