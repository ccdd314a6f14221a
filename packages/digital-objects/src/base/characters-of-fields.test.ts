import fc from 'fast-check'
import { expect, test } from 'vitest'
import { charactersOfFields, parseStoredJson } from './characters-of-fields.ts'

test('a stored value has the size of its text, and so do an equal value and a second measurement', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), fc.boolean(), (value, isLarge) => {
      const text = JSON.stringify(isLarge ? [value, 'x'.repeat(2_000)] : value)
      const expected = typeof JSON.parse(text) === 'object' ? text.length : undefined
      for (const of of [parseStoredJson(text), JSON.parse(text)]) {
        const [first, second] = [charactersOfFields({ of }), charactersOfFields({ of })]
        expect(first).toBe(second)
        if (expected !== undefined) expect(first).toBe(expected)
      }
    }),
  )
})

test('strings count by their characters, null by its name, and other values not at all', () => {
  expect(charactersOfFields({ name: 'abc', nothing: null, power: 3, isCalm: true, list: ['a'] })).toBe(3 + 4 + 5)
})
