// Goal: a target value that is to be reached by a deadline.

import { Noun } from '../../noun/noun.ts'
import { first, given, givenOrNow, literal, path } from '../../verb/effect-values.ts'
import { starts, updates } from '../../verb/transition-rows.ts'
import { commentsText, filesText, metadataText, tagsText, type NounTexts } from '../../noun/noun-texts.ts'

export const Goal = Noun(
  'Goal',
  {
    name: 'string!',
    description: 'text?',
    target: 'number!',
    current: 'number?',
    unit: 'string?',
    direction: 'above | below',
    period: 'Daily | Weekly | Monthly | Quarterly | Yearly',
    status: 'OnTrack | AtRisk | Behind | Achieved | Completed | Missed | Reset',
    deadline: 'datetime?',
    achievedAt: 'datetime?',
    completedAt: 'datetime?',
    missedAt: 'datetime?',
    resetAt: 'datetime?',
    checkedAt: 'datetime?',
    dimensions: 'json?',
    metric: '-> Metric.goals',
    parent: '-> Goal.keyResults',
    organization: '-> Organization.goals',
    tags: 'string[]#',
    metadata: 'json?',
    comments: '<- Comment.about[]',
    files: '<- Asset.attachedTo[]',
    keyResults: '<- Goal.parent[]',
    achieve: 'Achieved',
    complete: 'Completed',
    miss: 'Missed',
    reset: 'Reset',
    check: 'Checked',
  },
  {
    state: 'status',
    transitions: [
      ...starts('AtRisk', 'Behind'),
      ...updates(['OnTrack', 'AtRisk', 'Behind', 'Reset'], ['OnTrack', 'AtRisk', 'Behind']),
      { from: ['OnTrack', 'AtRisk', 'Behind'], verb: 'achieve', to: 'Achieved' },
      { from: ['Achieved'], verb: 'complete', to: 'Completed' },
      { from: ['OnTrack', 'AtRisk', 'Behind'], verb: 'miss', to: 'Missed' },
      {
        from: ['OnTrack', 'AtRisk', 'Behind', 'Achieved', 'Completed', 'Missed', 'Reset'],
        verb: 'reset',
        to: 'OnTrack',
      },
    ],
    states: {
      Achieved: { sets: { achievedAt: givenOrNow('achievedAt') }, holds: ['achievedAt'] },
      Completed: { sets: { completedAt: givenOrNow('completedAt') }, holds: ['achievedAt', 'completedAt'] },
      Missed: { sets: { missedAt: givenOrNow('missedAt') }, holds: ['missedAt'] },
    },
    categories: {
      OnTrack: 'open',
      AtRisk: 'open',
      Behind: 'open',
      Achieved: 'won',
      Completed: 'won',
      Missed: 'lost',
    },
    effects: {
      check: {
        repeats: true,
        needs: ['current'],
        sets: { current: first(given('current'), path('metric.value')), checkedAt: givenOrNow('checkedAt') },
      },
      reset: { sets: { current: literal(0), resetAt: givenOrNow('resetAt') } },
    },
    schedules: [
      { at: 'deadline', when: { status: ['OnTrack', 'AtRisk', 'Behind'] }, call: 'miss' },
      { at: 'deadline', when: { status: 'Achieved' }, call: 'complete' },
    ],
  },
)

export const goalTexts: NounTexts = {
  about: 'A target value that is to be reached by a deadline.',
  descriptions: {
    name: 'Title of the goal.',
    description: 'Text about why the goal matters.',
    target: 'Value to reach.',
    current: 'Value reached so far; check takes that of the metric, and reset sets it to 0.',
    unit: 'Unit of target and current, such as USD or %.',
    direction: 'Side of the target that counts as success.',
    period: 'Length of one round of the goal.',
    status: 'State of the goal; achieve, complete, miss and reset change it.',
    deadline: 'Time by which the target is to be reached; then the server calls miss, or complete if it was achieved.',
    achievedAt: 'Time the target was reached; achieve sets it and reset clears it.',
    completedAt: 'Time the round was completed; complete sets it and reset clears it.',
    missedAt: 'Time the goal was missed; miss sets it and reset clears it.',
    resetAt: 'Time of the latest reset; reset sets it.',
    checkedAt: 'Time of the latest check; check sets it.',
    dimensions: 'Properties that narrow down what is measured, as JSON.',
    metric: 'Metric that the goal follows.',
    parent: 'Goal that this one is a key result of.',
    organization: 'Organization that the goal belongs to.',
    tags: tagsText,
    metadata: metadataText,
    comments: commentsText,
    files: filesText,
    keyResults: 'Goals that are key results of this one.',
    achieve: 'Sets status to Achieved.',
    complete: 'Sets status to Completed.',
    miss: 'Sets status to Missed.',
    reset: 'Sets status to OnTrack and current to 0.',
    check: 'Sets current to the value of the metric, or to what you send.',
  },
}
