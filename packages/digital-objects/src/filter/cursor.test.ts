import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Cursor, formatCursor, parseCursor } from './cursor.ts'

const anyCursor: fc.Arbitrary<Cursor> = fc.record({
  values: fc.array(
    fc.oneof(fc.string({ unit: 'grapheme' }), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constant(null)),
    {
      maxLength: 4,
    },
  ),
  id: fc.string({ unit: 'grapheme' }),
})
const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1_000_000))

test(`a cursor survives a round trip and is safe in a URL (seed ${seed})`, () => {
  fc.assert(
    fc.property(anyCursor, fc.string(), (cursor, list) => {
      const text = formatCursor(cursor, list)
      expect(encodeURIComponent(text)).toBe(text)
      expect(parseCursor(text, list)).toEqual(JSON.parse(JSON.stringify(cursor))) // JSON has no -0
    }),
    { seed, numRuns: 300 },
  )
})

test('the cursor of another list is refused', () => {
  const text = formatCursor({ values: [1], id: 'a' }, 'Deal by value')
  expect(() => parseCursor(text, 'Deal by name')).toThrow(/cursor belongs to another list/)
})

const list = 'Deal'
test.each([
  '',
  'x',
  '~zzzzz_',
  formatCursor({ values: [], id: 'a' }, list).slice(0, -3),
  formatCursor({ values: [], id: 'a' }, list).replace('1', '2'),
  formatCursor({ values: [true as unknown as null], id: 'a' }, list),
  'a'.repeat(8_193),
])('%j is not a cursor', (text) => {
  expect(() => parseCursor(text, list)).toThrow(
    expect.objectContaining({
      code: 'invalid_cursor',
      field: 'cursor',
      message: 'cursor expects the cursor of an earlier page',
    }),
  )
})
