import { expect, test } from 'vitest'
import { extentOf, mergeRoles, type RoleDraft, ruleOf, toggled, withGrant, withTheirs } from './role-draft.ts'

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

test('roles of two editors are joined, and only a role that both have changed is disputed', () => {
  const role = (about: string): RoleDraft => ({ about })
  const begun = { Sales: role('old'), Support: role('old'), Gone: role('old'), Same: role('old') }
  const mine = { Sales: role('mine'), Support: role('mine'), Same: role('both'), New: role('mine') }
  const theirs = {
    Sales: role('old'),
    Support: role('theirs'),
    Gone: role('old'),
    Same: role('both'),
    Other: role('theirs'),
  }
  const merged = mergeRoles({ begun, mine, theirs })
  expect(merged.disputed).toEqual(['Support'])
  const joined = { Sales: role('mine'), Same: role('both'), New: role('mine'), Other: role('theirs') }
  expect(merged.roles).toEqual({ ...joined, Support: role('mine') })
  expect(withTheirs(merged, theirs)).toEqual({ ...joined, Support: role('theirs') })
  // A role that nobody else has changed is exactly what one has made of it.
  expect(mergeRoles({ begun, mine, theirs: begun })).toEqual({ roles: mine, disputed: [] })
  expect(mergeRoles({ begun, mine: begun, theirs })).toEqual({ roles: theirs, disputed: [] })
})
