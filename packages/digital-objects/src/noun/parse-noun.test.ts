import { expect, test } from 'vitest'
import { nouns } from '../nouns/all-nouns.ts'
import { makeNoun, Noun } from './noun.ts'
import { parseNoun } from './parse-noun.ts'

const vehicle = {
  fields: {
    name: 'string!',
    mood: 'Calm | Busy | Broken',
    owner: '-> Organization',
    metadata: 'json?',
    drive: 'Driven',
    crash: 'Crashed',
    delete: null,
  },
  about: 'Something that drives.',
  descriptions: { name: 'How people call it.', drive: 'Starts a journey.', update: 'Changes its fields.' },
  indexes: [{ path: 'metadata.externalId', unique: true }, { path: 'metadata.color.name' }],
  state: 'mood',
  transitions: [
    { from: [], verb: 'create', to: 'Calm' },
    { from: ['Calm'], verb: 'drive', to: 'Busy' },
    { from: ['Calm', 'Busy'], verb: 'crash', to: 'Broken', irreversible: true },
  ],
  categories: { Broken: 'lost' },
  effects: { drive: { sets: { name: { kind: 'first', of: [{ kind: 'argument', name: 'name' }, { kind: 'now' }] } } } },
}

test('a Noun from JSON equals the Noun that the same definition makes in code', () => {
  const { fields, ...options } = vehicle
  const parsed = parseNoun('Vehicle', JSON.parse(JSON.stringify(vehicle)))
  expect(parsed.$schema).toEqual(makeNoun('Vehicle', { fields, ...(options as object) }).$schema)
  expect(parsed.$schema).toMatchObject({
    about: 'Something that drives.',
    fields: { name: { description: 'How people call it.' } },
    verbs: { drive: { description: 'Starts a journey.' }, update: { description: 'Changes its fields.' } },
    indexes: [
      { path: 'metadata.externalId', field: 'metadata', keys: ['externalId'], unique: true },
      { path: 'metadata.color.name', field: 'metadata', keys: ['color', 'name'], unique: false },
    ],
    state: 'mood',
    transitions: [
      { from: [], verb: 'create', to: 'Calm', irreversible: false },
      { from: ['Calm'], verb: 'drive', to: 'Busy', irreversible: false },
      { from: ['Calm', 'Busy'], verb: 'crash', to: 'Broken', irreversible: true },
    ],
    categories: { Broken: 'lost' },
  })
})

test('the definition in a schema makes the same schema again, also for the 35 built-in Nouns', () => {
  const own = parseNoun('Vehicle', vehicle).$schema
  expect(own.definition).toEqual(vehicle)
  for (const { $schema } of [...Object.values(nouns), { $schema: own }])
    expect(parseNoun($schema.name, JSON.parse(JSON.stringify($schema.definition))).$schema).toEqual($schema)
})

test('descriptions do not change the version, and every other part does', () => {
  const { fields, effects } = vehicle
  const plain = parseNoun('Vehicle', { fields, effects }).$schema.version
  const { about, descriptions, indexes, state, transitions, categories } = vehicle
  expect(parseNoun('Vehicle', { fields, effects, about, descriptions }).$schema.version).toBe(plain)
  const others = [
    { fields, effects, indexes },
    { fields, effects, state },
    { fields, effects, state, transitions },
    { fields, effects, state, categories },
    { fields: { ...fields, color: 'string?' }, effects },
    { fields },
  ].map((definition) => parseNoun('Vehicle', definition).$schema.version)
  expect(new Set([plain, ...others]).size).toBe(others.length + 1)
})

test('the definition in a schema is frozen, and the given object is not', () => {
  const fields = { name: 'string!' }
  const { $schema, $definition } = makeNoun('Vehicle', { fields })
  expect(Object.isFrozen($schema.definition.fields) && Object.isFrozen($definition)).toBe(true)
  expect(Object.isFrozen(fields)).toBe(false)
})

