import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseFilter } from '../filter/parse-filter.ts'
import { canonicalText, hasCanonicalText } from './canonical-text.ts'
import { Noun } from './noun.ts'
import { validateCreate } from './validate.ts'

const { $schema } = Noun('Shop', {
  email: 'email##',
  others: 'email[]',
  slug: 'string##',
  domain: 'string',
  name: 'string',
  subdomain: 'A | B',
})
const context = { schema: $schema, lookup: () => undefined }
const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1_000_000))

test('emails, slugs and domains have one spelling, and other fields keep theirs', () => {
  const names = Object.values($schema.fields).filter(hasCanonicalText)
  expect(names.map(({ name }) => name)).toEqual(['email', 'others', 'slug', 'domain'])
  const email = 'Jose\u0301@Example.COM'
  expect(
    validateCreate($schema, { email, others: [email], slug: 'A-B', domain: 'EXAMPLE.com', name: 'A', subdomain: 'A' }),
  ).toMatchObject({
    fields: {
      email: 'jos\u00e9@example.com',
      others: ['jos\u00e9@example.com'],
      slug: 'a-b',
      domain: 'example.com',
      name: 'A',
      subdomain: 'A',
    },
  })
})

test(`any case and composition of a text has the same canonical form, which is its own (seed ${seed})`, () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', 'Z', 'é', 'Å', 'ñ', 'Ω', 'я', '1', '-', 'ü') }), (text) => {
      const canonical = canonicalText(text)
      for (const spelled of [text.toUpperCase(), text.normalize('NFD'), text.toLowerCase().normalize('NFD'), canonical])
        expect(canonicalText(spelled)).toBe(canonical)
    }),
    { seed, numRuns: 300 },
  )
})

test('a filter finds the canonical spelling, and values from before the rule by the spelling that was sent', () => {
  expect(parseFilter({ email: 'a@b.c' }, context)).toMatchObject({ kind: 'compare', op: 'eq', value: 'a@b.c' })
  expect(parseFilter({ email: 'A@b.c' }, context)).toMatchObject({ kind: 'in', values: ['a@b.c', 'A@b.c'] })
  expect(parseFilter({ slug: { $in: ['X', 'y'] } }, context)).toMatchObject({ kind: 'in', values: ['x', 'X', 'y'] })
  expect(parseFilter({ email: { $gt: 'M' } }, context)).toMatchObject({ kind: 'compare', op: 'gt', value: 'm' })
  expect(parseFilter({ name: 'A' }, context)).toMatchObject({ kind: 'compare', value: 'A' })
})
