// PaymentRun: a pass over all objects of a payment provider: a first synchronization, its rehearsal, a search for missed events, or
// a comparison of both sides. It is an entity, so that its progress is durable, can be read, and continues after a crash.

import { makeNoun } from 'digital-objects'

export const PaymentRun = makeNoun('PaymentRun', {
  service: 'payments.do',
  fields: {
    kind: 'Sync | Rehearsal | Gaps | Reconciliation = Sync',
    status: 'Running | Succeeded | Failed',
    provider: 'string?',
    askedBy: 'string?#',
    day: 'date?#',
    dueAt: 'datetime?#',
    startedAt: 'datetime?',
    endedAt: 'datetime?',
    progress: 'json?',
    error: 'string?',
    advance: 'Advanced',
    succeed: 'Succeeded',
    fail: 'Failed',
  },
  state: 'status',
  transitions: [
    { from: [], verb: 'create', to: 'Running' },
    { from: ['Running'], verb: 'advance', to: 'Running' },
    { from: ['Running'], verb: 'succeed', to: 'Succeeded' },
    { from: ['Running'], verb: 'fail', to: 'Failed' },
  ],
  fills: { dueAt: { kind: 'now' }, startedAt: { kind: 'now' } },
  about: 'A pass over all objects of a payment provider, such as the first synchronization.',
  descriptions: {
    kind: 'What is done: Sync brings all objects, Rehearsal only counts them, Gaps finds missed events, Reconciliation compares.',
    status: 'Whether it is under way; the server changes it.',
    provider: 'Name of the provider, such as stripe.',
    askedBy: 'Who asked for it; none for one that the server begins.',
    day: 'Day whose end a Reconciliation compares; by default the present.',
    dueAt: 'Time of the next step; the server clears it at the end.',
    startedAt: 'Time it was asked for.',
    endedAt: 'Time it ended.',
    progress: 'By type of object: the id after which it continues, how many were seen, made, changed and not taken.',
    error: 'Reason for which it failed, or for which the next step is delayed.',
    advance: 'Records the progress; the server calls it after each page.',
    succeed: 'Sets status to Succeeded; the server calls it at the end.',
    fail: 'Sets status to Failed; the server calls it if the provider refuses the key.',
  },
  effects: {
    advance: { repeats: true },
    succeed: { sets: { endedAt: { kind: 'now' }, dueAt: { kind: 'clear' }, error: { kind: 'clear' } } },
    fail: { sets: { endedAt: { kind: 'now' }, dueAt: { kind: 'clear' } } },
  },
})
