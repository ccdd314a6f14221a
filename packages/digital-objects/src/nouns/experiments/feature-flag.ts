// FeatureFlag: a switch that turns a feature on for some or all users.

import { Noun } from '../../noun/noun.ts'
import { first, given, literal, when } from '../../verb/effect-values.ts'
import { commentsText, filesText, metadataText, type NounTexts } from '../../noun/noun-texts.ts'

export const FeatureFlag = Noun(
  'FeatureFlag',
  {
    key: 'string!##',
    name: 'string?',
    description: 'text?',
    type: 'Boolean | String | Number | JSON',
    status: 'Draft | Active | Enabled | Disabled | Paused | RolledOut | Archived',
    defaultValue: 'string?',
    variant: 'string?',
    variants: 'json?',
    targetingRules: 'json?',
    rolloutPercentage: 'number?',
    evaluations: 'number?',
    lastEvaluatedAt: 'datetime?',
    organization: '-> Organization.featureFlags',
    experiment: '-> Experiment.flags',
    metadata: 'json?',
    comments: '<- Comment.about[]',
    files: '<- Asset.attachedTo[]',
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

export const featureFlagTexts: NounTexts = {
  about: 'A switch that turns a feature on for some or all users.',
  descriptions: {
    key: 'Name by which code asks for the flag, unique among flags.',
    name: 'Name of the flag as people see it.',
    description: 'Text about what the flag switches.',
    type: 'Type of the flag value.',
    status: 'State of the flag; enable, disable and rollout change it.',
    defaultValue: 'Value for users who do not get the feature, as text.',
    variant: 'Value or variant for users who get the feature, as text.',
    variants: 'Possible values of the flag as JSON.',
    targetingRules: 'Rules as JSON that decide who gets which value; the first match counts.',
    rolloutPercentage: 'Share of users who get the feature, in percent from 0 to 100; rollout sets it.',
    evaluations: 'Number of times the flag was evaluated, as your application reports it.',
    lastEvaluatedAt: 'Time the flag was last evaluated, as your application reports it.',
    organization: 'Organization that the flag belongs to.',
    experiment: 'Experiment that switches the flag.',
    metadata: metadataText,
    comments: commentsText,
    files: filesText,
    rollout:
      'Sets rolloutPercentage to the percentage you send, else 100, and status to RolledOut at 100, otherwise to Enabled.',
    enable: 'Sets status to Enabled.',
    disable: 'Sets status to Disabled.',
  },
}
