import { expect, test } from 'vitest'
import { makeNoun } from './noun.ts'
import { parseField } from './parse-field.ts'
import { validateCreate, validateUpdate } from './validate.ts'

const parse = (text: string, name = 'f') => parseField({ noun: 'X', name }, text)
const plain = { name: 'f', many: false, required: false, indexed: false, unique: false, personal: false }

test.each([
  ['string', { kind: 'data', type: 'string' }],
  ['text!', { kind: 'data', type: 'text', required: true }],
  ['integer?#', { kind: 'data', type: 'integer', indexed: true }],
  ['integer(0..100)', { kind: 'data', type: 'integer', min: 0, max: 100 }],
  [
    'integer (1..) ! ## = 7',
    { kind: 'data', type: 'integer', min: 1, required: true, indexed: true, unique: true, default: 7 },
  ],
  ['number(..-0.5)', { kind: 'data', type: 'number', max: -0.5 }],
  ['number(-1e3..1.5e3)', { kind: 'data', type: 'number', min: -1000, max: 1500 }],
  ['money(0..) = 1999', { kind: 'data', type: 'money', min: 0, default: 1999 }],
  ['email?## personal', { kind: 'data', type: 'email', indexed: true, unique: true, personal: true }],
  ['json? merged', { kind: 'data', type: 'json', merged: true }],
  [
    'json! personal merged = {"a":1}',
    { kind: 'data', type: 'json', required: true, personal: true, merged: true, default: { a: 1 } },
  ],
  [
    '-> Contact.account##',
    { kind: 'reference', to: ['Contact'], inverse: 'account', onDelete: 'clear', indexed: true, unique: true },
  ],
  ['string personal = a = b', { kind: 'data', type: 'string', personal: true, default: 'a = b' }],
  ['string = a | b', { kind: 'data', type: 'string', default: 'a | b' }],
  ['boolean = false', { kind: 'data', type: 'boolean', default: false }],
  ['date = 2026-01-15', { kind: 'data', type: 'date', default: '2026-01-15' }],
  ['datetime = 2026-01-15T12:00:00+02:00', { kind: 'data', type: 'datetime', default: '2026-01-15T10:00:00.000Z' }],
  ['url = https://example.com', { kind: 'data', type: 'url', default: 'https://example.com' }],
  ['json = {"a":[1]}', { kind: 'data', type: 'json', default: { a: [1] } }],
  ['A | B personal = B', { kind: 'enum', values: ['A', 'B'], personal: true, default: 'B' }],
  [
    '-> User | Contact! personal',
    { kind: 'reference', to: ['User', 'Contact'], onDelete: 'clear', required: true, indexed: true, personal: true },
  ],
  ['string[]', { kind: 'data', type: 'string', many: true }],
  [
    'integer(0..5) [] ! # = [1, 5]',
    { kind: 'data', type: 'integer', min: 0, max: 5, many: true, required: true, indexed: true, default: [1, 5] },
  ],
  ['email[]? personal', { kind: 'data', type: 'email', many: true, personal: true }],
  ['(A | B)[]', { kind: 'enum', values: ['A', 'B'], many: true }],
  ['(A | B)[]# = ["B", "B"]', { kind: 'enum', values: ['A', 'B'], many: true, indexed: true, default: ['B', 'B'] }],
  ['(A | B)!', { kind: 'enum', values: ['A', 'B'], required: true }],
  [
    '-> Tag.things[]',
    { kind: 'reference', to: ['Tag'], onDelete: 'clear', inverse: 'things', many: true, indexed: true },
  ],
] as const)('%s', (text, field) => {
  expect(parse(text)).toEqual({ ...plain, ...field })
})

test.each([
  ['strng', "expects a type such as 'string!', an enum 'A | B'"],
  ['integer(100..0)', 'expects a range such as integer(0..100), integer(0..) or integer(..100)'],
  ['integer(..)', 'expects a range'],
  ['integer()', 'expects a range'],
  ['integer(1)', 'expects a range'],
  ['integer(0..1.5)', 'expects a range'],
  ['integer(0..9007199254740992)', 'expects a range'],
  ['number(a..b)', 'expects a range'],
  ['number(1..2..3)', 'expects a range'],
  ['string(0..5)', 'expects a range on number, integer, money only'],
  ['text#', 'expects a text without an index: $text searches its words'],
  ['json#', "a path in it is indexed by 'indexes'"],
  ['integer = 1.5', 'a default that the field accepts: it expects a whole number, got 1.5'],
  ['integer(0..5) = 6', 'it expects a whole number from 0 to 5, got 6'],
  ['money = 19.99', 'it expects a whole number of minor units, such as 1999 for 19.99, got 19.99'],
  ['number = ', 'it expects a number, got ""'],
  ['boolean = maybe', 'it expects a boolean, got "maybe"'],
  ['date = 2026-02-30', 'it expects a date such as 2026-01-15'],
  ['json = {', 'it expects JSON'],
  ['-> User = user_1', "expects a relation such as '-> Organization.contacts'"],
  ['-> User[]##', 'a list without ##'],
  ['-> User | *', 'expects a relation'],
  ['<- Deal.contact[]!', "expects a reverse relation such as '<- Deal.contact[]'"],
  ['string[]##', 'a list without ##'],
  ['text[]', 'a list of string, number, integer, url, email, id or enum values'],
  ['json[]', 'a list of string, number'],
  ['money[]', 'a list of string, number'],
  ['A | B[]', "a list of enum values such as '(Red | Blue)[]'"],
  ['string[] = a', 'it expects a list'],
  ['string[] = []', 'a default that is not an empty list, which counts as missing'],
  ['(A | B)[] = ["C"]', 'a default that is a JSON list of its values'],
  ['string[][]', 'expects a type'],
  ['string # !', 'expects a type'],
  ['Qualified!', 'expects a type'],
])('%s is refused', (text, message) => {
  expect(() => parse(text)).toThrow(
    expect.objectContaining({ code: 'invalid_definition', field: 'f', message: expect.stringContaining(message) }),
  )
})

