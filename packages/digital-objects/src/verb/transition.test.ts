import { expect, test } from 'vitest'
import type { EntityFields } from '../base/entity.ts'
import { Noun } from '../noun/noun.ts'
import type { NounSchema, Verb } from '../noun/schema.ts'
import { applyVerb } from './apply-verb.ts'
import { checkTransition } from './transition.ts'

const texts = {
  name: 'string',
  status: 'Draft | Open | Paid | Void',
  color: 'Red | Blue',
  open: 'Opened',
  pay: 'Paid',
  void: 'Voided',
  paint: 'Painted',
  record: 'Recorded',
} as const
const { $schema } = Noun('Invoice', texts, {
  state: 'status',
  transitions: [
    { from: [], verb: 'record', to: 'Paid' },
    { from: [], verb: 'create', to: 'Open' },
    { from: ['Draft'], verb: 'open', to: 'Open' },
    { from: ['Open'], verb: 'pay', to: 'Paid', irreversible: true },
    { from: ['Draft', 'Open'], verb: 'void', to: 'Void' },
    { from: ['Void'], verb: 'update', to: 'Draft' },
  ],
  effects: { record: { creates: true } },
})
const permissive = Noun('Invoice', texts).$schema

const verbOf = (schema: NounSchema, name: string): Verb => schema.verbs[name] as Verb
function call(schema: NounSchema, name: string, current: EntityFields | undefined): EntityFields {
  const verb = verbOf(schema, name)
  const after = applyVerb({ schema, verb, current, input: {}, nowMs: 0 })
  checkTransition(schema, { verb: name, isRollback: false, before: current, after })
  return after
}
const move = (verb: string, from: string | undefined, to: string | undefined): void =>
  checkTransition($schema, {
    verb,
    isRollback: verb === 'rollback',
    before: from === undefined ? undefined : { status: from },
    after: to === undefined ? {} : { status: to },
  })
const refused = (detail: object): object =>
  expect.objectContaining({ code: 'invalid_transition', field: 'status', ...detail })

test('a verb sets the state of its row, whatever its event is called', () => {
  expect(call($schema, 'open', { status: 'Draft' })).toEqual({ status: 'Open' })
  expect(call($schema, 'void', { status: 'Open' })).toEqual({ status: 'Void' })
  expect(call($schema, 'record', undefined)).toEqual({ status: 'Paid' })
})

test('a verb is refused from a state that none of its rows names, and the error lists the possible verbs', () => {
  expect(() => call($schema, 'pay', { status: 'Draft' })).toThrow(
    refused({
      message: 'Invoice.pay cannot bring status from Draft to Paid; possible there: open (to Open), void (to Void)',
      detail: { from: 'Draft', to: ['Paid'], verbs: ['open', 'void'] },
    }),
  )
  expect(() => call($schema, 'open', { status: 'Paid' })).toThrow(
    refused({ message: 'Invoice.open cannot bring status from Paid to Open; no verb is possible there' }),
  )
  expect(() => call($schema, 'open', { status: 'Open' })).toThrow(refused({}))
})

test('a refused start names the states in which the verb starts', () => {
  expect(() => move('create', undefined, 'Paid')).toThrow(
    refused({ message: 'Invoice.create cannot start status at Paid; it starts at Draft or Open' }),
  )
})

test('a verb without a row does not change the state', () => {
  expect(call($schema, 'paint', { status: 'Paid', color: 'Red' })).toEqual({ status: 'Paid', color: 'Red' })
  expect(() => move('paint', 'Draft', 'Open')).toThrow(refused({}))
})

test.each([
  ['create', undefined, 'Draft', true],
  ['create', undefined, 'Open', true],
  ['create', undefined, 'Paid', false],
  ['record', undefined, 'Open', false],
  ['update', 'Draft', 'Draft', true],
  ['update', 'Draft', 'Open', true],
  ['update', 'Draft', 'Void', true],
  ['update', 'Void', 'Draft', true],
  ['update', 'Draft', 'Paid', false],
  ['update', 'Paid', 'Draft', false],
  ['update', 'Open', undefined, false],
  ['rollback', 'Void', 'Open', true],
  ['rollback', 'Open', 'Draft', true],
  ['rollback', 'Paid', 'Open', false],
  ['rollback', 'Paid', 'Paid', true],
] as const)('%s from %s to %s: %s', (verb, from, to, isAllowed) => {
  if (isAllowed) expect(() => move(verb, from, to)).not.toThrow()
  else expect(() => move(verb, from, to)).toThrow(refused({}))
})

