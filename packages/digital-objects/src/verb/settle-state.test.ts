import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { EntityFields, JsonValue } from '../base/entity.ts'
import type { NounDefinition } from '../noun/definition.ts'
import { checkedSchema } from '../noun/check-definition.ts'
import { Noun } from '../noun/noun.ts'
import { parseNoun } from '../noun/parse-noun.ts'
import type { NounSchema, Verb } from '../noun/schema.ts'
import { decideChange } from './decide-change.ts'
import { first, given, givenOrNow, ifEmpty, literal, now } from './effect-values.ts'
import { foreignFields, keepToState, settleState } from './settle-state.ts'

const nowMs = Date.UTC(2026, 5, 1)
const at = '2026-06-01T00:00:00.000Z'
const earlier = '2026-01-01T00:00:00.000Z'

const { $schema: task } = Noun(
  'Task',
  {
    name: 'string',
    status: 'Open | Busy | Done | Dropped',
    progress: 'number',
    startedAt: 'datetime',
    doneAt: 'datetime',
    doneBy: 'string',
    start: 'Started',
    finish: 'Finished',
    drop: 'Dropped',
  },
  {
    state: 'status',
    transitions: [
      { from: [], verb: 'create', to: 'Done' },
      { from: ['Open', 'Done'], verb: 'start', to: 'Busy' },
      { from: ['Busy'], verb: 'finish', to: 'Done' },
      { from: ['Open', 'Busy', 'Done'], verb: 'drop', to: 'Dropped' },
      { from: ['Dropped'], verb: 'update', to: 'Open' },
    ],
    states: {
      Open: { sets: { progress: literal(0) } },
      Busy: { sets: { startedAt: ifEmpty(now), progress: first(given('progress'), literal(1)) }, holds: ['startedAt'] },
      Done: {
        sets: { doneAt: givenOrNow('doneAt'), progress: literal(100) },
        holds: ['startedAt', 'doneAt', 'doneBy'],
      },
    },
    effects: { finish: { sets: { progress: literal(99) } } },
  },
)

function decide(
  verb: string,
  current: EntityFields | undefined,
  input: Readonly<Record<string, JsonValue>> = {},
): EntityFields | undefined {
  return decideChange({ schema: task, verb: task.verbs[verb] as Verb, current, input, nowMs })
}

const done = { name: 'a', status: 'Done', progress: 100, startedAt: earlier, doneAt: earlier, doneBy: 'b' }

test.each<[string, EntityFields | undefined, Record<string, JsonValue>, EntityFields]>([
  // A verb, an update and a creation that lead to a state set the same fields.
  [
    'finish',
    { status: 'Busy', startedAt: earlier },
    {},
    { status: 'Done', startedAt: earlier, doneAt: at, progress: 99 },
  ],
  ['update', { status: 'Busy' }, { status: 'Done' }, { status: 'Done', doneAt: at, progress: 100 }],
  ['create', undefined, { status: 'Done' }, { status: 'Done', doneAt: at, progress: 100 }],
  // What the caller sends wins where the state reads it, and nowhere else.
  [
    'update',
    { status: 'Busy' },
    { status: 'Done', doneAt: earlier, progress: 7 },
    { status: 'Done', doneAt: earlier, progress: 100 },
  ],
  ['start', { status: 'Open' }, { progress: 7 }, { status: 'Busy', startedAt: at, progress: 7 }],
  // Leaving the state clears what it holds, and takes its constants back.
  ['start', done, {}, { name: 'a', status: 'Busy', startedAt: earlier, progress: 1 }],
  ['drop', done, {}, { name: 'a', status: 'Dropped' }],
  ['drop', { ...done, progress: 5 }, {}, { name: 'a', status: 'Dropped', progress: 5 }],
  // A creation at the default enters nothing.
  ['create', undefined, {}, { status: 'Open' }],
  ['update', { status: 'Dropped' }, { status: 'Open' }, { status: 'Open', progress: 0 }],
  // An entity that was read may be sent back whole.
  ['update', done, { ...done, status: 'Dropped' }, { name: 'a', status: 'Dropped' }],
  // A record from before the rule loses what contradicts its state at its next write.
  ['update', { status: 'Open', doneAt: earlier }, { name: 'a' }, { name: 'a', status: 'Open' }],
])('%s of %j with %j gives %j', (verb, current, input, expected) => {
  expect(decide(verb, current, input)).toEqual(expected)
})

