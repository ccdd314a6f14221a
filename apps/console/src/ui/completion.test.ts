import { expect, test } from 'vitest'
import { completionAt, nounAt } from './completion.ts'

const info = {
  fields: [
    { name: 'name', kind: 'data' },
    { name: 'stage', kind: 'enum' },
    { name: 'comments', kind: 'reverse' },
  ],
  verbs: [{ verb: 'win', category: 'custom' }],
}
const types = ['Contact', 'Deal', 'Invoice']

function words(text: string): readonly string[] {
  return completionAt({ text, caret: text.length, types, info }).words
}

test('types follow the client, methods a type, and fields a brace', () => {
  expect(words('async ($) => $.De')).toEqual(['Deal'])
  expect(words('async ($) => $.')).toEqual(expect.arrayContaining(['Contact', 'Deal', 'Invoice', 'metrics']))
  expect(words('$.Deal.wi')).toEqual(['win'])
  expect(words('$.Deal.f')).toEqual(['find', 'findOne'])
  expect(words('$.Deal.find({ st')).toEqual(['stage'])
  expect(words('$.Deal.find({ stage: 1, ')).toEqual(['name', 'stage'])
})

test('nothing is offered in other places, nor for a word that is whole', () => {
  for (const text of ['const de', '$.Deal', '$.Deal.win', '$.Deal.find({ stage: "st', '$.Deal.find({}) st', ''])
    expect(words(text)).toEqual([])
})

test('the type is the last one before the caret', () => {
  const text = '$.Contact.find({}); $.Deal.find({ })'
  expect([nounAt(text, 15), nounAt(text, text.length), nounAt('', 0)]).toEqual(['Contact', 'Deal', undefined])
})
