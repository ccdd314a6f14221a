// Masked rows of the log give the masked texts, whatever the order of masking and reading.

import { type EntityFields, Noun, personalMarks, withoutPersonal } from 'digital-objects'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { applyPatch, changesBetween } from './entity-text.ts'
import { maskTexts } from './masked-texts.ts'

const Visit = Noun('Visit', {
  name: 'string! personal',
  nick: 'string? personal',
  notes: 'json? personal',
  words: 'string[] personal',
  fee: 'number?',
  place: 'string?',
}).$schema
const order = Object.keys(Visit.fields)
const masked = { marks: personalMarks(Visit), id: 'visit_1VbZ0kQ3x9Ta' }

const text = fc.constantFrom('Jane', 'Joan', 'Erased', 'erased', '')
const fields: fc.Arbitrary<EntityFields> = fc
  .record(
    {
      name: text,
      nick: text,
      notes: fc.oneof(text, fc.record({ a: text })),
      words: fc.array(text, { minLength: 1, maxLength: 2 }),
      fee: fc.integer({ min: 0, max: 3 }),
      place: text,
    },
    { requiredKeys: [] },
  )
  .map((given) =>
    Object.fromEntries(
      order.flatMap((name) => (name in given ? [[name, given[name as keyof typeof given] ?? '']] : [])),
    ),
  )

test('a masked patch on a masked entity gives the masked entity, and its differences are the masked ones', () => {
  fc.assert(
    fc.property(fields, fields, (before, after) => {
      const { changes, patch } = changesBetween(before, after)
      const [was, is] = [withoutPersonal(before, masked), withoutPersonal(after, masked)]
      const maskedPatch = maskTexts({ data: '', changes: patch }, { ...masked, isPatch: true }).changes ?? ''
      expect(JSON.stringify(applyPatch(was, maskedPatch, order))).toBe(JSON.stringify(is))
      const event = { data: JSON.stringify(after), changes }
      const once = maskTexts(event, { ...masked, isPatch: false })
      expect(once).toEqual({ data: JSON.stringify(is), changes: changesBetween(was, is).changes })
      expect(maskTexts(once, { ...masked, isPatch: false })).toEqual(once)
      expect(maskTexts({ data: '', changes: maskedPatch }, { ...masked, isPatch: true }).changes).toBe(maskedPatch)
    }),
    { numRuns: 500 },
  )
})

test('no personal value is left in any form', () => {
  const secret = 'PLANTED'
  const of = { name: secret, nick: secret, notes: { a: [secret] }, words: [secret], fee: 1 }
  const { changes, patch } = changesBetween({ ...of, place: 'x' }, { name: `${secret}2`, notes: { b: secret } })
  const rows = [
    maskTexts({ data: JSON.stringify(of), changes: null }, { ...masked, isPatch: false }),
    maskTexts({ data: '', changes: patch }, { ...masked, isPatch: true }),
    maskTexts({ data: JSON.stringify({ $type: 'Visit', ...of }), changes }, { ...masked, isPatch: false }),
  ]
  expect(JSON.stringify(rows)).not.toContain(secret)
  expect(rows[0]?.data).toBe('{"name":"erased","fee":1}')
})
