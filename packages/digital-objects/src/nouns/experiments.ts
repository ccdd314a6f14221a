// Trying things out on some before all: experiments, and the flags that switch them.

import { Noun } from '../noun/noun.ts'
import { first, given, givenOrNow, ifEmpty, literal, now, when } from './effect-values.ts'

export const Experiment = Noun(
  'Experiment',
  {
    name: 'string!',
    slug: 'string?##',
    description: 'string?',
    hypothesis: 'string?',
    type: 'ABTest | Multivariate | FeatureFlag | MLExperiment | PromptExperiment | Hypothesis',
    status: 'Draft | Started | Running | Paused | Concluded | Completed | Archived | Stopped',
    // [{ key, name, weight, value, content }]
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
    // 0 to 1.
    confidence: 'number?',
    lift: 'number?',
    results: 'json?',
    tags: 'string?',
    organization: '-> Organization',
    owner: '-> User | Contact',
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
      // Going on after a pause keeps the first start: what was measured since then counts.
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

export const FeatureFlag = Noun(
  'FeatureFlag',
  {
    key: 'string!##',
    // Filled by the server from `key`.
    name: 'string?',
    description: 'string?',
    type: 'Boolean | String | Number | JSON',
    status: 'Draft | Active | Enabled | Disabled | Paused | RolledOut | Archived',
    defaultValue: 'string?',
    variant: 'string?',
    variants: 'json?',
    targetingRules: 'json?',
    rolloutPercentage: 'number?',
    evaluations: 'number?',
    lastEvaluatedAt: 'datetime?',
    organization: '-> Organization',
    experiment: '-> Experiment.flags',
    metadata: 'json?',
    rollout: 'RolledOut',
    enable: 'Enabled',
    disable: 'Disabled',
  },
  {
    effects: {
      rollout: {
        argumentAliases: { percentage: 'rolloutPercentage', percent: 'rolloutPercentage' },
        sets: {
          rolloutPercentage: first(given('rolloutPercentage'), literal(100)),
          status: when('rolloutPercentage', 100, { then: literal('RolledOut'), otherwise: literal('Enabled') }),
        },
      },
    },
  },
)
