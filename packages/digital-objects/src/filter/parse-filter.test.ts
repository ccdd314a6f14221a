import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Noun } from '../noun/noun.ts'
import { fieldParametersToFilter, parseFilter, parseFilterText } from './parse-filter.ts'

const { $schema: Deal } = Noun('Deal', {
  name: 'string',
  value: 'number',
  closedAt: 'datetime',
  day: 'date',
  isOpen: 'boolean',
  seats: 'integer(0..9)',
  price: 'money',
  currency: 'string',
  mail: 'email',
  site: 'url',
  note: 'text',
  other: 'id',
  stage: 'New | Won',
  moods: '(Calm | Busy)[]',
  sizes: 'number[]',
  friends: '-> User.befriended[]',
  tags: 'string[]',
  extra: 'json',
  owner: '-> User',
  partner: '-> User | Team',
})
const { $schema: User } = Noun('User', {
  name: 'string',
  deals: '<- Deal.owner[]',
  befriended: '<- Deal.friends[]',
})
const { $schema: Team } = Noun('Team', { name: 'string', size: 'number' })
const context = { schema: Deal, lookup: (name: string) => [Deal, User, Team].find((noun) => noun.name === name) }
const parse = (filter: unknown) => parseFilter(filter, context)
const path = (field: string, storage: string) => ({ steps: [], field, storage, keys: [] })

describe('a filter is parsed into data', () => {
  const value = path('value', 'real')
  test.each([
    [{ value: 1 }, { kind: 'compare', path: value, op: 'eq', value: 1 }],
    [{ value: null }, { kind: 'not', of: { kind: 'exists', path: value } }],
    [{ value: { $ne: 1 } }, { kind: 'not', of: { kind: 'compare', path: value, op: 'eq', value: 1 } }],
    [
      { value: { $in: [1, 1, null] } },
      {
        kind: 'or',
        of: [
          { kind: 'in', path: value, values: [1] },
          { kind: 'not', of: { kind: 'exists', path: value } },
        ],
      },
    ],
    [
      { closedAt: '2026-01-15T12:00:00+02:00' },
      { kind: 'compare', path: path('closedAt', 'time'), op: 'eq', value: Date.UTC(2026, 0, 15, 10) },
    ],
    [{ tags: { $gt: 'a' } }, { kind: 'compare', path: path('tags', 'text[]'), op: 'gt', value: 'a' }],
    [{ tags: [] }, { kind: 'not', of: { kind: 'exists', path: path('tags', 'text[]') } }],
    [
      { value: { $lte: { $field: '$version' } } },
      { kind: 'compareFields', path: value, op: 'lte', other: path('$version', 'real') },
    ],
    [{ $text: 'Ada ada' }, { kind: 'text', words: ['ada'] }],
    [
      { value: 1, isOpen: true },
      { kind: 'and', of: [expect.anything(), expect.anything()] },
    ],
  ])('%j', (filter, parsed) => {
    expect(parse(filter)).toEqual(parsed)
  })

  test('a path through a reference to several Nouns is followed to each Noun that has the field', () => {
    expect(parse({ 'partner.name': 'a' })).toMatchObject({
      kind: 'or',
      of: [{ path: { steps: [{ to: 'User' }] } }, { path: { steps: [{ to: 'Team' }] } }],
    })
    expect(parse({ 'partner.size': 1 })).toMatchObject({ kind: 'compare', path: { steps: [{ to: 'Team' }] } })
  })
})

