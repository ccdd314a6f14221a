import { expect, test } from 'vitest'
import { extentOf, ruleOf, toggled, withGrant } from './role-draft.ts'

test('a rule is all, some or none, and what is left out is none', () => {
  expect(['all', 'none', undefined, {}, { owner: '$me' }].map((rule) => extentOf(rule as 'all'))).toEqual([
    'all',
    'none',
    'none',
    'some',
    'some',
  ])
  expect([[], ['update'], 'all' as const].map((verbs) => extentOf(verbs))).toEqual(['none', 'some', 'all'])
})

test('some records are those of the member, where a type says whose they are', () => {
  expect(ruleOf('some', 'owner')).toEqual({ owner: '$me' })
  expect(ruleOf('some', undefined)).toEqual({})
  expect(ruleOf('all', 'owner')).toBe('all')
})

test('a type is named and no longer named without a change to others', () => {
  const role = { about: 'Sells', nouns: { Lead: { read: 'all' } }, others: { read: 'none' } } as const
  const named = withGrant(role, 'Deal', { read: 'all' })
  expect(named).toEqual({ ...role, nouns: { Lead: { read: 'all' }, Deal: { read: 'all' } } })
  expect(withGrant(named, 'Deal', undefined)).toEqual(role)
  expect(toggled(toggled(['a'], 'b'), 'a')).toEqual(['b'])
})