test('an amount of money requires a field `currency` beside it', () => {
  expect(() => makeNoun('X', { fields: { price: 'money' } })).toThrow(/price|X: money expects a field 'currency'/)
  expect(() => makeNoun('X', { fields: { price: 'money', currency: 'number' } })).toThrow(/'currency'/)
  expect(
    makeNoun('X', { fields: { price: 'money', currency: 'EUR | USD = EUR' } }).$schema.fields['price'],
  ).toBeDefined()
})

test('names that differ only in letter case are refused', () => {
  expect(() => makeNoun('X', { fields: { externalId: 'string', externalid: 'string' } })).toThrow(
    /'externalId' and 'externalid' differ only in letter case/,
  )
})

const { $schema: priced } = makeNoun('X', {
  fields: {
    amount: 'integer(1..10) = 1',
    price: 'money(0..)',
    share: 'number(..1)',
    currency: 'string = EUR',
    note: 'text',
  },
})
test.each([
  [{}, { amount: 1, currency: 'EUR' }],
  [
    { amount: 10, price: 0, share: -0, note: 'a' },
    { amount: 10, price: 0, share: 0, note: 'a', currency: 'EUR' },
  ],
  [{ amount: 0 }, 'expects a whole number from 1 to 10, got 0'],
  [{ amount: 1.5 }, 'expects a whole number from 1 to 10, got 1.5'],
  [{ amount: '2' }, 'expects a whole number from 1 to 10, got "2"'],
  [{ price: -1 }, 'expects a whole number of minor units, such as 1999 for 19.99 from 0, got -1'],
  [{ price: 2 ** 53 }, 'expects a whole number of minor units'],
  [{ share: 1.01 }, 'expects a number to 1, got 1.01'],
  [{ share: Number.NaN }, 'expects a number to 1, got NaN'],
  [{ note: 7 }, 'expects a string, got 7'],
])('%j', (body, expected) => {
  const validated = validateCreate(priced, body)
  if (validated.ok) expect(validated.fields).toEqual(expected)
  else expect(validated.faults[0]?.message).toContain(expected)
})
test('a text field is searchable, whatever its name', () => {
  expect(priced.searchable).toEqual(['note'])
})

const { $schema: listed } = makeNoun('X', {
  fields: { tags: 'string[]', sizes: 'integer(0..9)[]', colors: '(Red | Blue)[]!', links: '-> X[]' },
})
const linked = 'x_000000000000'
test.each([
  [{ colors: ['Red', 'Red'], tags: [] }, { colors: ['Red', 'Red'] }],
  [
    { colors: ['Blue'], tags: ['b', 'a'], sizes: [-0, 9], links: [linked] },
    { colors: ['Blue'], tags: ['b', 'a'], sizes: [0, 9], links: [linked] },
  ],
  [{ colors: [] }, 'colors is required'],
  [{ colors: 'Red' }, 'colors expects a list, got "Red"'],
  [{ colors: ['Green'] }, 'colors.0 expects one of Red, Blue, got "Green"'],
  [{ colors: ['Red'], tags: ['a', null] }, 'tags.1 expects a string, got null'],
  [{ colors: ['Red'], sizes: [1, 10] }, 'sizes.1 expects a whole number from 0 to 9, got 10'],
  [{ colors: ['Red'], links: ['y_000000000000'] }, 'links.0 expects the id of a X'],
  [
    { colors: ['Red'], tags: Array.from({ length: 1_001 }, () => 'a') },
    'tags expects a list of at most 1000 values, got 1001',
  ],
])('%j', (body, expected) => {
  const validated = validateCreate(listed, body)
  if (validated.ok) expect(validated.fields).toEqual(expected)
  else expect(validated.faults.map(({ field, message }) => `${field} ${message}`).join()).toContain(expected)
})
test('an empty list in an update clears the field, unless the field is required', () => {
  expect(validateUpdate(listed, { tags: [] })).toEqual({ ok: true, fields: { tags: null } })
  expect(validateUpdate(listed, { colors: [] })).toMatchObject({ faults: [{ field: 'colors' }] })
})