test.each([
  [7, 'filter', 'a filter expects an object, got 7'],
  [{ vlaue: 1 }, 'vlaue', "did you mean 'value'?"],
  [{ value: {} }, 'value', 'expects a value or operators'],
  [{ value: { $gtt: 1 } }, 'value', "unknown operator '$gtt'"],
  [{ $gt: 1 }, '$gt', '$gt belongs to a field'],
  [{ $where: 'x' }, '$where', "unknown operator '$where'"],
  [{ value: Number.NaN }, 'value', 'expects a finite number'],
  [{ stage: 'Lost' }, 'stage', 'stage expects one of New, Won, got "Lost"'],
  [{ closedAt: 'soon' }, 'closedAt', 'expects a timestamp such as'],
  [{ day: '2026-02-30' }, 'day', 'expects a date such as'],
  [{ value: { $in: 1 } }, 'value', 'expects a list, got 1'],
  [{ tags: ['a', 'b'] }, 'tags', 'expects a string, got a list'],
  [{ name: [] }, 'name', 'expects a string, got a list'],
  [{ 'tags.length': 1 }, 'tags.length', 'Deal.tags is a list and has no parts'],
  [{ 'value.x': 1 }, 'value.x', 'is a number and has no parts'],
  [{ 'extra.a b': 1 }, 'extra.a b', 'a key inside json expects letters, digits, _ and -'],
  [{ 'owner.deals.name.x': 1 }, 'owner.deals.name.x', 'a path has at most 3 parts'],
  [{ $context: 'x' }, '$context', 'it is the same for all entities of a list'],
  [{ value: { $gt: { $field: 'name' } } }, 'value', 'value is a number and name is a string: they cannot be compared'],
  [{ value: { $gt: { $field: 'tags' } } }, 'tags', '$field compares single values, tags is a list'],
  [{ extra: { $gt: { $field: 'value' } } }, 'extra', '$field compares single values, extra is json'],
  [{ name: { $eq: { $field: 'owner.name' } } }, 'owner.name', 'owner.name crosses a relation'],
  [{ value: { $gt: { $field: 'vlaue' } } }, 'vlaue', "did you mean 'value'?"],
  [{ value: { $gt: { $field: 'value', $add: 1 } } }, 'value', 'and nothing else'],
  [{ name: { $regex: 'a'.repeat(1_001) } }, 'name', 'a pattern of at most 1000 characters'],
  [{ name: { $regex: 'a', $options: 'g' } }, 'name', "$options expects 'i'"],
  [{ $text: ' ' }, '$text', 'at least one word'],
  [{ $or: Array.from({ length: 65 }, () => ({ value: 1 })) }, 'filter', 'at most 64 conditions'],
  [JSON.parse(`${'{"$not":'.repeat(20)}{}${'}'.repeat(20)}`), 'filter', 'nested at most 16 deep'],
])('%j is refused', (filter, field, message) => {
  expect(() => parse(filter)).toThrow(
    expect.objectContaining({ code: 'invalid_filter', field, message: expect.stringContaining(message) }),
  )
})

test('a filter in a URL is JSON, or bare parameters that are parsed by the types of their fields', () => {
  expect(parseFilterText('{"value":1}', context)).toEqual(parse({ value: 1 }))
  expect(() => parseFilterText('{value:1}', context)).toThrow(/filter expects JSON/)
  expect(fieldParametersToFilter({ value: '1e3', isOpen: '1', tags: 'a', stage: '' }, context)).toEqual(
    parse({ $and: [{ value: 1000 }, { isOpen: true }, { tags: 'a' }, { stage: null }] }),
  )
  expect(fieldParametersToFilter({}, context)).toEqual({ kind: 'and', of: [] })
  expect(() => fieldParametersToFilter({ value: 'x' }, context)).toThrow('value expects a number, got "x"')
  expect(() => fieldParametersToFilter({ isOpen: 'maybe' }, context)).toThrow('isOpen expects true or false')
  expect(() => fieldParametersToFilter({ value: '9007199254740993' }, context)).toThrow('value expects a number that')
  expect(() => parseFilterText('{"$not":{"extra.a":{"$in":[1,9007199254740993]}}}', context)).toThrow(
    'extra.a expects a number that a double holds exactly, got 9007199254740993',
  )
  expect(() => fieldParametersToFilter({ extra: '{}' }, context)).toThrow('extra is json')
})

