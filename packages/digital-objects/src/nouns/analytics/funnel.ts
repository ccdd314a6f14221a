// Funnel: a sequence of steps that people take, such as from visit to purchase.

import { Noun } from '../../noun/noun.ts'
import { givenOrNow } from '../../verb/effect-values.ts'
import { starts } from '../../verb/transition-rows.ts'
import { commentsText, filesText, metadataText, tagsText, type NounTexts } from '../../noun/noun-texts.ts'

export const Funnel = Noun(
  'Funnel',
  {
    name: 'string!',
    description: 'text?',
    status: 'Draft | Activated',
    steps: 'json?',
    conversionRate: 'number(0..100)?',
    results: 'json?',
    activatedAt: 'datetime?',
    analyzedAt: 'datetime?',
    organization: '-> Organization.funnels',
    tags: 'string[]#',
    metadata: 'json?',
    comments: '<- Comment.about[]',
    files: '<- Asset.attachedTo[]',
    analyze: 'Analyzed',
    activate: 'Activated',
  },
  {
    role: 'funnel',
    state: 'status',
    transitions: [
      ...starts('Activated'),
      { from: ['Draft'], verb: 'activate', to: 'Activated' },
      { from: ['Activated'], verb: 'update', to: 'Draft' },
    ],
    states: { Activated: { sets: { activatedAt: givenOrNow('activatedAt') }, holds: ['activatedAt'] } },
    effects: {
      analyze: {
        repeats: true,
        argumentsOnly: ['filter'],
        analyzes: ['results', 'conversionRate'],
        argumentsRequired: [['results', 'conversionRate']],
        sets: { analyzedAt: givenOrNow('analyzedAt') },
      },
    },
  },
)

export const funnelTexts: NounTexts = {
  about: 'A sequence of steps that people take, such as from visit to purchase.',
  descriptions: {
    name: 'Title of the funnel.',
    description: 'Text about what the funnel measures.',
    status: 'State of the funnel; activate makes it Activated.',
    steps: 'List of 2 to 12 steps as JSON: names of events, or [{ name, event, from, filter, at, unit }].',
    conversionRate: 'Share of people who reach the last step, in percent from 0 to 100.',
    results: 'Result of the latest analysis as JSON.',
    activatedAt: 'Time the funnel was activated; activate sets it.',
    analyzedAt: 'Time of the latest analysis; analyze sets it.',
    organization: 'Organization that the funnel belongs to.',
    tags: tagsText,
    metadata: metadataText,
    comments: commentsText,
    files: filesText,
    analyze:
      'Counts who takes the steps, and stores results and conversionRate, or yours; filter limits the first step.',
    activate: 'Sets status to Activated.',
  },
}
