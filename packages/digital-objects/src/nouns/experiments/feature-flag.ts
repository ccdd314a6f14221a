// FeatureFlag: a switch that turns a feature on for some or all users.

import { Noun } from '../../noun/noun.ts'
import { before, first, given, givenOrNow, literal, when } from '../../verb/effect-values.ts'
import { starts, updates } from '../../verb/transition-rows.ts'
import { commentsText, filesText, metadataText, tagsText, type NounTexts } from '../../noun/noun-texts.ts'

const live = ['Draft', 'Active', 'Enabled', 'Disabled', 'Paused', 'RolledOut'] as const

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
    rolloutPercentage: 'number(0..100)?',
    evaluations: 'number(0..)?',
    lastEvaluatedAt: 'datetime?',
    enabledAt: 'datetime?',
    disabledAt: 'datetime?',
    rolledOutAt: 'datetime?',
    archivedAt: 'datetime?',
    organization: '-> Organization.featureFlags',
    experiment: '-> Experiment.flags',
    tags: 'string[]#',
    metadata: 'json?',
    comments: '<- Comment.about[]',
    files: '<- Asset.attachedTo[]',
    rollout: 'RolledOut',
    enable: 'Enabled',
    disable: 'Disabled',
  },
  {
    role: 'flag',
    state: 'status',
    transitions: [
      ...starts('Active', 'Enabled', 'Disabled', 'RolledOut'),
      { from: ['Draft', 'Active', 'Disabled', 'Paused', 'RolledOut'], verb: 'enable', to: 'Enabled' },
      { from: ['Draft', 'Active', 'Enabled', 'Paused', 'RolledOut'], verb: 'disable', to: 'Disabled' },
      { from: live, verb: 'rollout', to: 'RolledOut' },
      { from: live, verb: 'rollout', to: 'Enabled' },
      ...updates(live, ['Draft', 'Active', 'Paused', 'Archived']),
      ...updates(['Archived'], ['Draft', 'Disabled']),
    ],
    states: {
      Enabled: { sets: { enabledAt: givenOrNow('enabledAt') }, holds: ['enabledAt'] },
      RolledOut: { sets: { rolledOutAt: givenOrNow('rolledOutAt') }, holds: ['enabledAt'] },
      Disabled: { sets: { disabledAt: givenOrNow('disabledAt') }, holds: ['disabledAt'] },
      Archived: { sets: { archivedAt: givenOrNow('archivedAt') }, holds: ['archivedAt'] },
    },
    fills: { name: { kind: 'following', fields: ['key'], value: before('key') } },
    categories: {
      Active: 'on',
      Enabled: 'on',
      RolledOut: 'on',
      Draft: 'off',
      Disabled: 'off',
      Paused: 'off',
      Archived: 'off',
    },
    effects: {
      rollout: {
        argumentAliases: { percentage: 'rolloutPercentage', percent: 'rolloutPercentage' },
        sets: {
          rolloutPercentage: first(given('rolloutPercentage'), literal(100)),
          status: when('rolloutPercentage', 100, { then: literal('RolledOut'), otherwise: literal('Enabled') }),
          rolledOutAt: givenOrNow('rolledOutAt'),
        },
      },
    },
  },
)

export const featureFlagTexts: NounTexts = {
  about: 'A switch that turns a feature on for some or all users.',
  descriptions: {
    key: 'Name by which code asks for the flag, unique among flags.',
    name: 'Name of the flag as people see it; by default its key.',
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
    enabledAt: 'Time the flag was enabled; enable sets it and disable clears it.',
    disabledAt: 'Time the flag was disabled; disable sets it and enable clears it.',
    rolledOutAt: 'Time of the latest rollout; rollout sets it.',
    archivedAt: 'Time the flag became Archived.',
    organization: 'Organization that the flag belongs to.',
    experiment: 'Experiment that switches the flag.',
    tags: tagsText,
    metadata: metadataText,
    comments: commentsText,
    files: filesText,
    rollout:
      'Sets rolloutPercentage to the percentage you send, else 100, and status to RolledOut at 100, otherwise to Enabled.',
    enable: 'Sets status to Enabled.',
    disable: 'Sets status to Disabled.',
  },
}
