import { expect, test } from 'vitest'
import { isIdempotencyKey, keyCharactersMax } from './idempotency-key.ts'

test.each(['k', 'sdk-0123.4', 'two words', '!~', 'x'.repeat(keyCharactersMax)])('%j is accepted as a key', (key) => {
  expect(isIdempotencyKey(key)).toBe(true)
})

test.each([
  '',
  ' ',
  ' k',
  'k ',
  'a  b',
  'ä',
  'a\nb',
  'a\0b',
  '\t',
  'x'.repeat(keyCharactersMax + 1),
  7,
  null,
  undefined,
])('%j is refused as a key', (value) => {
  expect(isIdempotencyKey(value)).toBe(false)
})