test.each<[string, EntityFields | undefined, Record<string, JsonValue>, string, string]>([
  [
    'create',
    undefined,
    { doneAt: earlier },
    'doneAt',
    "field 'doneAt' is set only while status is Done, and status is Open",
  ],
  ['update', { status: 'Busy' }, { doneBy: 'b' }, 'doneBy', 'Task.update'],
  ['drop', done, { doneBy: 'c' }, 'doneBy', 'status is Dropped'],
  ['update', done, { doneAt: null }, 'doneAt', "field 'doneAt' cannot be cleared while status is Done"],
])('%s of %j with %j is refused by %s', (verb, current, input, field, message) => {
  expect(() => decide(verb, current, input)).toThrow(
    expect.objectContaining({
      code: 'invalid_transition',
      field,
      message: expect.stringContaining(message) as string,
    }) as Error,
  )
})

test('a Noun without fields of states is left as it is, the very same object', () => {
  const { $schema: plain } = Noun('Plain', { name: 'string', status: 'A | B' })
  const fields = { status: 'B' }
  const update = plain.verbs['update'] as Verb
  expect(settleState({ schema: plain, verb: update, before: {}, after: fields, given: fields, nowMs })).toBe(fields)
  expect(keepToState(plain, fields)).toBe(fields)
})

test.each<[string, NonNullable<NounDefinition['states']>, string]>([
  ['an unknown state', { Lost: { holds: ['doneAt'] } }, "states expects values of status, got 'Lost'"],
  ['an unknown field', { Done: { holds: ['dunAt'] } }, "states.Done expects stored fields besides status, got 'dunAt'"],
  ['the state field', { Done: { sets: { status: literal('Open') } } }, 'besides status'],
  ['a required field', { Done: { holds: ['name'] } }, 'holds name, which is required in every state'],
  ['clearing a required field', { Done: { sets: { name: { kind: 'clear' } } } }, 'clears name, which is required'],
  ['a wrong constant', { Done: { sets: { doneAt: literal('x') } } }, 'states.Done sets doneAt, and the field expects'],
  ['a list that grows', { Done: { sets: { log: { kind: 'append', value: now, itemsMax: 3 } } } }, "the kind 'append'"],
  [
    'a field that only another state holds',
    { Open: { holds: ['doneAt'] }, Done: { sets: { doneAt: now } } },
    'sets doneAt, which only other states hold',
  ],
])('a definition of states with %s is refused', (_, states, message) => {
  const fields = { name: 'string!', status: 'Open | Done', doneAt: 'datetime', log: 'json' }
  expect(() => parseNoun('Robot', { fields, state: 'status', states })).toThrow(message)
  expect(() => checkedSchema('Robot', { fields, states })).toThrow('a state field beside it')
})

// Any table of fields and states, any moves: a field has a value only in states that hold it.
const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1e9))
const names = ['a', 'b', 'c'] as const
const values = ['S', 'T', 'U'] as const

function generatedSchema(held: readonly (readonly (typeof names)[number][])[]): NounSchema {
  return checkedSchema('Robot', {
    fields: { status: values.join(' | '), a: 'datetime', b: 'number', c: 'string', free: 'string', go: 'Gone' },
    state: 'status',
    states: Object.fromEntries(
      values.map((value, at) => {
        const holds = held[at] ?? []
        return [value, { holds, sets: holds.includes('a') ? { a: givenOrNow('a') } : {} }]
      }),
    ),
  })
}

test(`no write leaves a field in a state that does not hold it (seed ${seed})`, () => {
  let written = 0
  const input = fc.record(
    {
      status: fc.constantFrom(...values),
      a: fc.constantFrom<JsonValue>(earlier, null),
      b: fc.constantFrom<JsonValue>(1, 2, null),
      c: fc.constantFrom<JsonValue>('x', null),
      free: fc.constantFrom<JsonValue>('y', null),
    },
    { requiredKeys: [] },
  )
  const lists = fc.array(fc.subarray([...names]), { minLength: 3, maxLength: 3 })
  fc.assert(
    fc.property(lists, fc.array(fc.tuple(fc.constantFrom('update', 'go'), input), { maxLength: 6 }), (held, writes) => {
      const schema = generatedSchema(held)
      let fields: EntityFields = { status: 'S' }
      for (const [name, body] of writes) {
        const before = structuredClone(fields)
        try {
          const call = { schema, verb: schema.verbs[name] as Verb, current: fields, input: body, nowMs }
          fields = decideChange(call) ?? fields
        } catch (error) {
          expect(error).toMatchObject({ code: 'invalid_transition' })
          expect(fields).toEqual(before)
          continue
        }
        written += 1
        expect(foreignFields(schema, fields)).toEqual([])
        if (fields['status'] !== before['status'] && schema.states[String(fields['status'])]?.sets['a'] !== undefined)
          expect(fields['a']).toBe(body.a === earlier && before['a'] !== earlier ? earlier : at)
      }
    }),
    { seed, numRuns: 500 },
  )
  expect(written).toBeGreaterThan(300)
})
