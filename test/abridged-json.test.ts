// Abridged answers match what they show, and nothing else.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isAbridged, matchesText, parseAbridged } from './abridged-json.ts'

test.each([
  ['{"a":1,"b":"x"}', { a: 1, b: 'x' }, true],
  ['{"a":1}', { a: 1, b: 'x' }, false],
  ['{ "a": 1, … }', { a: 1, b: 'x' }, true],
  ['{ "a": 2, … }', { a: 1, b: 'x' }, false],
  ['{ "a": …, "b": "x" }', { a: [1], b: 'x' }, true],
  ['{ "id": "contact_…" }', { id: 'contact_1' }, true],
  ['{ "id": "contact_…" }', { id: 'deal_1' }, false],
  ['[1, …]', [1, 2, 3], true],
  ['[1, …]', [2], false],
  ['[1]', [1, 2], false],
  ['{ "text": "1 … 2 \\" }" }', { text: '1 and 2 " }' }, true],
  ['{ "list": [{ "a": 1, … }, …] }', { list: [{ a: 1, b: 2 }] }, true],
])('%s of %j: %s', (text, value, expected) => {
  const abridged = parseAbridged(text)
  expect(abridged).toBeDefined()
  expect(isAbridged(abridged, value)).toBe(expected)
})

test('JSON without gaps matches itself only', () => {
  const json = fc.jsonValue({ noUnicodeString: false }).filter((value) => !JSON.stringify(value).includes('…'))
  fc.assert(
    fc.property(json, json, (one, other) => {
      const text = JSON.stringify(one)
      const isSame = text === JSON.stringify(JSON.parse(JSON.stringify(other)))
      expect(isAbridged(parseAbridged(text), JSON.parse(text))).toBe(true)
      if (!isSame && JSON.stringify(sorted(one)) !== JSON.stringify(sorted(other)))
        expect(isAbridged(parseAbridged(text), JSON.parse(JSON.stringify(other)))).toBe(false)
    }),
  )
})

test.each([
  ['a …', 'a b', true],
  ['a\n…\nd', 'a\nb\nc\nd\n', true],
  ['a\nd', 'a\nb\nd', false],
  ['a (1)', 'a (1)', true],
])('%j of %j: %s', (abridged, text, expected) => expect(matchesText(abridged, text)).toBe(expected))

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, member]) => [name, sorted(member)])
      .toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
  )
}
