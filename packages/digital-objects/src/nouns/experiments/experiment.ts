// Experiment: a comparison of variants to find out which one works best.

import { Noun } from '../../noun/noun.ts'
import { givenOrNow, ifEmpty, literal, now } from '../../verb/effect-values.ts'
import { metadataText, type NounTexts } from '../../noun/noun-texts.ts'

export const Experiment = Noun(
  'Experiment',
  {
    name: 'string!',
    slug: 'string?##',
    description: 'string?',
    hypothesis: 'string?',
    type: 'ABTest | Multivariate | FeatureFlag | MLExperiment | PromptExperiment | Hypothesis',
    status: 'Draft | Started | Running | Paused | Concluded | Completed | Archived | Stopped',
    variants: 'json?',
    targetAudience: 'string?',
    trafficAllocation: 'number?',
    goal: 'string?',
    metrics: 'string?',
    primaryMetric: 'string?',
    targetSampleSize: 'number?',
    sampleSize: 'number?',
    conversions: 'number?',
    startAt: 'datetime?',
    endAt: 'datetime?',
    winner: 'string?',
    confidence: 'number?',
    lift: 'number?',
    results: 'json?',
    tags: 'string?',
    organization: '-> Organization.experiments',
    owner: '-> User.ownedExperiments | Contact.ownedExperiments',
    metadata: 'json?',
    flags: '<- FeatureFlag.experiment[]',
    start: 'Started',
    conclude: 'Concluded',
    pause: 'Paused',
    stop: 'Stopped',
    analyze: 'Analyzed',
  },
  {
    effects: {
      // Resuming after a pause keeps the first start, because what was measured since then still counts.
      start: {
        from: { field: 'status', values: ['Draft', 'Paused'], hard: false },
        sets: { status: literal('Running'), startAt: ifEmpty(now) },
      },
      pause: { from: { field: 'status', values: ['Running'], hard: false } },
      stop: {
        from: { field: 'status', values: ['Running', 'Paused'], hard: false },
        sets: { endAt: givenOrNow('endAt') },
      },
      conclude: {
        from: { field: 'status', values: ['Running', 'Paused'], hard: false },
        sets: { endAt: givenOrNow('endAt') },
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
    variants: 'List of variants as JSON: [{ key, name, weight, value, content }], with relative weights.',
    targetAudience: 'People who take part, as text.',
    trafficAllocation: 'Share of the audience that takes part, in percent from 0 to 100.',
    goal: 'Aim of the experiment as text.',
    metrics: 'Names of the metrics that are watched, separated by commas.',
    primaryMetric: 'Name of the metric that decides.',
    targetSampleSize: 'Number of participants that is needed.',
    sampleSize: 'Number of participants so far.',
    conversions: 'Number of participants who converted.',
    startAt: 'Time the experiment first started; start sets it if it is empty.',
    endAt: 'Time the experiment ended; stop and conclude set it.',
    winner: 'Key of the variant that won.',
    confidence: 'Statistical confidence in the winner, from 0 to 1.',
    lift: 'Gain of the winner over the control as a fraction, such as 0.2 for 20 percent.',
    results: 'Result of the latest analysis as JSON.',
    tags: 'Keywords separated by commas.',
    organization: 'Organization that the experiment belongs to.',
    owner: 'User or contact who is responsible for the experiment.',
    metadata: metadataText,
    flags: 'Feature flags that the experiment switches.',
    start: 'Sets status to Running and fills an empty startAt with now.',
    conclude: 'Sets status to Concluded and endAt to now or what you send; stores winner, confidence and lift if sent.',
    pause: 'Sets status to Paused.',
    stop: 'Sets status to Stopped and endAt to now, or to the time you send.',
    analyze: 'Stores the fields you send, such as sampleSize, and records the event Experiment.Analyzed.',
  },
}