test('an entity from before the state field existed is in the default state', () => {
  expect(call($schema, 'open', { name: 'a' })).toEqual({ name: 'a', status: 'Open' })
})

test('a Noun without a table allows every change, and a verb still sets the state of its event', () => {
  expect(call(permissive, 'pay', { status: 'Void' })).toEqual({ status: 'Paid' })
  expect(() =>
    checkTransition(permissive, { verb: 'update', isRollback: false, before: { status: 'Paid' }, after: {} }),
  ).not.toThrow()
})

test('a declared state starts at its first value, is indexed, and a verb leads on from there', () => {
  const vehicle = Noun(
    'Vehicle',
    { name: 'string', mood: 'Calm | Busy', drive: 'Driven' },
    { state: 'mood', transitions: [{ from: ['Calm'], verb: 'drive', to: 'Busy' }] },
  ).$schema
  expect(vehicle.fields['mood']).toMatchObject({ default: 'Calm', indexed: true })
  expect(call(vehicle, 'drive', { mood: 'Calm' })).toEqual({ mood: 'Busy' })
  expect(call(vehicle, 'drive', { name: 'written before the field existed' })).toMatchObject({ mood: 'Busy' })
  expect(() => call(vehicle, 'drive', { mood: 'Busy' })).toThrow('mood')
})

const { $schema: robot } = Noun(
  'Robot',
  {
    name: 'string',
    mood: 'Calm | Busy | Curious | Odd | Gone',
    work: 'Worked',
    wander: 'Wandered',
    retire: 'Retired',
    sing: 'Sung',
  },
  {
    state: 'mood',
    transitions: [
      { from: ['Calm'], verb: 'work', to: 'Busy' },
      { from: ['Calm', 'Busy'], verb: 'wander', to: 'Calm', named: true },
      { from: ['Calm'], verb: 'wander', to: 'Busy', named: true },
      { from: ['Busy'], verb: 'update', to: 'Calm' },
      { from: ['Busy'], verb: 'retire', to: 'Gone', irreversible: true },
      { from: ['Busy'], verb: 'sing', to: 'Busy' },
    ],
  },
)

function robotMove(verb: string, from: string, to: string): void {
  checkTransition(robot, { verb, isRollback: false, before: { mood: from }, after: { mood: to } })
}

test.each([
  ['update', 'Calm', 'Curious', true],
  ['update', 'Curious', 'Odd', true],
  ['update', 'Odd', 'Calm', true],
  ['update', 'Busy', 'Curious', true],
  ['update', 'Curious', 'Busy', true],
  ['update', 'Curious', 'Gone', false],
  ['update', 'Gone', 'Curious', false],
  ['work', 'Curious', 'Busy', true],
  ['retire', 'Curious', 'Gone', false],
] as const)('a value without rows stands like the default: %s from %s to %s: %s', (verb, from, to, isAllowed) => {
  if (isAllowed) expect(() => robotMove(verb, from, to)).not.toThrow()
  else expect(() => robotMove(verb, from, to)).toThrow(`from ${from} to ${to}`)
})

test('a verb leads to the state that the caller names, and without a name only by rows that need none', () => {
  const wander = (mood: string, input: EntityFields): EntityFields =>
    applyVerb({ schema: robot, verb: verbOf(robot, 'wander'), current: { mood }, input, nowMs: 0 })
  expect(wander('Calm', { mood: 'Busy' })).toEqual({ mood: 'Busy' })
  expect(wander('Busy', { mood: 'Odd' })).toEqual({ mood: 'Odd' })
  expect(wander('Busy', {})).toEqual({ mood: 'Busy' })
  expect(() => robotMove('wander', 'Busy', 'Odd')).not.toThrow()
  expect(() => robotMove('wander', 'Calm', 'Gone')).toThrow('possible there: work (to Busy)')
})

test('a verb that stays in its state says in which one it is possible', () => {
  expect(call(robot, 'sing', { mood: 'Busy' })).toEqual({ mood: 'Busy' })
  expect(() => call(robot, 'sing', { mood: 'Calm' })).toThrow(
    'Robot.sing expects mood Busy, and it is Calm; possible there: work (to Busy)',
  )
})