describe('a literal that its field cannot hold is refused', () => {
  const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1_000_000))
  const literals = {
    string: 'x',
    numeral: '5',
    number: 5,
    boolean: true,
    timestamp: '2026-01-15T10:00:00Z',
    date: '2026-01-15',
    value: 'New',
    mood: 'Calm',
    user: 'user_000000000000',
    deal: 'deal_000000000000',
    object: { a: 1 },
    list: ['x'],
    ms: 1_767_225_600_000,
  }
  const strings = ['string', 'numeral', 'timestamp', 'date', 'value', 'mood', 'user', 'deal']
  const numbers = ['number', 'ms']
  const accepted: Readonly<Record<string, readonly string[]>> = {
    name: strings,
    note: strings,
    mail: strings,
    site: strings,
    other: strings,
    tags: strings,
    value: numbers,
    seats: numbers,
    price: numbers,
    sizes: numbers,
    isOpen: ['boolean'],
    closedAt: ['timestamp'],
    day: ['date'],
    stage: ['value'],
    moods: ['mood'],
    owner: ['user'],
    friends: ['user'],
    partner: ['user'],
    extra: [...strings, ...numbers, 'boolean'],
    'extra.a.b': [...strings, ...numbers, 'boolean'],
    'owner.name': strings,
    'owner.deals.stage': ['value'],
    'owner.deals': ['deal'],
    'partner.size': numbers,
    $id: ['deal'],
    'owner.$id': ['user'],
    $version: numbers,
    $createdAt: ['timestamp'],
    $createdBy: strings,
  }
  const conditions: Readonly<Record<string, (literal: unknown) => unknown>> = {
    $eq: (literal) => ({ $eq: literal }),
    $ne: (literal) => ({ $ne: literal }),
    $gt: (literal) => ({ $gt: literal }),
    $lte: (literal) => ({ $lte: literal }),
    $in: (literal) => ({ $in: [null, literal] }),
    $nin: (literal) => ({ $nin: [literal] }),
    $not: (literal) => ({ $not: { $eq: literal } }),
  }
  const around: readonly ((filter: object) => object)[] = [
    (filter) => filter,
    (filter) => ({ $and: [{ name: 'a' }, filter] }),
    (filter) => ({ $or: [filter, {}] }),
    (filter) => ({ $not: filter }),
  ]

  test(`whatever the field, the operator and the place (seed ${seed})`, () => {
    const one = fc.tuple(
      fc.constantFrom(...Object.entries(accepted)),
      fc.constantFrom(...Object.entries(literals)),
      fc.constantFrom(...Object.entries(conditions)),
      fc.constantFrom(...around),
    )
    fc.assert(
      fc.property(one, ([[field, kinds], [kind, literal], [, condition], wrap]) => {
        const filter = wrap({ [field]: condition(literal) })
        if (kinds.includes(kind)) {
          expect(() => parse(filter)).not.toThrow()
          return
        }

        const named = field.replaceAll(/[$.]/g, (character) => `\\${character}`)
        const sentence = new RegExp(`^${named}(\\.\\$\\w+)? expects .+, got .+$`)
        expect(() => parse(filter)).toThrow(
          expect.objectContaining({ code: 'invalid_filter', field, message: expect.stringMatching(sentence) }),
        )
      }),
      { seed, numRuns: 2_000 },
    )
  })

  test.each([
    [{ value: { $gt: null } }, 'value.$gt expects a finite number, got null'],
    [{ tags: { $gt: [] } }, 'tags.$gt expects a string, got null'],
    [{ value: { $regex: '5' } }, 'value.$regex expects a field that holds strings, and value holds none'],
    [{ stage: { $gte: 'Lost' } }, 'stage.$gte expects one of New, Won, got "Lost"'],
    [{ owner: 'x' }, 'owner expects the id of a User, got "x"'],
    [{ partner: 'deal_000000000000' }, 'partner expects the id of a User or a Team, got "deal_000000000000"'],
  ])('%j', (filter, message) => {
    expect(() => parse(filter)).toThrow(message)
  })

  test('a literal fits if one of the Nouns at the end of its path can hold it', () => {
    const [Person, Firm] = [Noun('Person', { size: 'string' }).$schema, Noun('Firm', { size: 'number' }).$schema]
    const { $schema: schema } = Noun('Order', { buyer: '-> Person | Firm' })
    const buyers = { schema, lookup: (name: string) => [Person, Firm].find((noun) => noun.name === name) }
    expect(parseFilter({ 'buyer.size': 'S' }, buyers)).toMatchObject({
      of: [
        { kind: 'compare', path: { storage: 'text' } },
        { kind: 'or', of: [] },
      ],
    })
    expect(() => parseFilter({ 'buyer.size': true }, buyers)).toThrow('a string, or a finite number, got true')
  })

  test("the caller's id in a rule of its authority may be no id of the field's Noun, and then matches nothing", () => {
    expect(() => parse({ owner: 'ci-bot' })).toThrow('owner expects the id of a User')
    expect(parseFilter({ owner: 'ci-bot' }, { ...context, principal: 'ci-bot' })).toMatchObject({ value: 'ci-bot' })
  })
})
