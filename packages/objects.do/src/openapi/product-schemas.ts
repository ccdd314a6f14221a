// The schemas of flags, assignments, members and analyses.

import { type Json, ref } from './components.ts'
import { idPatternOf } from './field-schema.ts'

const text = (description: string): Json => ({ type: 'string', description })
const identifier = (description: string): Json => ({
  type: ['string', 'null'],
  minLength: 1,
  maxLength: 200,
  description,
})
const whole = (description: string): Json => ({ type: 'integer', minimum: 0, description })
const fraction = (description: string): Json => ({ type: ['number', 'null'], description })
const flag = (description: string): Json => ({ type: 'boolean', description })
const list = (items: Json, description: string): Json => ({ type: 'array', items, description })

/** An object of these properties, all of which it has unless `optional` names them. */
function answer(description: string, properties: Json, optional: readonly string[] = []): Json {
  const required = Object.keys(properties).filter((name) => !optional.includes(name))
  return { type: 'object', description, required, properties }
}

const steps = {
  steps: list(ref('FunnelStep'), 'The steps, in order.'),
  conversionRate: { type: 'number', description: 'The last step divided by the first.' },
  total: whole('Units that took the first step.'),
} as const

export const productSchemas = {
  FlagValues: answer('The values of all feature flags for one subject.', {
    $type: { type: 'string', const: 'Flags', description: 'Always Flags.' },
    flags: { type: 'object', additionalProperties: true, description: 'The value of each flag, by its key.' },
  }),
  FlagValue: answer(
    'The value of one feature flag for one subject.',
    {
      $type: { type: 'string', const: 'Flag', description: 'Always Flag.' },
      key: text('Key of the flag.'),
      value: { description: 'The value.' },
      reason: {
        type: 'string',
        enum: ['off', 'experiment', 'rule', 'rollout', 'default'],
        description: 'The part of the flag that decided.',
      },
      variant: text('Key of the variant that gave the value.'),
    },
    ['variant'],
  ),
  AssignmentRequest: {
    type: 'object',
    description: 'A subject that meets an experiment.',
    required: ['experiment'],
    additionalProperties: false,
    properties: {
      experiment: {
        type: 'string',
        pattern: idPatternOf(['[a-z][a-z0-9]*']),
        description: 'Id of the experiment.',
      },
      contact: identifier('Id of the entity that the subject is, such as a contact.'),
      userId: identifier('Identifier of the subject in your application.'),
      anonymousId: identifier('Identifier of a visitor who is not known.'),
      properties: {
        type: 'object',
        additionalProperties: true,
        description: 'What your application knows of the subject.',
      },
    },
  },
  Assignment: answer(
    'The variant of an experiment that a subject has.',
    {
      $type: { type: 'string', const: 'Assignment', description: 'Always Assignment.' },
      experiment: text('Id of the experiment.'),
      variant: { type: ['string', 'null'], description: 'Key of the variant; null if the subject takes no part.' },
      value: { description: 'Value of the variant.' },
      content: { description: 'Content of the variant.' },
      reason: {
        type: 'string',
        enum: ['assigned', 'paused', 'winner', 'not_allocated', 'not_running', 'no_unit'],
        description: 'Why the subject has this variant, or none.',
      },
      isFirst: flag('True if this request recorded the exposure of the subject.'),
    },
    ['value', 'content'],
  ),
  MembersPage: answer('One page of the members of a segment.', {
    results: list({ type: 'object', additionalProperties: true, description: 'A member.' }, 'The members.'),
    total: { type: ['integer', 'null'], minimum: 0, description: 'Number of members, null if it was not counted.' },
    hasMore: flag('True if there are more.'),
    cursor: { type: ['string', 'null'], description: 'Continues the list.' },
  }),
  Analysis: {
    description: 'The analysis of a funnel, an experiment or a goal.',
    anyOf: [ref('FunnelAnalysis'), ref('ExperimentAnalysis'), ref('GoalAnalysis')],
  },
  FunnelStep: answer('One step of a funnel.', {
    name: text('Name of the step.'),
    count: whole('Units that took the step.'),
    rate: { type: 'number', description: 'Of those that took the first step.' },
    dropOff: { type: 'number', description: 'Share of those that took the step before and not this one.' },
    medianTime: fraction('Median milliseconds from the step before; null without units.'),
  }),
  FunnelAnalysis: answer(
    'The units that took the steps of a funnel.',
    {
      $type: { type: 'string', const: 'Analysis', description: 'Always Analysis.' },
      of: text('Id of the funnel.'),
      ...steps,
      step: text('The periods.'),
      periods: list(
        answer('The units that began in one period.', { period: text('Name of the period.'), ...steps }),
        'The units by the period in which they began.',
      ),
      by: text('The field of the groups.'),
      groups: list(
        answer('The units with one value.', { value: { description: 'The value.' }, ...steps }),
        'The units by a field of their first step, the most frequent 100 values.',
      ),
    },
    ['step', 'periods', 'by', 'groups'],
  ),
  ExperimentAnalysis: answer('The variants of an experiment.', {
    $type: { type: 'string', const: 'Analysis', description: 'Always Analysis.' },
    of: text('Id of the experiment.'),
    metric: text('The event or metric that counts as a conversion.'),
    variants: list(ref('VariantResult'), 'The variants; the first one is the control.'),
    sampleSize: whole('Units that saw a variant.'),
    conversions: whole('Units that converted afterwards.'),
    winner: {
      type: ['string', 'null'],
      description: 'Key of the variant with the best rate; null without conversions.',
    },
    confidence: fraction('From 0 to 1, how certain it is that the winner differs from the control.'),
    lift: fraction('Gain of the winner over the control as a fraction.'),
    isSignificant: flag('True from a confidence of 0.95 on.'),
  }),
  VariantResult: answer('One variant of an experiment.', {
    key: text('Key of the variant.'),
    name: text('Name of the variant.'),
    participants: whole('Units that saw it.'),
    conversions: whole('Units that converted afterwards.'),
    rate: { type: 'number', description: 'Conversions divided by participants.' },
    lift: fraction('Gain over the control as a fraction; null for the control.'),
    p: fraction('Probability of such a difference from the control by chance; null for the control.'),
  }),
  GoalAnalysis: answer(
    'The progress of a goal.',
    {
      $type: { type: 'string', const: 'Analysis', description: 'Always Analysis.' },
      of: text('Id of the goal.'),
      target: { type: 'number', description: 'Value to reach.' },
      direction: { type: ['string'], description: 'Side of the target that counts as success.' },
      current: fraction('Value of its metric.'),
      progress: fraction('Percent of the way to the target, from 0 to 100.'),
      status: {
        type: ['string', 'null'],
        enum: ['OnTrack', 'AtRisk', 'Behind', null],
        description: 'State of a goal with this progress.',
      },
      isReached: flag('True if the target is reached.'),
      isOpen: flag('True while the goal is neither reached nor missed.'),
    },
    ['direction'],
  ),
} as const satisfies Json
