// Schedules in definitions: their form, their checks, and what becomes of them when definitions are merged.

import { expect, test } from 'vitest'
import { mergeDefinitions, removeMembers } from '../catalog/merge-definitions.ts'
import { checkDefinition } from './check-definition.ts'
import type { NounDefinition } from './definition.ts'
import { Noun } from './noun.ts'
import { parseNoun } from './parse-noun.ts'

const fields = {
  title: 'string!',
  status: 'Open | Done',
  dueAt: 'datetime?',
  plan: 'json?',
  owner: '-> User.jobs',
  remind: 'Reminded',
  make: 'Made',
}
const parse = (schedule: unknown) =>
  parseNoun('Job', { fields, effects: { make: { creates: true } }, schedules: [schedule] }).$schema.schedules

test('a schedule has the name of its verb and a list of times', () => {
  expect(parse({ at: 'dueAt', when: { status: 'Open' }, call: 'remind' })).toEqual([
    { at: ['dueAt'], when: { status: 'Open' }, call: 'remind', name: 'remind' },
  ])
  expect(parse({ cron: { field: 'plan' }, call: 'remind', name: 'weekly' })).toEqual([
    { at: [], when: {}, cron: { field: 'plan' }, call: 'remind', name: 'weekly' },
  ])
})

test.each([
  ['an unknown verb', { at: 'dueAt', call: 'shout' }, "a custom verb that changes an entity in 'call', got 'shout'"],
  ['a verb that creates', { at: 'dueAt', call: 'make' }, 'a custom verb that changes an entity'],
  ['an update', { at: 'dueAt', call: 'update' }, 'a custom verb that changes an entity'],
  ['an unknown field', { at: 'due', call: 'remind' }, "a stored field, got 'due'"],
  ['a field that is no time', { at: 'title', call: 'remind' }, 'a datetime or date field'],
  ['neither at nor cron', { call: 'remind' }, "either 'at' or 'cron'"],
  ['both', { at: 'dueAt', cron: '0 9 * * *', call: 'remind' }, "either 'at' or 'cron'"],
  ['a wrong cron', { cron: '0 25 * * *', call: 'remind' }, 'five fields'],
  ['a wrong duration', { at: 'dueAt', after: '3d', call: 'remind' }, 'an ISO 8601 duration'],
  ['a short repetition', { at: 'dueAt', every: 'PT1S', call: 'remind' }, 'at least a minute'],
  ['an unknown setting', { at: 'dueAt', after: { setting: 'slo' }, call: 'remind' }, 'a setting (timeZone'],
  ['hours without after', { at: 'dueAt', hours: 'business', call: 'remind' }, "'after' beside 'hours'"],
  [
    'a value that the field cannot have',
    { at: 'dueAt', when: { status: 'Lost' }, call: 'remind' },
    "a value of status in 'when'",
  ],
  [
    'a related field without a reference',
    { at: 'dueAt', after: { of: 'title', field: 'x', otherwise: 'P1D' }, call: 'remind' },
    "a reference in 'of'",
  ],
  ['an unknown part', { at: 'dueAt', call: 'remind', then: 'x' }, "not 'then'"],
  ['a list', [], 'an object such as'],
])('%s is refused with its place', (_, schedule, message) => {
  expect(() => parse(schedule)).toThrow(message)
  expect(() => parse(schedule)).toThrow('schedules[0]')
})

test('two schedules of one verb need names', () => {
  const twice: NounDefinition = {
    fields,
    schedules: [
      { at: 'dueAt', call: 'remind' },
      { at: '$createdAt', call: 'remind' },
    ],
  }
  expect(() => parseNoun('Job', twice)).toThrow("two schedules have the name 'remind'")
})

test('added schedules join the old ones, replace those of their name, and go with the members that they name', () => {
  const base: NounDefinition = { fields, schedules: [{ at: 'dueAt', call: 'remind' }] }
  const added: NounDefinition = {
    fields: {},
    schedules: [
      { at: 'dueAt', after: 'P1D', call: 'remind' },
      { cron: '0 9 * * *', call: 'remind', name: 'daily' },
    ],
  }
  const merged = mergeDefinitions(base, added)
  expect(merged.schedules).toEqual(added.schedules)
  expect(removeMembers(merged, new Set(['dueAt'])).schedules).toEqual([added.schedules?.[1]])
  expect(removeMembers(merged, new Set(['remind'])).schedules).toBe(undefined)
})

test('a schedule changes the version of the definition, and its absence does not', () => {
  const plain = Noun('Job', { title: 'string', at: 'datetime?', run: 'Ran' })
  const scheduled = Noun(
    'Job',
    { title: 'string', at: 'datetime?', run: 'Ran' },
    { schedules: [{ at: 'at', call: 'run' }] },
  )
  expect(scheduled.$schema.version).not.toBe(plain.$schema.version)
  // @ts-expect-error: the compiler knows the verbs and fields
  const wrong = Noun('Job', { at: 'datetime?', run: 'Ran' }, { schedules: [{ at: 'never', call: 'walk' }] })
  expect(() => checkDefinition(wrong.$schema)).toThrow('walk')
})
