import { expect, test } from 'vitest'
import { nouns } from '../nouns/all-nouns.ts'
import { Noun } from '../noun/noun.ts'
import type { EntityFields, JsonValue } from '../base/entity.ts'
import type { NounSchema } from '../noun/schema.ts'
import { applyVerb } from './apply-verb.ts'
import { literal, now } from './effect-values.ts'
import { isVerbDone } from './is-verb-done.ts'

const Task = Noun(
  'Task',
  {
    name: 'string',
    status: 'Open | Busy | Done | Held',
    isUrgent: 'boolean',
    touches: 'number',
    doneAt: 'datetime',
    start: 'Started',
    finish: 'Finished',
    advance: 'Advanced',
    hold: 'Held',
    flag: 'Flagged',
    touch: 'Touched',
    assign: 'Assigned',
    measure: 'Measured',
    ping: 'Pinged',
    pingedAt: 'datetime',
  } as const,
  {
    state: 'status',
    transitions: [
      { from: ['Open'], verb: 'start', to: 'Busy' },
      { from: ['Busy'], verb: 'finish', to: 'Done' },
      { from: ['Open'], verb: 'advance', to: 'Busy' },
      { from: ['Busy'], verb: 'advance', to: 'Done' },
      { from: ['Open', 'Busy'], verb: 'hold', to: 'Held' },
    ],
    effects: {
      finish: { sets: { doneAt: now } },
      flag: { sets: { isUrgent: literal(true) } },
      touch: { sets: { touches: { kind: 'add', amount: 1 } } },
      assign: { sets: { doneAt: now } },
      measure: { repeats: true },
      ping: { argumentsOnly: ['with'], sets: { pingedAt: now } },
    },
  },
)

function done(
  schema: NounSchema,
  verb: string,
  { current, input = {} }: { readonly current: EntityFields; readonly input?: Record<string, JsonValue> },
): boolean {
  const found = schema.verbs[verb]
  if (found === undefined) throw new Error(`no verb ${verb}`)
  return isVerbDone({ schema, verb: found, current, input, nowMs: Date.UTC(2026, 5, 1) })
}

test.each<[string, EntityFields, Record<string, JsonValue>, boolean]>([
  ['start', { status: 'Open' }, {}, false],
  ['start', { status: 'Busy' }, {}, true],
  ['start', { status: 'Busy', name: 'a' }, { name: 'a' }, true],
  ['start', { status: 'Busy', name: 'a' }, { name: 'b' }, false],
  ['start', { status: 'Busy', name: 'a' }, { name: null }, false],
  // Done is not where `start` leads, so the table decides.
  ['start', { status: 'Done' }, {}, false],
  // The time of the event alone is no change, unless it is missing or given.
  ['finish', { status: 'Done', doneAt: '2026-01-01T00:00:00.000Z' }, {}, true],
  ['finish', { status: 'Done' }, {}, false],
  ['finish', { status: 'Done', doneAt: '2026-01-01T00:00:00.000Z' }, { doneAt: '2026-06-01T00:00:00.000Z' }, false],
  // A verb that moves on from a state to which it leads.
  ['advance', { status: 'Busy' }, {}, false],
  ['advance', { status: 'Done' }, {}, true],
  ['hold', { status: 'Held' }, {}, true],
  ['flag', { status: 'Open', isUrgent: true }, {}, true],
  ['flag', { status: 'Open' }, {}, false],
  // A verb without a state is an event each time, unless it is called again with the same fields.
  ['touch', { status: 'Open', touches: 1 }, {}, false],
  ['touch', { status: 'Open', touches: 1 }, { touches: 1 }, false],
  ['assign', { name: 'a', doneAt: '2026-01-01T00:00:00.000Z' }, { name: 'a' }, true],
  ['assign', { name: 'a', doneAt: '2026-01-01T00:00:00.000Z' }, { name: 'b' }, false],
  ['assign', { name: 'a', doneAt: '2026-01-01T00:00:00.000Z' }, {}, false],
  ['assign', { name: 'a' }, { name: 'a' }, false],
  ['ping', { pingedAt: '2026-01-01T00:00:00.000Z' }, {}, false],
  ['ping', { pingedAt: '2026-01-01T00:00:00.000Z' }, { with: 'x' }, false],
  // A measurement of the same value is another measurement.
  ['measure', { touches: 1 }, { touches: 1 }, false],
])('%s on %j with %j: %s', (verb, current, input, isDone) => {
  expect(done(Task.$schema, verb, { current, input })).toBe(isDone)
})

test.each([
  ['Invoice', 'pay', true],
  ['Contact', 'qualify', true],
  ['Subscription', 'cancel', true],
  ['Subscription', 'renew', false],
  ['Subscription', 'upgrade', true],
  ['Ticket', 'assign', false],
])('%s.%s right after itself is done: %s', (name, verb, isDone) => {
  const { $schema: schema } = nouns[name as keyof typeof nouns]
  const found = schema.verbs[verb]
  if (found === undefined) throw new Error(`no verb ${verb}`)
  const before = {
    total: 5,
    currentPeriodStart: '2026-01-01T00:00:00.000Z',
    currentPeriodEnd: '2026-02-01T00:00:00.000Z',
  }
  const status = { status: schema.fields['status']?.kind === 'enum' ? (schema.fields['status'].values[0] ?? '') : '' }
  const fields = applyVerb({ schema, verb: found, current: { ...before, ...status }, input: {}, nowMs: 0 })
  expect(done(schema, verb, { current: fields })).toBe(isDone)
})
