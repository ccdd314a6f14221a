// Entities that repeat values of others, as callers without full authority see them.

import { type Authority, fullAuthority, makeNoun, type NounAuthority } from 'digital-objects'
import { expect, test } from 'vitest'
import { confine } from './confine.ts'

const ofPayments = (name: string) =>
  makeNoun(name, {
    service: 'payments.do',
    fields: { total: 'number?' },
    about: 'A test.',
    descriptions: { total: 'x' },
  }).$schema
const schemas = ['Invoice', 'Payment', 'Refund', 'CreditNote', 'JournalEntry'].map(ofPayments)
const all: NounAuthority = { read: 'all', write: 'none', hidden: [], verbs: [] }
const caller = (nouns: Authority['nouns']): Authority => ({ who: 'user_1', nouns, others: all })

function readOfJournal(nouns: Authority['nouns']): unknown {
  const confined = confine(caller(nouns), schemas)
  return (confined.nouns['JournalEntry'] ?? confined.others).read
}

test('a copy is seen by callers who may see all rows and fields that it repeats, and by no others', () => {
  expect(readOfJournal({})).toBe('all')
  expect(readOfJournal({ Contact: { ...all, read: 'none' } })).toBe('all')
  expect(readOfJournal({ JournalEntry: { ...all, read: { total: 1 } } })).toEqual({ total: 1 })
  expect(readOfJournal({ Payment: { ...all, read: 'none' } })).toBe('none')
  expect(readOfJournal({ Invoice: { ...all, read: { owner: '$me' } } })).toBe('none')
  expect(readOfJournal({ Refund: { ...all, hidden: ['total'] } })).toBe('none')
})

test('full authority is left as it is', () => {
  const full = fullAuthority('user_1')
  expect(confine(full, schemas)).toBe(full)
})
