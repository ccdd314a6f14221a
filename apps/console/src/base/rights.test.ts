import { expect, test } from 'vitest'
import { isGranted, type Rights } from './rights.ts'

const all = { read: 'all', write: 'all', verbs: 'all', hidden: [] } as const
const none = { read: 'none', write: 'none', verbs: [], hidden: [] } as const
const seen = { ...none, read: 'all' } as const
const rights = (nouns: Rights['nouns'], others: Rights['others']): Rights => ({ mayDoEverything: false, nouns, others })

test('a type that is named has its own rights, and each other one those of all others', () => {
  const member = rights({ User: seen, ApiKey: none }, all)
  const may = (need: Parameters<typeof isGranted>[1]): boolean => isGranted(member, need)
  expect([may({ read: 'Deal' }), may({ read: 'User' }), may({ read: 'ApiKey' })]).toEqual([true, true, false])
  expect([may({ verb: 'win', of: 'Deal' }), may({ verb: 'update', of: 'User' })]).toEqual([true, false])
  expect([may('everything'), may('server')]).toEqual([false, false])
  expect(isGranted({ ...member, mayDoEverything: true }, 'server')).toBe(true)
})

test('a verb needs that the type is read, that some entity may be written, and that the verb is granted', () => {
  const mine = { owner: '$me' }
  for (const [grant, isPossible] of [
    [{ ...all, read: mine, write: mine, verbs: ['win'] }, true],
    [{ ...all, verbs: ['lose'] }, false],
    [{ ...all, write: 'none' }, false],
    [{ ...all, read: 'none' }, false],
  ] as const)
    expect(isGranted(rights({ Deal: grant }, none), { verb: 'win', of: 'Deal' })).toBe(isPossible)
})