const { fields } = vehicle
const rows = (...transitions: object[]) => ({ fields, state: 'mood', transitions })
test.each([
  ['definition', 7, 'an object such as {"fields":{"name":"string!"}}, got 7'],
  ['definition', [], 'an object'],
  ['feilds', { feilds: {} }, "did you mean 'fields'?"],
  ['fields', {}, 'an object such as {"name":"string!"}, got nothing'],
  ['fields', { fields: {} }, '1 to 250 fields and verbs, got 0'],
  ['name', { fields: { name: 7 } }, 'a string of 1 to 1000 characters, got 7'],
  ['name', { fields: { name: 'strin' } }, "got 'strin'"],
  ['Name', { fields: { Name: 'string' } }, "'Name' cannot be the name of a field or verb"],
  ['fields', { fields: Object.fromEntries(Array.from({ length: 81 }, (_, at) => [`f${at}`, 'string'])) }, 'at most 80'],
  ['about', { fields, about: 7 }, 'a string'],
  ['about', { fields, about: 'two\nlines' }, 'one line of at most 300 characters'],
  ['descriptions', { fields, descriptions: [] }, 'an object of strings, got []'],
  ['descriptions', { fields, descriptions: { color: 'x' } }, "unknown field or verb 'color'"],
  ['descriptions', { fields, descriptions: { delete: 'x' } }, "unknown field or verb 'delete'"],
  ['name', { fields, descriptions: { name: 'x'.repeat(301) } }, 'at most 300 characters, got 301'],
  ['indexes', { fields, indexes: {} }, 'a list, got {}'],
  ['indexes[0]', { fields, indexes: [7] }, 'an object with path, unique, got 7'],
  ['indexes[0].path', { fields, indexes: [{ unique: true }] }, 'got nothing'],
  ['indexes[0].unique', { fields, indexes: [{ path: 'metadata.a', unique: 1 }] }, 'true or false, got 1'],
  ['indexes', { fields, indexes: [{ path: 'metadata' }] }, "a path into a json field such as 'metadata.externalId'"],
  ['indexes', { fields, indexes: [{ path: 'name.a' }] }, "got 'name.a'"],
  ['indexes', { fields, indexes: [{ path: 'metadata.a.b.c' }] }, "got 'metadata.a.b.c'"],
  ['indexes', { fields, indexes: [{ path: 'metadata.a"b' }] }, 'got'],
  ['indexes', { fields, indexes: [{ path: 'metadata.a' }, { path: 'metadata.a' }] }, "got 'metadata.a' twice"],
  ['state', { fields, state: 'name' }, "the name of an enum field, got 'name'"],
  ['transitions', { fields, transitions: [{ from: [], verb: 'create', to: 'Calm' }] }, 'a state field beside it'],
  ['categories', { fields, categories: { Calm: 'x' } }, 'a state field beside it'],
  ['transitions[0]', rows({ from: ['Calm'], verb: 'drive', to: 'Bussy' }), "(Calm, Busy, Broken), got 'Bussy'"],
  ['transitions[0]', rows({ from: ['Calm'], verb: 'fly', to: 'Busy' }), "a custom verb, got 'fly'"],
  [
    'transitions[0]',
    rows({ from: [], verb: 'drive', to: 'Busy' }),
    'a value in from, which only a verb that creates may leave empty',
  ],
  ['transitions[0]', rows({ from: ['Calm'], verb: 'create', to: 'Busy' }), 'from to be empty for create'],
  ['transitions[0]', rows({ from: ['Calm'], verb: 'drive', to: 'Busy', hard: true }), "not 'hard'"],
  ['transitions[0].from', rows({ from: 'Calm', verb: 'drive', to: 'Busy' }), 'a list, got "Calm"'],
  ['categories', { fields, state: 'mood', categories: { Flying: 'won' } }, "got 'Flying'"],
  ['categories', { fields, state: 'mood', categories: { Calm: 'Won' } }, 'one word in camelCase'],
  [
    'effects.drive',
    { fields, effects: { drive: { sets: { name: { kind: 'nowish' } } } } },
    'sets.name expects an object whose kind is one of literal, now',
  ],
  ['effects.drive', { fields, effects: { drive: { sets: { name: { kind: 'now', at: 1 } } } } }, "not 'at'"],
  ['effects.drive', { fields, effects: { drive: { sets: { name: { kind: 'add' } } } } }, 'amount, which is missing'],
  ['effects.drive', { fields, effects: { drive: { set: {} } } }, "not 'set'"],
  ['effects.fly', { fields, effects: { fly: {} } }, "unknown verb 'fly'"],
  [
    'effects.drive',
    { fields, effects: { drive: { sets: { color: { kind: 'now' } } } } },
    "unknown stored field 'color'",
  ],
] as const)('a wrong definition is refused at %s', (field, definition, message) => {
  expect(() => parseNoun('Vehicle', definition)).toThrow(
    expect.objectContaining({ code: 'invalid_definition', field, message: expect.stringContaining(message) }),
  )
})

test('an effect that is nested too deeply is refused', () => {
  let effect: object = { kind: 'now' }
  for (let depth = 0; depth < 30; depth++) effect = { kind: 'ifEmpty', value: effect }
  expect(() => parseNoun('Vehicle', { fields, effects: { drive: { sets: { name: effect } } } })).toThrow(
    /at most 24 levels/,
  )
})

test('names of inherited properties are ordinary names', () => {
  const strange = JSON.parse('{"fields":{"name":"string","__proto__":"string"}}') as object
  expect(() => parseNoun('Vehicle', strange)).toThrow(/'__proto__' cannot be the name/)
  expect(Noun('Vehicle', { isPrototypeOf: 'string?' }).$schema.fields['isPrototypeOf']).toMatchObject({
    type: 'string',
  })
})
