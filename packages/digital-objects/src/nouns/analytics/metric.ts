// Metric: a named number that is measured over time.

import { Noun } from '../../noun/noun.ts'
import { before, given, givenOrNow, literal, now, when } from '../../verb/effect-values.ts'
import { named } from '../../verb/transition-rows.ts'
import { commentsText, filesText, metadataText, tagsText, type NounTexts } from '../../noun/noun-texts.ts'

export const Metric = Noun(
  'Metric',
  {
    name: 'string!#',
    value: 'number = 0',
    type: 'Counter | Gauge | Histogram | Summary | Rate',
    unit: 'string?',
    dimensions: 'json?',
    timestamp: 'datetime?',
    resetAt: 'datetime?',
    snapshotAt: 'datetime?',
    definition: 'json?',
    alertAbove: 'number?',
    alertBelow: 'number?',
    alertMargin: 'number(0..)?',
    watch: 'Inside | Above | Below',
    crossedValue: 'number?',
    crossedAt: 'datetime?',
    settledAt: 'datetime?',
    organization: '-> Organization.metrics',
    tags: 'string[]#',
    metadata: 'json?',
    comments: '<- Comment.about[]',
    files: '<- Asset.attachedTo[]',
    goals: '<- Goal.metric[]',
    record: 'Recorded',
    reset: 'Reset',
    snapshot: 'Snapshotted',
    cross: 'Crossed',
    settle: 'Settled',
  },
  {
    role: 'metric',
    state: 'watch',
    transitions: [
      ...named('cross', ['Inside', 'Above', 'Below'], ['Above', 'Below']),
      { from: ['Above', 'Below'], verb: 'settle', to: 'Inside' },
    ],
    categories: { Inside: 'inside', Above: 'above', Below: 'below' },
    effects: {
      cross: { systemOnly: true, sets: { crossedAt: now } },
      settle: { systemOnly: true, sets: { settledAt: now } },
      // The same value measured again is another measurement.
      record: {
        repeats: true,
        argumentsRequired: ['value'],
        sets: {
          value: when('type', 'Counter', {
            then: { kind: 'sum', of: [before('value'), given('value')] },
            otherwise: given('value'),
          }),
          timestamp: givenOrNow('timestamp'),
        },
      },
      snapshot: { repeats: true, sets: { timestamp: givenOrNow('timestamp'), snapshotAt: givenOrNow('snapshotAt') } },
      reset: { sets: { value: literal(0), resetAt: givenOrNow('resetAt') } },
    },
  },
)

export const metricTexts: NounTexts = {
  about: 'A named number that is measured over time.',
  descriptions: {
    name: 'Name of the metric, such as signups.',
    value: 'Latest value; record and reset change it.',
    type: 'Kind of metric; record adds to a Counter and replaces the value of any other kind.',
    unit: 'Unit of the value, such as USD, ms or %.',
    dimensions: 'Properties that narrow down what is measured, as JSON.',
    timestamp: 'Time of the latest value; record sets it.',
    resetAt: 'Time of the latest reset; reset sets it.',
    snapshotAt: 'Time of the latest snapshot; snapshot sets it.',
    definition: 'Formula that computes the value from other entities, as docs/metrics.md describes.',
    alertAbove: 'Limit above which the metric is alerted.',
    alertBelow: 'Limit below which the metric is alerted.',
    alertMargin: 'Part by which the value has to come back inside a limit before the alert ends.',
    watch: 'Side of its limits on which the metric is; the server calls cross and settle.',
    crossedValue: 'Value when the metric last crossed or came back inside its limits.',
    crossedAt: 'Time the metric last crossed a limit; cross sets it.',
    settledAt: 'Time the metric last came back inside its limits; settle sets it.',
    organization: 'Organization that the metric is about.',
    tags: tagsText,
    metadata: metadataText,
    comments: commentsText,
    files: filesText,
    goals: 'Goals that follow the metric.',
    record: 'Adds the value you send to a Counter or stores it otherwise; sets timestamp to now or to what you send.',
    reset: 'Sets value to 0.',
    snapshot:
      'Sets timestamp to now, or to the time you send; the event Metric.Snapshotted has the value of that time.',
    cross: 'Sets watch to the side of a limit and crossedAt to now, once each time the value goes beyond it.',
    settle: 'Sets watch to Inside and settledAt to now, once the value has come back by alertMargin.',
  },
}
