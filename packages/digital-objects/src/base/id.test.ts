import { expect, test } from 'vitest'
import { compareText } from './compare-text.ts'
import { parseCursor, formatCursor } from '../filter/cursor.ts'
import { idMaker, isEntityId, isEntityIdOf, parseId } from './id.ts'
import { tokenize } from './tokenize.ts'
import fc from 'fast-check'

const random = (count: number): Uint8Array => Uint8Array.from({ length: count }, () => Math.floor(Math.random() * 256))

test('ids sort by their seconds, and parseId returns the second', () => {
  const make = idMaker({ random })
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 50_000_000_000 }),
      fc.integer({ min: 1, max: 1_000_000 }),
      (second, later) => {
        const [a, b] = [
          make({ prefix: 'x', nowMs: second * 1_000 }),
          make({ prefix: 'x', nowMs: (second + later) * 1_000 + 999 }),
        ]
        expect(a < b).toBe(true)
        expect(parseId(a)).toEqual({ prefix: 'x', secondMs: second * 1_000 })
      },
    ),
  )
})

test('the characters of the random half are equally frequent', () => {
  const make = idMaker({ random })
  const counts = new Map<string, number>()
  for (let count = 0; count < 20_000; count++)
    for (const character of make({ prefix: 'x', nowMs: 0 }).slice(-6))
      counts.set(character, (counts.get(character) ?? 0) + 1)
  expect(counts.size).toBe(62)
  const mean = (20_000 * 6) / 62
  for (const count of counts.values()) expect(Math.abs(count - mean)).toBeLessThan(mean * 0.2)
})

test('an id belongs to the Noun whose prefix it has, whatever its length', () => {
  const noun = { idPrefix: 'contact' }
  for (const right of ['contact_000000000000', 'contact_fX9bL5nRd']) expect(isEntityIdOf(noun, right)).toBe(true)
  for (const wrong of ['contacts_000000000000', 'contact_00000000000-', 'deal_000000000000', 'contact_', 'contact'])
    expect(isEntityIdOf(noun, wrong)).toBe(false)
  expect(isEntityIdOf(noun, `contact_${'0'.repeat(57)}`)).toBe(false)
  expect(isEntityId('contact_fX9bL5nRd')).toBe(false)
})

test('strings compare in the order of their UTF-8 bytes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
      fc.pre(a.isWellFormed() && b.isWellFormed())
      expect(Math.sign(compareText(a, b))).toBe(Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b))))
    }),
  )
})

test('a cursor survives a round trip, and is refused for another list', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          fc.string({ unit: 'grapheme' }),
          fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (value === 0 ? 0 : value)),
          fc.constant(null),
        ),
        { maxLength: 4 },
      ),
      (values) => {
        const text = formatCursor({ values, id: 'contact_000000000000' }, 'list')
        expect(encodeURIComponent(text)).toBe(text)
        expect(parseCursor(text, 'list')).toEqual({ values, id: 'contact_000000000000' })
        expect(() => parseCursor(text, 'other')).toThrow('another list')
      },
    ),
  )
})

test('words have no case, accents or punctuation, and each is the first word of itself', () => {
  expect(tokenize("Élan vital, 2nd ed. — O'Neil ﬁn İstanbul")).toEqual([
    'elan',
    'vital',
    '2nd',
    'ed',
    'o',
    'neil',
    'fin',
    'istanbul',
  ])
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (text) => {
      for (const word of tokenize(text)) expect(tokenize(word)[0]).toBe(word)
    }),
  )
})
