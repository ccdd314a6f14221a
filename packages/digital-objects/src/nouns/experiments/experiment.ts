// Experiment: a comparison of variants to find out which one works best.

import { Noun } from '../../noun/noun.ts'
import { givenOrNow, ifEmpty, now } from '../../verb/effect-values.ts'
import { starts, updates } from '../../verb/transition-rows.ts'
import { commentsText, filesText, metadataText, type NounTexts } from '../../noun/noun-texts.ts'

const results = ['winner'] as const
/** Fields that an analysis fills. */
const analyzed = ['results', 'sampleSize', 'conversions', 'confidence', 'lift'] as const

export const Experiment = Noun(
  'Experiment',
  {
    name: 'string!',
    slug: 'string?##',
    description: 'text?',
    hypothesis: 'text?',
    type: 'ABTest | Multivariate | FeatureFlag | MLExperiment | PromptExperiment | Hypothesis',
    status: 'Draft | Started | Running | Paused | Concluded | Completed | Archived | Stopped',
    variants: 'json?',
    targetAudience: 'string?',
    trafficAllocation: 'number(0..100)?',
    goal: 'string?',
    metrics: 'string?',
    primaryMetric: 'string?',
    targetSampleSize: 'number(0..)?',
    sampleSize: 'number(0..)?',
    conversions: 'number(0..)?',
    startAt: 'datetime?',
    endAt: 'datetime?',
    pausedAt: 'datetime?',
    analyzedAt: 'datetime?',
    archivedAt: 'datetime?',
    winner: 'string?',
    confidence: 'number(0..1)?',
    lift: 'number?',
    results: 'json?',
    tags: 'string?',
    organization: '-> Organization.experiments',
    owner: '-> User.ownedExperiments | Contact.ownedExperiments',
    metadata: 'json?',
    comments: '<- Comment.about[]',
    files: '<- Asset.attachedTo[]',
    flags: '<- FeatureFlag.experiment[]',
    start: 'Started',
    conclude: 'Concluded',
    pause: 'Paused',
    stop: 'Stopped',
    analyze: 'Analyzed',
  },
  {
    role: 'experiment',
    state: 'status',
    transitions: [
      ...starts('Running'),
      { from: ['Draft', 'Started', 'Paused'], verb: 'start', to: 'Running' },
      { from: ['Started', 'Running'], verb: 'pause', to: 'Paused' },
      { from: ['Started', 'Running', 'Paused'], verb: 'stop', to: 'Stopped' },
      { from: ['Started', 'Running', 'Paused'], verb: 'conclude', to: 'Concluded' },
      ...updates(['Concluded'], ['Completed']),
      ...updates(['Draft', 'Stopped', 'Concluded', 'Completed'], ['Archived']),
    ],
    states: {
      // Resuming after a pause keeps the first start, because what was measured since then still counts.
      Running: { sets: { startAt: ifEmpty(now) } },
      Paused: { sets: { pausedAt: givenOrNow('pausedAt') }, holds: ['pausedAt'] },
      Stopped: { sets: { endAt: givenOrNow('endAt') } },
      Concluded: { sets: { endAt: givenOrNow('endAt') }, holds: results },
      Completed: { holds: results },
      Archived: { sets: { archivedAt: givenOrNow('archivedAt') }, holds: [...results, 'archivedAt'] },
    },
    categories: {
      Draft: 'open',
      Started: 'running',
      Running: 'running',
      Paused: 'paused',
      Concluded: 'done',
      Completed: 'done',
    },
    effects: {
      conclude: { analyzes: [...analyzed, 'winner'] },
      analyze: {
        analyzes: analyzed,
        repeats: true,
        argumentsRequired: [['results', 'sampleSize', 'conversions', 'winner']],
        sets: { analyzedAt: givenOrNow('analyzedAt') },
      },
    },
  },
)

export const experimentTexts: NounTexts = {
  about: 'A comparison of variants to find out which one works best.',
  descriptions: {
    name: 'Title of the experiment.',
    slug: 'Short name for URLs, unique among experiments.',
    description: 'Text about what is tried and how.',
    hypothesis: 'Result that is expected, and why.',
    type: 'Kind of experiment.',
    status: 'State of the experiment; start, conclude, pause and stop change it.',
    variants:
      'List of variants as JSON: [{ key, name, weight, value, content }], with relative weights; the first is the control.',
    targetAudience: 'People who take part, as text.',
    trafficAllocation: 'Share of the audience that takes part, in percent from 0 to 100.',
    goal: 'Aim of the experiment as text.',
    metrics: 'Names of the metrics that are watched, separated by commas.',
    primaryMetric: 'Name of the event, or of the metric of what happens, that counts as a conversion.',
    targetSampleSize: 'Number of participants that is needed.',
    sampleSize: 'Number of participants so far.',
    conversions: 'Number of participants who converted.',
    startAt: 'Time the experiment first started; start sets it if it is empty.',
    endAt: 'Time the experiment ended; stop and conclude set it.',
    pausedAt: 'Time the experiment was paused; pause sets it and start clears it.',
    analyzedAt: 'Time of the latest analysis; analyze sets it.',
    archivedAt: 'Time the experiment became Archived.',
    winner: 'Key of the variant that won; everybody gets it from then on.',
    confidence: 'Statistical confidence in the winner, from 0 to 1.',
    lift: 'Gain of the winner over the control as a fraction, such as 0.2 for 20 percent.',
    results: 'Result of the latest analysis as JSON.',
    tags: 'Keywords separated by commas.',
    organization: 'Organization that the experiment belongs to.',
    owner: 'User or contact who is responsible for the experiment.',
    metadata: metadataText,
    comments: commentsText,
    files: filesText,
    flags: 'Feature flags that the experiment switches.',
    start: 'Sets status to Running and fills an empty startAt with now.',
    conclude:
      'Sets status to Concluded and endAt to now or what you send; stores winner and lift of the analysis, or yours.',
    pause: 'Sets status to Paused.',
    stop: 'Sets status to Stopped and endAt to now, or to the time you send.',
    analyze: 'Compares the variants, and stores results, sampleSize, conversions, confidence and lift, or yours.',
  },
}
