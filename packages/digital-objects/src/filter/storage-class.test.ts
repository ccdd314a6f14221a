import { expect, test } from 'vitest'
import { makeNoun } from '../noun/noun.ts'
import type { StoredField } from '../noun/schema.ts'
import { elementStorageOf, isListStorage, storageClassOf } from './storage-class.ts'

test.each([
  ['string', 'text', 'text'],
  ['text', 'text', 'text'],
  ['url', 'text', 'text'],
  ['email', 'text', 'text'],
  ['id', 'text', 'text'],
  ['A | B', 'text', 'text'],
  ['-> X', 'text', 'text'],
  ['number', 'real', 'real'],
  ['integer', 'real', 'real'],
  ['money', 'real', 'real'],
  ['boolean', 'boolean', 'boolean'],
  ['datetime', 'time', 'time'],
  ['date', 'date', 'date'],
  ['json', 'json', 'json'],
  ['string[]', 'text[]', 'text'],
  ['(A | B)[]', 'text[]', 'text'],
  ['-> X[]', 'text[]', 'text'],
  ['integer[]', 'real[]', 'real'],
])('%s is stored as %s, and one value as %s', (text, storage, element) => {
  const field = makeNoun('X', { fields: { f: text, currency: 'string' } }).$schema.fields['f'] as StoredField
  expect(storageClassOf(field)).toBe(storage)
  expect(elementStorageOf(storageClassOf(field))).toBe(element)
  expect(isListStorage(storageClassOf(field))).toBe(storage !== element)
})
